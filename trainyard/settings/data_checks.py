"""What a workload says of its data, against what the base stack holds."""

from __future__ import annotations

from collections.abc import Iterator

from trainyard.settings.base import Base
from trainyard.settings.data import DataSet, MadeDisk, kind_of, place_of
from trainyard.settings.kinds import Workload, data_of, egress, nodes
from trainyard.settings.problem import Wrong, listed, near


def data_breaches(workload: Workload, base: Base | None, file: str) -> Iterator[Wrong]:
    """Data sets that are not there or cannot be used so; paths begin under the workload."""
    clouds = tuple(dict.fromkeys(where.cloud for where in workload.where))
    if egress(workload) == "allowed" and not data_of(workload):
        yield ("egress",), "allows to read data from another region, and no data is named; give data, or remove it."
    if base is None:
        return
    for name, use in data_of(workload).items():
        there = [cloud for cloud in clouds if name in base.data(cloud)]
        if not there:
            has = list(dict.fromkeys(each for cloud in clouds for each in base.data(cloud)))
            known = f"known are {listed(has)}" if has else "it has none"
            keys = " or ".join(f"base.{cloud}.data" for cloud in clouds)
            yield ("data", name), f"is not under {keys} of {file}; {known}.{near(name, has)}"
        elif "gcp" in there and base.gcp and kind_of(base.gcp.data[name]) == "disk":
            yield from ((("data", name), text) for text in _misused_disk(workload, base.gcp.data[name], use))


def _misused_disk(workload: Workload, disk: DataSet, use: str) -> Iterator[str]:
    if workload.kind not in ("gpu-vm", "tpu-node"):
        yield f"is a disk, which no {workload.kind} attaches; name a bucket or a file system."
        return
    zone = place_of(disk)
    if any(place.zones != (zone,) for place in workload.where if place.cloud == "gcp"):
        yield f"is a disk in {zone}; only machines there attach it: give where: [{{ cloud: gcp, zones: [{zone}] }}]."
    shared = isinstance(disk, MadeDisk) and disk.type == "hyperdisk-ml"
    if use == "write" and shared:
        yield "is a hyperdisk-ml, which is filled once and then read; give read, or name a bucket or a file system."
    elif nodes(workload) > 1 and not shared:
        yield "is a disk that one machine attaches; name a hyperdisk-ml, a bucket or a file system."
