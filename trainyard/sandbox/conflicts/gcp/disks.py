"""Disks: one source, sizes that their kind has, and provisioned performance where there is some to provision."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.conflict import Conflict, Given, plain
from trainyard.sandbox.conflicts.gcp.machine import INSTANCE, MACHINES, name_of, new_disks, number_of, text_of
from trainyard.servicer.values import has_unknown

DISKS: Final = frozenset({"gcp:compute/disk:Disk", "gcp:compute/regionDisk:RegionDisk"})
_SOURCES: Final = ("image", "snapshot", "sourceDisk", "sourceInstantSnapshot", "sourceStorageObject")
# GB: cloud.google.com/compute/docs/disks/hyperdisks and persistent-disks, Size and performance limits.
# The least size of Persistent Disk is left open: the provider's own tests make disks of 1 GB.
_SIZES: Final[Mapping[str, tuple[int, int]]] = {
    "pd-standard": (1, 65536),
    "pd-balanced": (1, 65536),
    "pd-ssd": (1, 65536),
    "pd-extreme": (1, 65536),
    "hyperdisk-balanced": (4, 65536),
    "hyperdisk-balanced-high-availability": (4, 65536),
    "hyperdisk-extreme": (64, 65536),
    "hyperdisk-ml": (4, 65536),
    "hyperdisk-throughput": (2048, 32768),
}
# cloud.google.com/compute/docs/images/os-details, Default boot disk size: no image of a project is smaller
_IMAGE_GB: Final[tuple[tuple[re.Pattern[str], int], ...]] = (
    (re.compile(r"\b(windows-(sql-)?cloud)/"), 50),
    (re.compile(r"\b(rhel|rocky-linux|centos)-(\w+-)?cloud/"), 20),
    (re.compile(r"\b(debian|cos|ubuntu-os(-pro)?)-cloud/|^(debian|ubuntu)-\d+"), 10),
)
_IOPS: Final[Mapping[str, int]] = {  # kinds that have IOPS to provision, and the most
    "pd-extreme": 120000,
    "hyperdisk-balanced": 160000,
    "hyperdisk-balanced-high-availability": 100000,
    "hyperdisk-extreme": 350000,
}
_LEAST_IOPS: Final[Mapping[str, int]] = {"pd-extreme": 10000, "hyperdisk-balanced": 3000}
_THROUGHPUT: Final[Mapping[str, int]] = {  # likewise, MB/s
    "hyperdisk-balanced": 2400,
    "hyperdisk-balanced-high-availability": 1200,
    "hyperdisk-ml": 1200000,
    "hyperdisk-throughput": 2400,
}


def _one_source(given: Given) -> Iterator[Problem]:
    there = [name for name in _SOURCES if given.at(name)]
    if len(there) > 1:
        text = f"A disk has one source at most; given are {', '.join(there)}"
        yield Problem(there[1], f"Invalid value for field 'resource.{there[1]}': {text}")


def _one_boot_source(given: Given) -> Iterator[Problem]:
    base = "bootDisk.initializeParams"
    if given.at(f"{base}.image") and given.at(f"{base}.snapshot"):
        yield Problem(f"{base}.snapshot", "A boot disk is made of an image or of a snapshot; give one of them")


def _template_source(given: Given) -> Iterator[Problem]:
    initial = ("diskSizeGb", "diskName", "diskType", "provisionedIops", "provisionedThroughput")
    fields = (*initial, "sourceImage", "sourceSnapshot", "labels")
    for path, disk in given.each("disks"):
        there = [name for name in fields if plain(disk.get(name)) and not has_unknown(disk.get(name))]
        if text_of(disk, "source") and there:
            yield Problem(f"{path}.source", f"Cannot use `source` with any of the fields in {list(fields)}")


def _template_boot(given: Given) -> Iterator[Problem]:
    for number, (path, disk) in enumerate(given.each("disks")):
        if number and plain(disk.get("boot")) is True:
            text = f"Only the first disk specified in instance_template can be the boot disk. {path}.boot was true"
            yield Problem(f"{path}.boot", text)


def _image_fits(given: Given) -> Iterator[Problem]:
    base, name = ("", "image") if given.type.token in DISKS else ("bootDisk.initializeParams.", "image")
    image, size = given.text(f"{base}{name}"), given.at(f"{base}size")
    least = next((gb for pattern, gb in _IMAGE_GB if pattern.search(image)), None)
    if least and isinstance(size, int | float) and 0 < size < least:
        text = f"Requested disk size cannot be smaller than the image size ({least} GB)"
        yield Problem(f"{base}size", f"Invalid value for field 'resource.sizeGb': '{size:g}'. {text}")


def _performance(given: Given) -> Iterator[Problem]:
    if given.type.token in DISKS:
        yield from _limits(given.inputs, lambda name: name)
        return
    for path, disk in new_disks(given):
        yield from _limits(disk, lambda name, path=path: name_of(given, path, name))  # type: ignore[misc]


def _limits(disk: Mapping[str, Any], at: Callable[[str], str]) -> Iterator[Problem]:
    kind = text_of(disk, "type").rpartition("/")[2]
    size = number_of(disk, "size")
    if kind in _SIZES and size is not None and not _SIZES[kind][0] <= size <= _SIZES[kind][1]:
        least, most = _SIZES[kind]
        text = f"Disk size of {kind} is from {least} GB to {most} GB"
        yield Problem(at("size"), f"Invalid value for field 'resource.sizeGb': '{size:g}'. {text}")
    if kind not in _SIZES:
        return
    for name, most_by_kind in (("provisionedIops", _IOPS), ("provisionedThroughput", _THROUGHPUT)):
        wanted = number_of(disk, name)
        if not wanted:
            continue
        start = f"Invalid value for field 'resource.{name}': '{wanted:g}'."
        if kind not in most_by_kind:
            text = f"{kind} has none to provision; {', '.join(most_by_kind)} have"
            yield Problem(at(name), f"{start} {text}")
        elif wanted > most_by_kind[kind]:
            yield Problem(at(name), f"{start} {kind} has at most {most_by_kind[kind]}")
        elif name == "provisionedIops" and wanted < _LEAST_IOPS.get(kind, 0):
            yield Problem(at(name), f"{start} {kind} has at least {_LEAST_IOPS[kind]}")


def _rule(
    name: str, says: str, source: str, find: Callable[[Given], Iterator[Problem]], types: frozenset[str]
) -> Conflict:
    return Conflict(name=name, types=types, says=says, source=source, find=find)


_TEMPLATES: Final = MACHINES - {INSTANCE}
_TEMPLATE_GO: Final = "terraform-provider-google-beta 93c65b2d, resource_compute_instance_template.go"
CONFLICTS: Final[tuple[Conflict, ...]] = (
    _rule("one-source-of-a-disk", "a disk has one source", "compute.v1 Disk, its source fields", _one_source, DISKS),
    _rule(
        "one-source-of-a-boot-disk",
        "a boot disk has one source",
        "compute.v1 AttachedDiskInitializeParams.sourceSnapshot",
        _one_boot_source,
        frozenset({INSTANCE}),
    ),
    _rule(
        "a-disk-holds-its-image",
        "a disk is not smaller than its image",
        "cloud.google.com/compute/docs/images/os-details, Default boot disk size; the API's answer as public programs "
        "quote it",
        _image_fits,
        DISKS | {INSTANCE},
    ),
    _rule(
        "a-disk-that-is-there",
        "a disk that is there has no size of its own",
        f"{_TEMPLATE_GO}, buildDisks",
        _template_source,
        _TEMPLATES,
    ),
    _rule(
        "first-disk-boots",
        "only a template's first disk boots",
        f"{_TEMPLATE_GO}, its boot disk check",
        _template_boot,
        _TEMPLATES,
    ),
    _rule(
        "disk-limits",
        "sizes, IOPS and throughput are those of the kind of disk",
        "cloud.google.com/compute/docs/disks/hyperdisks and persistent-disks, Limits per disk",
        _performance,
        DISKS | MACHINES,
    ),
)
