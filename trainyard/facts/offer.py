"""Offers: machines and TPU slices that can be had in a zone, at list prices; the catalogue's rows."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from trainyard.facts.accelerator import Accelerator, accelerators
from trainyard.facts.price import AtLeast, Known, Price, Unknown

_DATA = Path(__file__).parent / "data"
_FILES = {
    "gcp": ("offers_gcp.csv", "offers_gcp_tpu.csv"),
    "aws": ("offers_aws.csv",),
    "azure": ("offers_azure.csv",),
    "coreweave": ("offers_coreweave.csv",),
    "lambda": ("offers_lambda.csv",),
    "paperspace": ("offers_paperspace.csv",),
}
CLOUDS = tuple(_FILES)
_NO_PRICE = {
    "!unlisted": Unknown("its source lists none"),
    "!no-spot": Unknown("this cloud sells no spot capacity"),
    "!not-sold": Unknown("it is not sold this way"),
    "!unstated": Unknown("nobody stated what an hour of it costs"),
}
# Behind a source's code: what its price leaves out.
_LACKS = {
    "ssd": "32 bundled local SSDs",
    "bundled-ssd": "its bundled local SSDs",
    "cheapest-zone": "what this zone costs above the cheapest of its region",
}


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where prices are from."""

    date: date
    licence: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One machine type or TPU slice in one zone; prices are for the whole machine."""

    cloud: str
    machine_type: str
    accelerator: Accelerator
    accelerator_count: float  # whole, but for shares of a chip (g4-standard-6 has 0.125)
    vcpus: int | None  # None: a TPU slice
    memory_gib: int | None
    region: str
    zone: str  # "" where the source knows regions only
    on_demand: Price
    spot: Price

    @property
    def place(self) -> str:
        """The zone, or the region where no zone is known."""
        return self.zone or self.region


@cache
def sources() -> dict[str, Source]:
    """The price sources by the code that the offers' rows use."""
    with (_DATA / "sources.csv").open(encoding="utf-8", newline="") as file:
        return {
            code: Source(date=date.fromisoformat(day), licence=licence, text=text)
            for code, day, licence, text in list(csv.reader(file))[1:]
        }


@cache
def load_offers(cloud: str) -> tuple[Offer, ...]:
    """All offers of a cloud, GPUs first, in the files' order; ValueError when there are none for it."""
    if cloud not in _FILES:
        message = f'no offers are known for "{cloud}"; clouds are {", ".join(CLOUDS)}; give one of them.'
        raise ValueError(message)
    return tuple(offer for name in _FILES[cloud] for offer in _read(cloud, _DATA / name))


@cache
def load_machine_offers(cloud: str) -> tuple[Offer, ...]:
    """The offers of a cloud without TPU slices: a third of the time for Google Cloud."""
    if cloud not in _FILES:
        return load_offers(cloud)
    return tuple(_read(cloud, _DATA / _FILES[cloud][0]))


def _read(cloud: str, path: Path) -> Iterator[Offer]:
    chips = accelerators()
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for machine_type, chip, count, vcpus, memory, region, zone, on_demand, on_demand_code, spot, spot_code in rows:
            yield Offer(
                cloud=cloud,
                machine_type=machine_type,
                accelerator=chips[chip],
                accelerator_count=int(count) if count.isdecimal() else float(count),
                vcpus=int(vcpus) if vcpus else None,
                memory_gib=int(memory) if memory else None,
                region=region,
                zone=zone,
                on_demand=_price(on_demand, on_demand_code),
                spot=_price(spot, spot_code),
            )


def price_of(usd_hour: Decimal | None, code: str, known: Mapping[str, Source]) -> Price:
    """The price that a row's figure and source code tell; None: no figure, and the code says why."""
    if usd_hour is None:
        return _NO_PRICE[code]
    name, _, lacks = code.partition("+")
    source = known[name]
    if lacks:
        return AtLeast(usd_hour=usd_hour, date=source.date, source=source.text, lacks=_LACKS[lacks])
    return Known(usd_hour=usd_hour, date=source.date, source=source.text)


@cache
def _price(usd_hour: str, code: str) -> Price:
    return price_of(Decimal(usd_hour) if usd_hour else None, code, sources())
