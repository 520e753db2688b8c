"""Buckets, objects, Filestore and Managed Lustre."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.conflict import Conflict, Given, plain
from trainyard.sandbox.conflicts.gcp.machine import number_of, text_of
from trainyard.sandbox.provider.gcp_places import regions, zones

_BUCKET: Final = "gcp:storage/bucket:Bucket"
_DAY: Final = 86400
_MULTI: Final = frozenset({"US", "EU", "ASIA"})
# pulumi-gcp 10.2.0, filestore Instance.fileShares.capacityGb: GiB; a step counts from where it begins
_FILESTORE: Final[Mapping[str, tuple[int, int, tuple[tuple[int, int], ...]]]] = {
    "STANDARD": (1024, 65433, ()),
    "BASIC_HDD": (1024, 65433, ()),
    "PREMIUM": (2560, 65433, ()),
    "BASIC_SSD": (2560, 65433, ()),
    "HIGH_SCALE_SSD": (10240, 102400, ((10240, 2560),)),
    "ZONAL": (100, 102400, ((10240, 2560),)),
    "ENTERPRISE": (1024, 10240, ((1024, 256),)),
    "REGIONAL": (100, 102400, ((10240, 2560),)),
}
_NO_CLASS: Final = ("Delete", "AbortIncompleteMultipartUpload")
_REGIONAL: Final = frozenset({"ENTERPRISE", "REGIONAL"})
# cloud.google.com/managed-lustre/docs/create-instance, Performance tiers: GiB, the least and the step
_LUSTRE: Final[Mapping[str, int]] = {"1000": 9000, "500": 18000, "250": 36000, "125": 72000}


def _lifecycle(given: Given) -> Iterator[Problem]:
    for path, rule in given.each("lifecycleRules"):
        action, condition = plain(rule.get("action")), plain(rule.get("condition"))
        kind = text_of(action, "type") if isinstance(action, Mapping) else ""
        if isinstance(action, Mapping) and kind == "SetStorageClass" and action.get("storageClass") is None:
            yield Problem(f"{path}.action.storageClass", "required and missing: SetStorageClass says to which class")
        elif isinstance(action, Mapping) and kind in _NO_CLASS and plain(action.get("storageClass")):
            yield Problem(f"{path}.action.storageClass", f"{kind} has no storage class; leave it out")
        if isinstance(condition, Mapping) and not condition:
            yield Problem(f"{path}.condition", "A lifecycle rule needs at least one condition, such as age")


def _placement(given: Given) -> Iterator[Problem]:
    location, data = given.text("location").upper(), given.at("customPlacementConfig.dataLocations")
    if not isinstance(data, list) or not location:
        return
    if location in _MULTI and len(data) != 2:
        text = f"a dual-region bucket has two regions, {len(data)} were given"
        yield Problem("customPlacementConfig.dataLocations", text)
    elif location not in _MULTI and len(data) > 1:
        text = f"with two regions in customPlacementConfig it is their part of the world: {', '.join(sorted(_MULTI))}"
        yield Problem("location", f"Invalid value for location '{location}': {text}")


def _folders(given: Given) -> Iterator[Problem]:
    if given.at("hierarchicalNamespace.enabled") is not True:
        return
    uniform = "uniformBucketLevelAccess"
    if given.at(uniform) is False:
        text = "Hierarchical namespace buckets must use uniform bucket-level access."
        yield Problem(uniform, f"{text}; set {uniform} to true")
    if given.at("versioning.enabled") is True:
        yield Problem("versioning.enabled", "A bucket with a hierarchical namespace has no versioning; choose one")


def _retention(given: Given) -> Iterator[Problem]:
    kept = given.at("softDeletePolicy.retentionDurationSeconds")
    if isinstance(kept, int | float) and kept and not 7 * _DAY <= kept <= 90 * _DAY:
        text = f"Soft delete keeps for 0, or from {7 * _DAY} (7 days) to {90 * _DAY} (90 days) seconds"
        yield Problem("softDeletePolicy.retentionDurationSeconds", f"Invalid argument '{kept:g}'. {text}")


def _object(given: Given) -> Iterator[Problem]:
    if given.inputs.get("source") is None and given.inputs.get("content") is None:
        yield Problem("source", 'Error, either "content" or "source" must be specified')


def _filestore_size(given: Given) -> Iterator[Problem]:
    tier, share = given.text("tier"), given.at("fileShares")
    size = number_of(share, "capacityGb") if isinstance(share, Mapping) else None
    if size is None or tier not in _FILESTORE:
        return
    least, most, steps = _FILESTORE[tier]
    step = next((step for start, step in steps if size >= start), 1)
    if not least <= size <= most or size % step:
        more = "".join(f", in steps of {step} from {start}" for start, step in steps)
        text = f"{tier} has {least} to {most} GiB{more}"
        yield Problem("fileShares.capacityGb", f"Invalid capacity: {size:g} GiB; {text}")


def _filestore_place(given: Given) -> Iterator[Problem]:
    tier = given.text("tier")
    for name in ("location", "zone"):
        where = given.text(name)
        if tier in _REGIONAL and where in zones():
            text = f'{tier} is regional: give location "{where.rpartition("-")[0]}"'
        elif tier in _FILESTORE and tier not in _REGIONAL and where in regions():
            text = f"{tier} lies in a zone, such as {where}-b"
        else:
            continue
        yield Problem(name, f"Invalid value for {name}: '{where}'; {text}")


def _lustre(given: Given) -> Iterator[Problem]:
    throughput, capacity = given.text("perUnitStorageThroughput"), given.text("capacityGib")
    if throughput and throughput not in (*_LUSTRE, "0"):
        text = f"allowed are {', '.join(_LUSTRE)} MB/s per TiB"
        yield Problem("perUnitStorageThroughput", f"Invalid value '{throughput}'; {text}")
    if not capacity.isdecimal():
        return
    step = _LUSTRE.get(throughput, 1)  # the dynamic tier has no throughput, and other steps
    least = max(step, min(_LUSTRE.values()))
    if int(capacity) < least or int(capacity) % step:
        wish = f"a multiple of {step} GiB" if step > 1 else f"at least {least} GiB"
        text = f"with {throughput or 'no fixed'} MB/s per TiB it is {wish}"
        yield Problem("capacityGib", f"Invalid capacity '{capacity}'; {text}")


def _rule(name: str, type: str, says: str, source: str, find: Callable[[Given], Iterator[Problem]]) -> Conflict:
    return Conflict(name=name, types=frozenset({type}), says=says, source=source, find=find)


_FILE: Final = "gcp:filestore/instance:Instance"
_STORAGE: Final = "cloud.google.com/storage/docs"
CONFLICTS: Final[tuple[Conflict, ...]] = (
    _rule(
        "lifecycle-rules",
        _BUCKET,
        "an action has its storage class, a rule a condition",
        f"{_STORAGE}/lifecycle",
        _lifecycle,
    ),
    _rule(
        "dual-regions",
        _BUCKET,
        "two regions in one part of the world",
        f"{_STORAGE}/locations, Configurable dual-regions",
        _placement,
    ),
    _rule(
        "folders-need-uniform-access",
        _BUCKET,
        "a hierarchical namespace needs uniform access and has no versions",
        f"{_STORAGE}/hns-overview, Limitations",
        _folders,
    ),
    _rule(
        "soft-delete-range",
        _BUCKET,
        "soft delete keeps 7 to 90 days, or not at all",
        f"{_STORAGE}/soft-delete",
        _retention,
    ),
    _rule(
        "an-object-has-a-content",
        "gcp:storage/bucketObject:BucketObject",
        "an object has source or content",
        "terraform-provider-google-beta 93c65b2d, resource_storage_bucket_object.go",
        _object,
    ),
    _rule(
        "filestore-capacity",
        _FILE,
        "a tier has certain capacities",
        "pulumi-gcp 10.2.0, filestore Instance.fileShares.capacityGb",
        _filestore_size,
    ),
    _rule(
        "filestore-place",
        _FILE,
        "a tier lies in a zone or in a region",
        "cloud.google.com/filestore/docs/service-tiers",
        _filestore_place,
    ),
    _rule(
        "lustre-capacity",
        "gcp:lustre/instance:Instance",
        "a performance tier has capacities in steps",
        "cloud.google.com/managed-lustre/docs/create-instance, Performance tiers; pulumi-gcp 10.2.0, lustre Instance",
        _lustre,
    ),
)
