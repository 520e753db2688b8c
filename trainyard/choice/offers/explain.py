"""Why each other offer was not taken: every entry of the catalogue in exactly one group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from trainyard.choice.offers.ask import Ask
from trainyard.choice.offers.index import NANO, WAYS, Catalogue
from trainyard.choice.offers.query import checks
from trainyard.choice.offers.regions import within


@dataclass(frozen=True, kw_only=True)
class Removed:
    """Offers that one demand of the ask removed; each offer stands at the first that it does not meet."""

    demand: str  # a field of the ask
    why: str
    count: int
    examples: tuple[str, ...]  # the cheapest, a machine type each


_EXAMPLES = 3


def removed(ask: Ask, catalogue: Catalogue) -> list[Removed]:
    """The groups, in the order in which demands are looked at."""
    columns = catalogue.columns
    demands = list(checks(ask))
    of_shape = [next((name for name, fits in demands if not fits(shape)), None) for shape in catalogue.shapes]
    regions = _regions(ask, catalogue)
    zones = {zone.lower() for zone in ask.zones}
    counts: Counter[str] = Counter()
    examples: dict[str, dict[str, None]] = {}
    most = None if ask.max_usd_hour is None else int(ask.max_usd_hour * NANO)
    for entry, shape in enumerate(columns.shape):
        demand = of_shape[shape]
        if demand is None:
            region, zone = catalogue.places[columns.place[entry]]
            if regions is not None and region not in regions:
                demand = "regions"
            elif zones and zone.lower() not in zones:
                demand = "zones"
            elif ask.capacities and WAYS[columns.way[entry]] not in ask.capacities:
                demand = "capacities"
            elif most is not None and not columns.nano_usd[entry]:
                demand = "no_price"
            elif most is not None and columns.nano_usd[entry] > most:
                demand = "max_usd_hour"
            else:
                continue
        counts[demand] += 1
        examples.setdefault(demand, {}).setdefault(catalogue.shapes[shape].machine_type, None)
    names = [*(name for name, _fits in demands), "regions", "zones", "capacities", "no_price", "max_usd_hour"]
    return [
        Removed(demand=name, why=_why(ask, name), count=counts[name], examples=tuple(examples[name])[:_EXAMPLES])
        for name in names
        if counts[name]
    ]


def _regions(ask: Ask, catalogue: Catalogue) -> set[int] | None:
    if not ask.regions:
        return None
    return {number for word in ask.regions for number in within(word, catalogue.regions)}


def _why(ask: Ask, demand: str) -> str:
    wanted = ask.wanted
    words: Mapping[str, str] = {
        "clouds": f"another cloud than {_or(ask.clouds)}",
        "machine_type": f"another machine type than {ask.machine_type}",
        "chip": f"another accelerator than {ask.chip}",
        "chip_memory": f"not {wanted.memory_gib if wanted else None} GB of memory in a chip",
        "count": f"not {ask.count:g} chips in one machine" if ask.count else "",
        "most": f"more than {ask.most} chips in one machine",
        "form": f"another form than {_or(ask.forms)}, or none that a source tells",
        "fabric": f"another fabric between machines than {ask.fabric_between}, or none that a source tells",
        "accelerator_memory_gib": f"less than {ask.accelerator_memory_gib} GB of accelerator memory in one machine",
        "vcpus": f"less than {ask.vcpus} vCPUs, or an unknown number",
        "memory_gib": f"less than {ask.memory_gib} GiB of memory, or an unknown amount",
        "regions": f"outside of {_or(ask.regions)}",
        "zones": f"in another zone than {_or(ask.zones)}",
        "capacities": f"bought another way than {_or(ask.capacities)}",
        "no_price": "no known price, and a limit in money was given",
        "max_usd_hour": f"dearer than {_plain(ask.max_usd_hour)} USD/h",
    }
    return words[demand]


def _or(words: tuple[str, ...]) -> str:
    return " or ".join(words)


def _plain(usd: Decimal | None) -> str:
    return "" if usd is None else f"{usd:f}"
