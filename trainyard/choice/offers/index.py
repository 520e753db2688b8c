"""The catalogue as columns that answer in milliseconds: every machine in every place, bought every way, by price.

An entry is one row of the catalogue bought one way. Entries are numbered by price, the unknown last, so that a set of
numbers in order is a list by price, and a price's limit is a cut. `order` groups the same numbers by shape, way and
region; a question reads only the groups that can answer it.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from trainyard.choice.offers.rows import Row
from trainyard.facts.accelerator import Accelerator
from trainyard.facts.offer import Source

WAYS = ("on-demand", "spot", "flex-start")
NANO = Decimal(1_000_000_000)  # prices are whole billionths of a dollar
NOT_SOLD = ("!not-sold", "!no-spot")
NO_BOUND = "!no-bound"  # flex-start of a machine whose on-demand price is not known whole
_LACKS = "+"  # in a source's code: something bills on top


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A machine type with its accelerators, wherever it stands."""

    cloud: str
    machine_type: str
    accelerator: Accelerator
    count: float
    vcpus: int | None
    memory_gib: int | None


@dataclass(frozen=True, kw_only=True)
class Columns:
    """One number an entry, by its number, and the groups of them."""

    shape: array[int]
    place: array[int]
    way: array[int]
    nano_usd: array[int]  # 0: unknown
    code: array[int]
    order: array[int]  # entries by shape, way, region, price
    group_region: array[int]
    group_end: array[int]  # in `order`
    groups_from: array[int]  # by shape * len(WAYS) + way; one more at the end


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All offers, ready for questions."""

    shapes: Sequence[Shape]
    regions: Sequence[tuple[str, str]]  # (cloud, region)
    places: Sequence[tuple[int, str]]  # a region's number and a zone, "" where only the region is known
    codes: Sequence[str]
    sources: Mapping[str, Source]
    columns: Columns
    known: int  # entries with a known price; they come first

    @cached_property
    def by_chip(self) -> Mapping[str, list[int]]:
        """The shapes of each chip."""
        return _grouped((shape.accelerator.chip, number) for number, shape in enumerate(self.shapes))

    @cached_property
    def by_machine_type(self) -> Mapping[str, list[int]]:
        """The shapes of each machine type, in lower case."""
        return _grouped((shape.machine_type.lower(), number) for number, shape in enumerate(self.shapes))

    @cached_property
    def by_zone(self) -> Mapping[str, list[int]]:
        """The places of each zone, in lower case."""
        return _grouped((zone.lower(), number) for number, (_region, zone) in enumerate(self.places))

    @cached_property
    def clouds(self) -> Sequence[str]:
        """Every cloud with offers."""
        return sorted({cloud for cloud, _region in self.regions})

    @cached_property
    def forms(self) -> Sequence[str]:
        """Every form that an accelerator has."""
        return sorted({shape.accelerator.form for shape in self.shapes})

    @cached_property
    def fabrics(self) -> Sequence[str]:
        """Every fabric between machines."""
        return sorted({shape.accelerator.fabric for shape in self.shapes})

    def __len__(self) -> int:
        return len(self.columns.shape)


def build(rows: Iterable[Row], chips: Mapping[str, Accelerator], sources: Mapping[str, Source]) -> Catalogue:
    """The catalogue of these rows; KeyError for an accelerator that `chips` lacks."""
    shapes: dict[tuple[str, ...], int] = {}
    places: dict[tuple[str, str, str], int] = {}
    entries = []
    flexible = _Flexible()
    for row in rows:
        shape = shapes.setdefault(row[:6], len(shapes))
        place = places.setdefault((row.cloud, row.region, row.zone), len(places))
        for way, nano, code in _ways(row, flexible):
            tie = (row.cloud, row.region, row.zone, row.machine_type, row.accelerator, row.chips)
            entries.append((nano == 0, nano, *tie, way, shape, place, code))
    entries.sort()
    regions = {region: number for number, region in enumerate(sorted({(cloud, name) for cloud, name, _ in places}))}
    codes = {code: number for number, code in enumerate(sorted({entry[-1] for entry in entries}))}
    region_of_place = [regions[cloud, name] for cloud, name, _ in places]
    return Catalogue(
        shapes=tuple(_shape(key, chips) for key in shapes),
        places=tuple((regions[cloud, name], zone) for cloud, name, zone in places),
        regions=tuple(regions),
        codes=tuple(codes),
        sources=dict(sources),
        columns=_columns(entries, region_of_place, codes, len(shapes)),
        known=sum(1 for entry in entries if not entry[0]),
    )


def _columns(
    entries: list[tuple[bool, int, str, str, str, str, str, str, int, int, int, str]],
    region_of_place: list[int],
    codes: Mapping[str, int],
    shapes: int,
) -> Columns:
    shape = array("I", [entry[9] for entry in entries])
    place = array("I", [entry[10] for entry in entries])
    way = array("B", [entry[8] for entry in entries])
    ways = len(WAYS)

    def group(entry: int) -> tuple[int, int]:
        return shape[entry] * ways + way[entry], region_of_place[place[entry]]

    order = sorted(range(len(entries)), key=group)  # stable: by price within a group
    group_region, group_end, groups_from = array("I"), array("I"), array("I", [0])
    last: tuple[int, int] | None = None
    for position, entry in enumerate(order):
        now = group(entry)
        if now != last:
            while len(groups_from) <= now[0]:
                groups_from.append(len(group_region))
            group_region.append(now[1])
            group_end.append(position)
            last = now
        group_end[-1] = position + 1
    while len(groups_from) <= shapes * ways:
        groups_from.append(len(group_region))
    return Columns(
        shape=shape,
        place=place,
        way=way,
        nano_usd=array("q", [entry[1] for entry in entries]),
        code=array("I", [codes[entry[11]] for entry in entries]),
        order=array("I", order),
        group_region=group_region,
        group_end=group_end,
        groups_from=groups_from,
    )


def _grouped(pairs: Iterable[tuple[str, int]]) -> Mapping[str, list[int]]:
    found = defaultdict(list)
    for word, number in pairs:
        found[word].append(number)
    return dict(found)


def _shape(key: tuple[str, ...], chips: Mapping[str, Accelerator]) -> Shape:
    cloud, machine_type, accelerator, count, vcpus, memory_gib = key
    return Shape(
        cloud=cloud,
        machine_type=machine_type,
        accelerator=chips[accelerator],
        count=int(count) if count.isdecimal() else float(count),
        vcpus=int(vcpus) if vcpus else None,
        memory_gib=int(memory_gib) if memory_gib else None,
    )


def _ways(row: Row, flexible: _Flexible) -> Iterable[tuple[int, int, str]]:
    """Each way the row is sold: its number, the price in billionths (0: unknown) and the code of its source."""
    if row.on_demand_source not in NOT_SOLD:
        yield 0, nano_usd(row.on_demand), row.on_demand_source
    if row.spot_source not in NOT_SOLD:
        yield 1, nano_usd(row.spot), row.spot_source
    if row.cloud == "gcp" and flexible[row.machine_type]:
        whole = row.on_demand and _LACKS not in row.on_demand_source
        yield (2, nano_usd(row.on_demand), row.on_demand_source) if whole else (2, 0, NO_BOUND)


class _Flexible(dict[str, bool]):
    """Whether Google sells a machine type as flex-start."""

    def __missing__(self, machine_type: str) -> bool:
        from trainyard.facts import kinds, tpu  # a catalogue that is read from its cache needs none of it

        kind = "tpu-node" if tpu.of_slice_name(machine_type) else "gpu-vm"
        self[machine_type] = "flex-start" in kinds.sold_as(kind, "gcp", machine_type)
        return self[machine_type]


def nano_usd(text: str) -> int:
    """A price in billionths of a dollar; 0 for a blank."""
    return int((Decimal(text) * NANO).to_integral_value()) if text else 0
