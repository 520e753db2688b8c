"""What goes with a machine's family: local SSDs, kinds of disks, CPU platforms, confidential computing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.conflict import Conflict, Given, plain
from trainyard.sandbox.conflicts.gcp.machine import (
    INSTANCE,
    MACHINES,
    TEMPLATES,
    accelerators,
    family,
    invalid,
    machine_type,
    name_of,
    new_disks,
    scratch_disks,
    spot,
    text_of,
    vcpus,
)
from trainyard.servicer.values import has_unknown

_SSD_PAGE: Final = "docs.cloud.google.com/compute/docs/disks/local-ssd, Choose a valid number, last updated 2026-04-14"
_SSD_GB: Final = 375
_DATA: Final = Path(__file__).parent / "local_ssd.json"
_SHARED: Final = frozenset({"f1-micro", "g1-small"})
# machine series and the kinds of disks that they cannot have
_HYPERDISK_ONLY: Final = re.compile(r"^(n4|n4a|n4d|c4|c4a|c4d|h4d|x4|g4|a4|a4x|a3-ultragpu|ct6e|tpu7x)-")
_NO_STANDARD: Final = re.compile(r"^(c3|c3d|h3|z3|m3|a3)-")
_NO_HYPERDISK: Final = re.compile(r"^(e2|n1|f1|g1|t2a|custom|a2-highgpu|a2-megagpu)-")
_HYPERDISK_PAGE: Final = (
    "cloud.google.com/compute/docs/machine-resource, each series' Supported disk types; the refusal as public programs "
    "quote it for n4-standard-16 (2026)"
)
# cloud.google.com/compute/docs/gpus, NVIDIA T4, P4, V100 and P100: GPUs: most vCPUs of the N1 machine
_CORES: Final[Mapping[str, Mapping[int, int]]] = {
    "nvidia-tesla-t4": {1: 48, 2: 48, 4: 96},
    "nvidia-tesla-p4": {1: 24, 2: 48, 4: 96},
    "nvidia-tesla-v100": {1: 12, 2: 24, 4: 48, 8: 96},
    "nvidia-tesla-p100": {1: 16, 2: 32, 4: 96},  # 64 in some zones
}
_CONFIDENTIAL: Final[Mapping[str, frozenset[str]]] = {
    "SEV": frozenset({"n2d", "c2d", "c3d", "c4d"}),
    "SEV_SNP": frozenset({"n2d", "c3d", "c4d"}),
    "TDX": frozenset({"c3", "c4", "a3"}),
}


def _local_ssd(given: Given) -> Iterator[Problem]:
    name = machine_type(given)
    disks = scratch_disks(given)
    sizes = {plain(disk.get("size")) for _, disk in disks}
    if not name or not disks or sizes - {None, _SSD_GB}:  # other sizes are counted otherwise
        return
    head, count, path = family(name), len(disks), disks[0][0].partition("[")[0]
    allowed = ssd_counts(name)
    if allowed == () or (allowed is None and name in _SHARED):
        text = f"[{name}, local-ssd] features are not compatible for creating instance."
        yield Problem(path, f"{text}; leave {path} out, or take a machine type that has local SSDs")
    elif allowed is not None and count not in allowed:
        wish = f"{name} has {' or '.join(map(str, allowed))} local SSDs, and {count} were asked for"
        hint = f"; they come with it: leave {path} out" if name in ssd_table()["comes_with"] else ""
        yield invalid(given, path, f"{count} local SSDs", f"They do not fit the machine type {head}: {wish}{hint}")


def ssd_counts(name: str) -> tuple[int, ...] | None:
    """The numbers of local SSDs that a machine type can have, beside none; () when it has none, None when unknown."""
    table, head = ssd_table(), family(name)
    if name in table["comes_with"]:
        return (table["comes_with"][name],)
    if name in table["may_have"]:
        return tuple(table["may_have"][name])
    if head in table["none"] or (head in table["only_where_named_lssd"] and "lssd" not in name):
        return ()
    cores = vcpus(name)
    found = (counts for most, counts in table["by_vcpus"].get(head, ()) if cores is not None and cores <= most)
    counts = next(found, None)
    return None if counts is None else tuple(counts)


@cache
def ssd_table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = json.loads(_DATA.read_text(encoding="utf-8"))
    return table


def _disk_kinds(given: Given) -> Iterator[Problem]:
    name = machine_type(given)
    for path, disk in new_disks(given):
        kind = text_of(disk, "type").rpartition("/")[2]
        if kind.startswith("pd-") and _HYPERDISK_ONLY.match(name):
            hint = "give a Hyperdisk, such as hyperdisk-balanced"
        elif (kind == "pd-standard" and _NO_STANDARD.match(name)) or (
            kind.startswith("hyperdisk-") and _NO_HYPERDISK.match(name)
        ):
            hint = "give pd-balanced or pd-ssd"
        else:
            continue
        text = f"[{kind}, {name}] features are not compatible for creating instance."
        yield Problem(name_of(given, path, "type"), f"{text}; {hint}")


def _gpus_by_size(given: Given) -> Iterator[Problem]:
    name = machine_type(given)
    cores = vcpus(name)
    for path, kind, count in accelerators(given):
        kind = kind.removesuffix("-vws")
        most = _CORES.get(kind, {}).get(int(count)) if isinstance(count, int | float) else None
        if family(name) == "n1" and most is not None and cores is not None and cores > most:
            wish = f"{name} has {cores} vCPUs, {count:g} of {kind} go with {most} at most"
            text = f"[{kind}, {name}] features are not compatible for creating instance."
            yield Problem(path, f"{text}; {wish}: attach more, or take a smaller machine")


def _cpu_platform(given: Given) -> Iterator[Problem]:
    platform = given.text("minCpuPlatform")
    name = machine_type(given)
    if platform and platform.lower() != "automatic" and family(name) in ("e2", "t2d", "t2a"):
        text = f"CPU platform {platform} cannot be chosen for {name}; leave it out"
        yield invalid(given, "minCpuPlatform", platform, text)


def _confidential(given: Given) -> Iterator[Problem]:
    base = "confidentialInstanceConfig"
    enabled, kind = given.at(f"{base}.enableConfidentialCompute"), given.text(f"{base}.confidentialInstanceType")
    if not kind and enabled is not True:
        return
    kind = kind or "SEV"
    name = machine_type(given)
    families = _CONFIDENTIAL.get(kind, frozenset())
    if name and families and family(name) not in families:
        text = f"{name} has no confidential computing of the type {kind}; {', '.join(sorted(families))} have"
        path = f"{base}.confidentialInstanceType" if given.text(f"{base}.confidentialInstanceType") else base
        yield Problem(path, f"[{kind}, {name}] features are not compatible for creating instance.; {text}")
        return
    maintenance = "scheduling.onHostMaintenance"
    migrates = kind == "SEV" and (given.text("minCpuPlatform") == "AMD Milan" or given.unknown("minCpuPlatform"))
    if migrates or spot(given) or given.unknown(maintenance) or given.type.token != INSTANCE:
        return
    if given.text(maintenance) != "TERMINATE":
        text = (
            'A confidential VM ends at maintenance: give TERMINATE; SEV with minCpuPlatform "AMD Milan" alone migrates'
        )
        yield invalid(given, maintenance, given.text(maintenance) or "MIGRATE", text)


def _scratch_size(given: Given) -> Iterator[Problem]:
    """The provider's own checks of a template's local SSDs."""
    for path, disk in given.each("disks"):
        kind, type_ = text_of(disk, "type"), text_of(disk, "diskType").rpartition("/")[2]
        if has_unknown([disk.get("type"), disk.get("diskType"), disk.get("diskSizeGb")]):
            continue
        size, sizes = disk.get("diskSizeGb"), (375, 3000, 3500, 7000, 14000)
        if kind == "SCRATCH" and type_ != "local-ssd":
            text = f"SCRATCH disks must have a disk_type of local-ssd. disk {path} has disk_type {type_}"
            yield Problem(f"{path}.diskType", text)
        elif type_ == "local-ssd" and kind != "SCRATCH":
            text = f"disks with a disk_type of local-ssd must be SCRATCH disks. disk {path} is a {kind} disk"
            yield Problem(f"{path}.type", text)
        elif kind == "SCRATCH" and size not in sizes:
            yield Problem(f"{path}.diskSizeGb", f"SCRATCH disks must be one of {list(sizes)} GB, disk {path} is {size}")
        elif kind == "SCRATCH" and size != sizes[0] and text_of(disk, "interface") != "NVME":
            text = f"SCRATCH disks with a size of {size} GB must have an interface of NVME."
            yield Problem(f"{path}.interface", text)


def _rule(
    name: str, says: str, source: str, find: Callable[[Given], Iterator[Problem]], types: frozenset[str]
) -> Conflict:
    return Conflict(name=name, types=types, says=says, source=source, find=find)


# A template is not held against its machine type: the provider's tests make one of e2-medium with GPUs and local SSDs.
_MADE: Final = frozenset({INSTANCE})
CONFLICTS: Final[tuple[Conflict, ...]] = (
    _rule(
        "local-ssds-of-a-family", "a machine type allows certain numbers of local SSDs", _SSD_PAGE, _local_ssd, _MADE
    ),
    _rule("disk-kinds-of-a-family", "a machine series has certain kinds of disks", _HYPERDISK_PAGE, _disk_kinds, _MADE),
    _rule(
        "gpus-by-vcpus",
        "an N1 machine has so many vCPUs at most with a number of GPUs",
        "cloud.google.com/compute/docs/gpus, GPUs for N1",
        _gpus_by_size,
        _MADE,
    ),
    _rule(
        "no-cpu-platform-to-choose",
        "E2 and Tau machines take no minimum CPU platform",
        "cloud.google.com/compute/docs/instances/specify-min-cpu-platform, Limitations",
        _cpu_platform,
        _MADE,
    ),
    _rule(
        "confidential-machines",
        "confidential computing goes with certain families and ends at maintenance",
        "cloud.google.com/confidential-computing/confidential-vm/docs/supported-configurations; pulumi-gcp 10.2.0, "
        "Instance, confidentialInstanceConfig",
        _confidential,
        MACHINES,
    ),
    _rule(
        "scratch-disks-of-a-template",
        "a template's SCRATCH disk is a local SSD of a size that there is",
        "terraform-provider-google-beta 93c65b2d, resource_compute_instance_template.go, its check of scratch disks",
        _scratch_size,
        TEMPLATES,
    ),
)
