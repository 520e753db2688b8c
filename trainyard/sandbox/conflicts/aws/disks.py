"""EBS volumes: sizes, IOPS and throughput by type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.aws.reading import known, whole
from trainyard.sandbox.conflicts.conflict import Conflict, Given


@dataclass(frozen=True)
class _Type:
    """`size` in GiB, `iops` and `throughput` (MiB/s) as least and most; None where they may not be given."""

    size: tuple[int, int]
    iops: tuple[int, int] | None = None
    per_gib: int = 0
    throughput: tuple[int, int] | None = None


# docs.aws.amazon.com/ebs, "Amazon EBS volume types" and EC2 API CreateVolume, Size and Iops (botocore 1.44.5's text).
_TYPES: Final[Mapping[str, _Type]] = {
    "gp3": _Type((1, 65536), (3000, 80000), 500, (125, 2000)),
    "gp2": _Type((1, 16384)),
    "io1": _Type((4, 16384), (100, 64000), 50),
    "io2": _Type((4, 65536), (100, 256000), 1000),
    "st1": _Type((125, 16384)),
    "sc1": _Type((125, 16384)),
    "standard": _Type((1, 1024)),
}
_NEEDS_IOPS: Final = frozenset({"io1", "io2"})
_PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:ec2/instance:Instance": ("rootBlockDevice", "ebsBlockDevices"),
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest": ("rootBlockDevice", "ebsBlockDevices"),
    "aws:ec2/launchConfiguration:LaunchConfiguration": ("rootBlockDevice", "ebsBlockDevices"),
    "aws:ec2/launchTemplate:LaunchTemplate": ("blockDeviceMappings",),
    "aws:ebs/volume:Volume": ("",),
}


def _disks(given: Given) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for place in _PLACES[given.type.token]:
        if place == "blockDeviceMappings":
            for path, mapping in given.each(place):
                ebs = known(mapping.get("ebs"))
                if isinstance(ebs, Mapping):
                    yield f"{path}.ebs.", ebs
        elif place == "ebsBlockDevices":
            for path, disk in given.each(place):
                yield f"{path}.", disk
        elif place:
            disk = given.at(place)
            if isinstance(disk, Mapping):
                yield f"{place}.", disk
        else:
            yield "", given.inputs


def _sizes(given: Given) -> Iterator[Problem]:
    for prefix, disk in _disks(given):
        name = "type" if prefix == "" else "volumeType"
        kind = known(disk.get(name))
        size_name = "size" if prefix == "" else "volumeSize"
        size, iops, speed = (whole(disk.get(key)) for key in (size_name, "iops", "throughput"))
        limits = _TYPES.get(kind) if isinstance(kind, str) else None
        if limits is None:
            if size is not None and not 1 <= size <= 65536:
                yield Problem(
                    f"{prefix}{size_name}", f"InvalidParameterValue: volume of {size}GiB; 1 to 65536 GiB are taken"
                )
            continue
        yield from _within(
            prefix + size_name, size, limits.size, f"The volume size is invalid for {kind} volumes", "GiB"
        )
        yield from _allowed(
            prefix + "iops", iops, limits.iops, f"The parameter iops is not supported for {kind} volumes"
        )
        yield from _allowed(
            prefix + "throughput",
            speed,
            limits.throughput,
            f"The parameter throughput is not supported for {kind} volumes",
        )
        if kind in _NEEDS_IOPS and disk.get("iops") in (None, 0):
            yield Problem(
                prefix + "iops", f"MissingParameter: The parameter iops must be specified for {kind} volumes."
            )
        if iops and size and limits.per_gib and iops > max(size * limits.per_gib, limits.iops[0] if limits.iops else 0):
            text = f"Iops to volume size ratio of {iops / size:g} is too high; maximum is {limits.per_gib}"
            yield Problem(prefix + "iops", f"InvalidParameterValue: {text}")
        if kind == "gp3" and speed and speed > max((iops or 3000) / 4, 125):
            text = f"Throughput (MiBps) to iops ratio of {speed / (iops or 3000):g} is too high; maximum is 0.25"
            yield Problem(prefix + "throughput", f"InvalidParameterValue: {text}")


def _within(path: str, number: int | None, limits: tuple[int, int], text: str, unit: str) -> Iterator[Problem]:
    if number is not None and not limits[0] <= number <= limits[1]:
        unit = f" {unit}" if unit else ""
        yield Problem(path, f"InvalidParameterValue: {text}: {number}; {limits[0]} to {limits[1]}{unit} are taken")


def _allowed(path: str, number: int | None, limits: tuple[int, int] | None, text: str) -> Iterator[Problem]:
    if not number:  # 0 is "not given" to the provider
        return
    if limits is None:
        yield Problem(path, f"InvalidParameterCombination: {text}")
    else:
        yield from _within(path, number, limits, "The value is out of range", "")


def _key_without_encryption(given: Given) -> Iterator[Problem]:
    for prefix, disk in _disks(given):
        if known(disk.get("kmsKeyId")) and known(disk.get("encrypted")) is False:
            yield Problem(
                f"{prefix}kmsKeyId",
                "InvalidParameterDependency: The parameter KmsKeyId requires the parameter Encrypted to be set.",
            )


def _empty_volume(given: Given) -> Iterator[Problem]:
    if given.inputs.get("size") is None and given.inputs.get("snapshotId") is None:
        yield Problem("size", "MissingParameter: The request must contain the parameter size or snapshotId")
    if given.at("multiAttachEnabled") is True and given.text("type") not in ("io1", "io2", ""):
        kind = given.text("type")
        yield Problem("multiAttachEnabled", f"InvalidParameterCombination: multi-attach is not supported by {kind}")


CONFLICTS: Final = (
    Conflict(
        name="volume-performance",
        types=frozenset(_PLACES),
        says="Size, IOPS and throughput fit the volume's type and each other.",
        source="docs.aws.amazon.com/ebs, Amazon EBS volume types; EC2 API CreateVolume: Size, Iops, Throughput",
        find=_sizes,
    ),
    Conflict(
        name="key-of-encrypted-volume",
        types=frozenset(_PLACES),
        says="A volume with a key is an encrypted one.",
        source="EC2 API CreateVolume, KmsKeyId: if it is given, the encrypted state must be true",
        find=_key_without_encryption,
    ),
    Conflict(
        name="volume-from-something",
        types=frozenset({"aws:ebs/volume:Volume"}),
        says="A volume has a size or a snapshot; only io1 and io2 are attached to several machines.",
        source="EC2 API CreateVolume, Size and MultiAttachEnabled",
        find=_empty_volume,
    ),
)
