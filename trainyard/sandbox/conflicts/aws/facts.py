"""Amazon's regions, zones and instance types, as `values/data/aws_regions.json` and `aws_machines.json` tell them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from trainyard.sandbox.values.description import DATA

_LETTERS: Final = {"northeast": "ne", "southeast": "se", "northwest": "nw", "southwest": "sw"}


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What DescribeInstanceTypes says of one instance type."""

    arch: tuple[str, ...]
    cores: tuple[int, ...]  # core counts that `cpuOptions` may take; () where it may not be given
    threads: tuple[int, ...]
    efa: int  # interfaces at most; 0 where there are none
    efa_from: int  # the first network card that takes one
    cards: int
    interfaces: int
    usage: frozenset[str]  # on-demand, spot, capacity-block
    placement: frozenset[str]
    gpus: int
    flags: frozenset[str]  # metal, hibernates


@cache
def machine(type: str) -> Machine | None:
    """None for a type that is too new, or too old, for the table."""
    one = _machines().get(type)
    if one is None:
        return None
    return Machine(
        arch=tuple(one["arch"].split()),
        cores=tuple(one.get("cores", ())),
        threads=tuple(one.get("threads", ())),
        efa=one.get("efa", 0),
        efa_from=one.get("efa_from", 0),
        cards=one["cards"],
        interfaces=one["interfaces"],
        usage=frozenset(one["usage"].split()),
        placement=frozenset(one.get("placement", "").split()),
        gpus=one.get("gpus", 0),
        flags=frozenset(one.get("flags", "").split()),
    )


@cache
def regions() -> frozenset[str]:
    """Of every partition."""
    return frozenset(name for names in _places()["partitions"].values() for name in names)


def zones(region: str) -> tuple[str, ...]:
    """The zones of a region; () where no list is known."""
    return tuple(_places()["zones"].get(region, "").split())


def zone_prefix(region: str) -> str:
    """ "use1" of us-east-1, "apne1" of ap-northeast-1 (docs.aws.amazon.com/ram, AZ IDs)."""
    area, *directions, number = region.split("-")
    return f"{area}{''.join(_LETTERS.get(word, word[0]) for word in directions)}{number}"


def zone_id(region: str, zone: str) -> str:
    """ "use1-az1" of "us-east-1a": one account's mapping, which is another in each."""
    return f"{zone_prefix(region)}-az{ord(zone[-1]) - ord('a') + 1}"


def zone_of(region: str, id: str) -> str:
    """ "us-east-1a" of "use1-az1"."""
    return f"{region}{chr(ord('a') + int(id.rpartition('-az')[2]) - 1)}"


@cache
def machine_types() -> Mapping[str, frozenset[str]]:
    """Every instance type that Amazon names, with the regions that offer it; none where that is not known."""
    names = list(_places()["zones"])
    return {
        type: frozenset(name for number, name in enumerate(names) if int(mask, 16) >> number & 1)
        for mask, types in _places()["types"].items()
        for type in types.split()
    }


def types_in(region: str) -> frozenset[str]:
    return frozenset(type for type, where in machine_types().items() if region in where)


@cache
def _places() -> Mapping[str, Any]:
    return _read("aws_regions")


@cache
def _machines() -> Mapping[str, Any]:
    return {type: group for group in _read("aws_machines")["groups"] for type in group["types"].split()}


def _read(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return found
