"""What the catalogue's TPU slices say of things that are named otherwise: Compute Engine's machines, a node's slice."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from trainyard.facts.offer import Offer, load_machine_offers, load_offers
from trainyard.facts.price import Price, Unknown, scaled
from trainyard.facts.tpu import of_machine_type, of_slice_name


@cache
def tpu_offers() -> tuple[Offer, ...]:
    """The slices of Google Cloud's catalogue, without GPU machines."""
    return load_offers("gcp")[len(load_machine_offers("gcp")) :]


def machine_price(machine_type: str, zone: str, way: str) -> Price:
    """Of one TPU machine "ct6e-standard-4t" or slice "v5litepod-8" in a zone; `way`: "on-demand" or "spot"."""
    found = of_machine_type(machine_type)
    if found is not None:
        return _of_chips(found[0].chip, found[1], zone, way)
    of = of_slice_name(machine_type)
    if of is None:
        return Unknown(f'"{machine_type}" is no TPU that the catalogue knows')
    chips = int(machine_type.rpartition("-")[2]) // of.cores_in_name
    return _of_chips(of.chip, chips, zone, way)


def zones_of(chip: str) -> tuple[str, ...]:
    """The zones with slices of this TPU."""
    return tuple(sorted({offer.zone for offer in tpu_offers() if offer.accelerator.chip == chip}))


def is_tpu(machine_type: str) -> bool:
    """Whether it is a TPU machine type or slice name."""
    return of_machine_type(machine_type) is not None or of_slice_name(machine_type) is not None


def _of_chips(chip: str, chips: int, zone: str, way: str) -> Price:
    there = [offer for offer in tpu_offers() if offer.accelerator.chip == chip and offer.zone == zone]
    if not there:
        return Unknown(f"the catalogue has no {chip} in {zone}")
    offer = min(there, key=lambda each: (each.accelerator_count != chips, each.accelerator_count))
    price = offer.spot if way == "spot" else offer.on_demand
    # Google prices TPUs by the chip-hour; a slice that the catalogue leaves out costs its share of one that it has.
    return scaled(price, Decimal(chips) / Decimal(int(offer.accelerator_count)))
