"""Questions to the catalogue: `search` finds all offers that fit, cheapest first, in milliseconds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import overload

from trainyard.choice.offers.ask import NVLINK, Ask, AskError
from trainyard.choice.offers.index import NANO, NO_BOUND, WAYS, Catalogue, Shape
from trainyard.choice.offers.regions import within
from trainyard.facts.accelerator import Accelerator
from trainyard.facts.offer import price_of
from trainyard.facts.price import AtMost, Known, Price, Unknown

__all__ = ["Ask", "AskError", "Found", "Offered", "Rows", "search"]

_FLEX_START = WAYS.index("flex-start")
_WHY_AT_MOST = "flex-start is a discount on it"


@dataclass(frozen=True, kw_only=True)
class Offered:
    """One machine in one place, bought one way."""

    cloud: str
    region: str
    zone: str  # "" where only the region is known
    machine_type: str
    accelerator: Accelerator
    count: float
    vcpus: int | None
    memory_gib: int | None
    capacity: str  # of WAYS
    price_usd_hour: Decimal | None  # the whole machine; None: unknown
    price: Price

    @property
    def place(self) -> str:
        """The zone, or the region where no zone is known."""
        return self.zone or self.region

    @property
    def usd_per_accelerator(self) -> Decimal | None:
        """Per hour and chip; None: unknown."""
        return None if self.price_usd_hour is None else self.price_usd_hour / Decimal(str(self.count))


class Rows(Sequence[Offered]):
    """Entries of a catalogue as offers; each is made when it is looked at."""

    def __init__(self, catalogue: Catalogue, entries: Sequence[int]):
        self.catalogue = catalogue
        self.entries = entries

    def __len__(self) -> int:
        return len(self.entries)

    @overload
    def __getitem__(self, at: int) -> Offered: ...
    @overload
    def __getitem__(self, at: slice) -> Rows: ...
    def __getitem__(self, at: int | slice) -> Offered | Rows:
        """One offer, or some of them."""
        if isinstance(at, slice):
            return Rows(self.catalogue, self.entries[at])
        return offered(self.catalogue, self.entries[at])

    def __iter__(self) -> Iterator[Offered]:
        return (offered(self.catalogue, entry) for entry in self.entries)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What fits, cheapest first and without a known price last."""

    ask: Ask
    catalogue: Catalogue
    rows: Rows

    @property
    def first(self) -> Offered | None:
        """The cheapest; None where nothing fits."""
        return next(iter(self.rows), None)


def search(ask: Ask, catalogue: Catalogue) -> Found:
    """All offers that fit; a limit in money leaves out those of unknown price. AskError for a word that nobody has."""
    _check(ask, catalogue)
    columns = catalogue.columns
    allowed = _allowed(ask, catalogue)
    ways = [number for number, way in enumerate(WAYS) if not ask.capacities or way in ask.capacities]
    order, ends, group_region = columns.order, columns.group_end, columns.group_region
    entries: list[int] = []
    for shape in shapes(ask, catalogue):
        for way in ways:
            key = shape * len(WAYS) + way
            first, last = columns.groups_from[key], columns.groups_from[key + 1]
            if allowed is None:
                if first < last:
                    entries.extend(order[ends[first - 1] if first else 0 : ends[last - 1]])
                continue
            for group in range(first, last):
                if group_region[group] in allowed:
                    entries.extend(order[ends[group - 1] if group else 0 : ends[group]])
    if ask.zones:
        here = {number for zone in ask.zones for number in catalogue.by_zone.get(zone.lower(), ())}
        place_of = columns.place
        entries = [entry for entry in entries if place_of[entry] in here]
    entries.sort()
    if ask.max_usd_hour is not None:
        most = int(ask.max_usd_hour * NANO)
        del entries[bisect_right(entries, bisect_right(columns.nano_usd, most, 0, catalogue.known) - 1) :]
    return Found(ask=ask, catalogue=catalogue, rows=Rows(catalogue, entries))


def shapes(ask: Ask, catalogue: Catalogue) -> list[int]:
    """The numbers of the shapes that fit, wherever they stand."""
    if ask.machine_type is not None:
        found = catalogue.by_machine_type.get(ask.machine_type.lower(), [])
    elif ask.chip is not None:
        found = catalogue.by_chip.get(ask.chip, [])
    else:
        found = list(range(len(catalogue.shapes)))
    of = catalogue.shapes
    for _name, fits in checks(ask):
        found = [number for number in found if fits(of[number])]
    return found


Check = tuple[str, Callable[[Shape], bool]]


def checks(ask: Ask) -> Iterator[Check]:
    """What the ask demands of a shape, by the name of the ask's field."""
    chip, memory = ask.chip, ask.wanted.memory_gib if ask.wanted else None
    machine_type = ask.machine_type.lower() if ask.machine_type else None
    forms, fabric = ask.forms, ask.fabric_between
    given: tuple[tuple[object, str, Callable[[Shape], bool]], ...] = (
        (ask.clouds, "clouds", lambda shape: shape.cloud in ask.clouds),
        (machine_type, "machine_type", lambda shape: shape.machine_type.lower() == machine_type),
        (chip, "chip", lambda shape: shape.accelerator.chip == chip),
        (memory, "chip_memory", lambda shape: shape.accelerator.memory_gib == memory),
        (ask.count, "count", lambda shape: shape.count == ask.count),
        (ask.most, "most", lambda shape: shape.count <= (ask.most or 0)),
        (forms, "form", lambda shape: shape.accelerator.form in forms),
        (fabric, "fabric", lambda shape: shape.accelerator.fabric == fabric),
        (ask.accelerator_memory_gib, "accelerator_memory_gib", lambda shape: _all_memory(shape) >= _least(ask)),
        (ask.vcpus, "vcpus", lambda shape: (shape.vcpus or 0) >= (ask.vcpus or 0)),
        (ask.memory_gib, "memory_gib", lambda shape: (shape.memory_gib or 0) >= (ask.memory_gib or 0)),
    )
    return ((name, fits) for asked, name, fits in given if asked)


def _all_memory(shape: Shape) -> float:
    return shape.accelerator.memory_gib * shape.count


def _least(ask: Ask) -> int:
    return ask.accelerator_memory_gib or 0


def offered(catalogue: Catalogue, entry: int) -> Offered:
    """One entry with its words and price."""
    columns = catalogue.columns
    shape = catalogue.shapes[columns.shape[entry]]
    region, zone = catalogue.places[columns.place[entry]]
    nano = columns.nano_usd[entry]
    usd_hour = _usd(nano) if nano else None
    way = columns.way[entry]
    return Offered(
        cloud=shape.cloud,
        region=catalogue.regions[region][1],
        zone=zone,
        machine_type=shape.machine_type,
        accelerator=shape.accelerator,
        count=shape.count,
        vcpus=shape.vcpus,
        memory_gib=shape.memory_gib,
        capacity=WAYS[way],
        price_usd_hour=usd_hour,
        price=_price(catalogue, usd_hour, catalogue.codes[columns.code[entry]], way),
    )


def _usd(nano: int) -> Decimal:
    usd = (Decimal(nano) / NANO).normalize()
    return usd.quantize(Decimal(1)) if usd == usd.to_integral_value() else usd  # 50, not 5E+1


def _price(catalogue: Catalogue, usd_hour: Decimal | None, code: str, way: int) -> Price:
    if code == NO_BOUND:
        return Unknown("no whole on-demand price bounds it")
    price = price_of(usd_hour, code, catalogue.sources)
    if way == _FLEX_START and isinstance(price, Known):
        return AtMost(usd_hour=price.usd_hour, date=price.date, source=price.source, why=_WHY_AT_MOST)
    return price


def _check(ask: Ask, catalogue: Catalogue) -> None:
    for what, given, allowed in (
        ("cloud", ask.clouds, catalogue.clouds),
        ("form", (ask.form,) if ask.form else (), catalogue.forms),
        ("fabric", (ask.fabric,) if ask.fabric else (), (*catalogue.fabrics, NVLINK)),
    ):
        for word in given:
            if word not in allowed:
                message = f'no {what} is named "{word}"; give one of {", ".join(allowed)}.'
                raise AskError(message)


def _allowed(ask: Ask, catalogue: Catalogue) -> set[int] | None:
    if not ask.regions:
        return None
    return set[int]().union(*(within(word, catalogue.regions) for word in ask.regions))
