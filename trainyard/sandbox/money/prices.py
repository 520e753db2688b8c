"""What an hour costs on the simulated clouds: the offers' list prices; what they do not hold is said, never guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Final

from trainyard.facts.offer import Offer, load_offers
from trainyard.facts.price import AtLeast, Known, Price, Unknown, scaled, usd
from trainyard.sandbox.money.meter import Metered
from trainyard.sandbox.provider.gcp_tpus import slice_like

_CLOUDS: Final = {"gcp": "gcp", "aws": "aws", "azure-native": "azure"}
_FEE: Final = "the service's own fee"


@cache
def price(package: str, what: Metered, place: str) -> Price:
    """The price of all `count` of it for an hour in a zone, region or location."""
    managed = what.kind == "managed machine" and package == "gcp" and bool(what.shape)
    if what.kind not in ("machine", "reservation") and not managed:
        return Unknown(f"the catalogue holds no price of a {what.kind}")
    cloud = _CLOUDS.get(package, "")
    shape = slice_like(what.shape) or what.shape if cloud == "gcp" else what.shape
    offers = offers_of(cloud, shape) if cloud else ()
    here = [offer for offer in offers if _fits(offer, place)]
    if not here:
        return Unknown(f"the catalogue has no {what.shape or 'such machine'} in {place}")
    match what.capacity:
        case "on-demand":
            prices = [offer.on_demand for offer in here]
        case "spot":
            prices = [offer.spot for offer in here]
        case "reserved":
            return Unknown("what is reserved was paid for with the reservation")
        case _:
            return Unknown(f"the catalogue holds no price for {what.capacity}")
    # Amazon's offers name zones by ids that differ from the names here, so the region's dearest zone counts.
    dearest = max(prices, key=lambda one: usd(one) or Decimal(0))
    return scaled(_without_fee(dearest) if managed else dearest, Decimal(what.count))


def _without_fee(machine: Price) -> Price:
    """Google's managed services bill the machine, and a fee of their own that the catalogue does not hold."""
    match machine:
        case Known(usd_hour=usd_hour, date=date, source=source):
            return AtLeast(usd_hour=usd_hour, date=date, source=source, lacks=_FEE)
        case AtLeast(usd_hour=usd_hour, date=date, source=source, lacks=lacks):
            return AtLeast(usd_hour=usd_hour, date=date, source=source, lacks=f"{lacks} and {_FEE}")
        case _:
            return machine


def _fits(offer: Offer, place: str) -> bool:
    if offer.cloud == "aws":
        return place.startswith(offer.region)
    if offer.cloud == "azure":
        return offer.region == place.replace(" ", "").lower()
    if place == offer.region:
        return True  # a job's: its service does not say in which zone its machines are
    return place == offer.zone or (not offer.zone and place.startswith(f"{offer.region}-"))


def offers_of(cloud: str, machine_type: str) -> Sequence[Offer]:
    """A cloud's offers of a machine type in any case, wherever they are; none for one without accelerators."""
    return _offers(cloud).get(machine_type.lower(), ())


@cache
def _offers(cloud: str) -> Mapping[str, Sequence[Offer]]:
    found: dict[str, list[Offer]] = {}
    for offer in load_offers(cloud):
        found.setdefault(offer.machine_type.lower(), []).append(offer)
    return found
