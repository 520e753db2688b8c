"""Machine types by their names: the sizes that a series has, and custom ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from trainyard.sandbox.check import Problem, nearest
from trainyard.sandbox.conflicts.conflict import Conflict, Given
from trainyard.sandbox.conflicts.gcp.limits import values_at
from trainyard.sandbox.conflicts.gcp.machine import MACHINES

_N1: Final = (1, 2, 4, 8, 16, 32, 64, 96)
_N2: Final = (2, 4, 8, 16, 32, 48, 64, 80, 96, 128)
_N2D: Final = (2, 4, 8, 16, 32, 48, 64, 80, 96, 128, 224)
_C2D: Final = (2, 4, 8, 16, 32, 56, 112)
_C3: Final = (4, 8, 22, 44, 88, 176)
_C3D: Final = (4, 8, 16, 30, 60, 90, 180, 360)
# cloud.google.com/compute/docs/general-purpose-machines and compute-optimized-machines
_SIZES: Final[Mapping[str, tuple[int, ...]]] = {
    **{f"n1-{kind}": _N1[0 if kind == "standard" else 1 :] for kind in ("standard", "highmem", "highcpu")},
    "e2-standard": (2, 4, 8, 16, 32),
    "e2-highmem": (2, 4, 8, 16),
    "e2-highcpu": (2, 4, 8, 16, 32),
    "n2-standard": _N2,
    "n2-highmem": _N2,
    "n2-highcpu": _N2[:-1],
    "n2d-standard": _N2D,
    "n2d-highmem": _N2D[:9],
    "n2d-highcpu": _N2D,
    "c2-standard": (4, 8, 16, 30, 60),
    **{f"c2d-{kind}": _C2D for kind in ("standard", "highmem", "highcpu")},
    **{f"c3-{kind}": _C3 for kind in ("standard", "highmem", "highcpu")},
    **{f"c3d-{kind}": _C3D for kind in ("standard", "highmem", "highcpu")},
    "t2d-standard": (1, 2, 4, 8, 16, 32, 48, 60),
    "t2a-standard": (1, 2, 4, 8, 16, 32, 48),
}
_SHARED: Final = frozenset({"e2-micro", "e2-small", "e2-medium", "f1-micro", "g1-small"})
_WHOLE: Final = frozenset({"e2", "n2", "n2d", "t2d", "t2a"})  # series of which every machine type is known by name
_NAMED: Final = re.compile(r"([a-z][a-z0-9]*)-([a-z]+)-(\d+)")
_CUSTOM: Final = re.compile(r"(?:(n1|n2|n2d|n4|e2)-)?custom-(\d+)-(\d+)(-ext)?")
_GIB: Final = 1024
_PATHS: Final[Mapping[str, str]] = {
    **dict.fromkeys(MACHINES, "machineType"),
    "gcp:compute/reservation:Reservation": "specificReservation.instanceProperties.machineType",
    "gcp:container/nodePool:NodePool": "nodeConfig.machineType",
    "gcp:container/cluster:Cluster": "nodeConfig.machineType",
    "gcp:workbench/instance:Instance": "gceSetup.machineType",
}


def _find(given: Given) -> Iterator[Problem]:
    path = _PATHS[given.type.token]
    for at, value, _ in values_at(given.inputs, path.split(".")):
        reason = refusal(value.rpartition("/")[2]) if isinstance(value, str) else ""
        if reason:
            yield Problem(at, f"Invalid value for field 'resource.{at}': '{value}'. {reason}")


def refusal(name: str) -> str:
    """Why there is no machine type of this name; "" where there is, or where its series is not known."""
    custom = _CUSTOM.fullmatch(name)
    if custom:
        return _custom(custom[1] or "n1", int(custom[2]), int(custom[3]), extended=bool(custom[4]))
    named = _NAMED.fullmatch(name)
    series = f"{named[1]}-{named[2]}" if named else ""
    if name in _SHARED or (named and series in _SIZES and int(named[3]) in _SIZES[series]):
        return ""
    if series not in _SIZES:
        return _unknown(name) if name.partition("-")[0] in _WHOLE else ""
    there = [f"{series}-{size}" for size in _SIZES[series]]
    near = nearest(name, there)
    return (
        f"Machine type with name '{name}' does not exist.; {series} has {', '.join(map(str, _SIZES[series]))} vCPUs"
        + (f'; did you mean "{near}"?' if near else "")
    )


def _unknown(name: str) -> str:
    there = [*sorted(_SHARED), *(f"{series}-{size}" for series, sizes in _SIZES.items() for size in sizes)]
    near = nearest(name, there)
    return f"Machine type with name '{name}' does not exist." + (f'; did you mean "{near}"?' if near else "")


def _custom(series: str, cores: int, memory: int, *, extended: bool) -> str:
    """cloud.google.com/compute/docs/instances/creating-instance-with-custom-machine-type, Limitations."""
    if cores % 2 and not (cores == 1 and series == "n1"):
        return "A custom machine type has an even number of vCPUs" + (", or 1" if series == "n1" else "")
    if memory % 256:
        return "The memory of a custom machine type is a multiple of 256 MB"
    least, most = (0.9, 6.5) if series == "n1" else (0.5, 8.0)
    if memory < least * cores * _GIB or (not extended and memory > most * cores * _GIB):
        return f"{series.upper()} custom machine types have {least:g} to {most:g} GB of memory for each vCPU"
    return ""


CONFLICTS: Final[tuple[Conflict, ...]] = (
    Conflict(
        name="sizes-of-a-series",
        types=frozenset(_PATHS),
        says="a machine type is one of its series' sizes, or a custom one that there can be",
        source="cloud.google.com/compute/docs/general-purpose-machines, compute-optimized-machines and "
        "instances/creating-instance-with-custom-machine-type, 2026",
        find=_find,
    ),
)
