"""Amazon: machines that cannot stop, volumes that grow only and not too often, versions that go one step."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.provider.in_place.step import Step
from trainyard.sandbox.provider.order import Refused
from trainyard.servicer.codec import from_marked
from trainyard.servicer.values import reveal

# docs.aws.amazon.com/ebs/latest/userguide/modify-volume-requirements.html, read 2026-11-24
_PAUSE_S: Final = 6 * 3600
_MODIFIED: Final = ("size", "type", "iops", "throughput")
_ROOT: Final = "rootBlockDevice"
_ROOT_MODIFIED: Final = ("volumeSize", "volumeType", "iops", "throughput")


def stays_or_stops(step: Step) -> None:
    """A change of the instance type stops the machine; one-time spot machines cannot stop."""
    options = step.old.get("instanceMarketOptions")
    spot = options.get("spotOptions") or {} if isinstance(options, Mapping) else {}
    one_time = isinstance(options, Mapping) and options.get("marketType") == "spot"
    if one_time and spot.get("spotInstanceType") != "persistent" and any(step.touching("instanceType")):
        msg = (
            f"UnsupportedOperation: You can't stop the Spot Instance '{step.thing.id}' because it is associated with a "
            "one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance "
            "requests.; its instance type changes only with a new machine"
        )
        raise Refused(msg)


def root_volume(step: Step) -> None:
    changes = list(step.touching(*(f"{_ROOT}.{name}" for name in _ROOT_MODIFIED)))
    if step.shrinks(f"{_ROOT}.volumeSize"):
        raise Refused(_SHRINKS)
    if changes:
        _not_again(step, lambda inputs: _picked(inputs.get(_ROOT), _ROOT_MODIFIED))


def volume(step: Step) -> None:
    if step.shrinks("size"):
        raise Refused(_SHRINKS)
    if any(step.touching(*_MODIFIED)):
        _not_again(step, lambda inputs: _picked(inputs, _MODIFIED))


_SHRINKS: Final = "InvalidParameterValue: New size cannot be smaller than existing size; make a new volume and copy"


def _not_again(step: Step, of: Callable[[Mapping[str, Any]], Any]) -> None:
    """Refused when the same was modified less than six hours ago."""
    last: float | None = None
    before: Any = None
    for since, inputs in _history(step):
        if before is not None and of(inputs) != before:
            last = since
        before = of(inputs)
    if last is not None and step.order.now - last < _PAUSE_S:
        msg = (
            "VolumeModificationRateExceeded: You've reached the maximum modification rate per volume limit. Wait at "
            "least 6 hours between modifications per EBS volume."
        )
        raise Refused(msg)


def _history(step: Step) -> Iterator[tuple[float, Mapping[str, Any]]]:
    """Since when the thing had which inputs."""
    rows = step.order.store.rows(
        "SELECT at, inputs FROM lives WHERE type=? AND id=? ORDER BY at, rowid", step.thing.type, step.thing.id
    )
    later: Mapping[str, Any] = step.old
    found: list[tuple[float, Mapping[str, Any]]] = []
    for at, text in reversed(rows):
        later = reveal(json.loads(text, object_hook=from_marked)) if text else later
        found.append((float(at), later))
    yield from reversed(found)


def _picked(inputs: Any, names: tuple[str, ...]) -> Any:
    return {name: inputs.get(name) for name in names} if isinstance(inputs, Mapping) else {}


def cluster_version(step: Step) -> None:
    """EKS goes up one minor version at a time, and never down."""
    for leaf in step.touching("version"):
        old, new = (re.fullmatch(r"1\.(\d+)", str(value)) for value in (leaf.old, leaf.new))
        if old and new and int(new.group(1)) - int(old.group(1)) != 1:
            msg = (
                f"InvalidParameterException: Unsupported Kubernetes minor version update from {leaf.old} to {leaf.new};"
                " a cluster goes up one minor version at a time"
            )
            raise Refused(msg)


def storage_grows(path: str) -> Callable[[Step], None]:
    """A database's storage cannot be made smaller."""

    def rule(step: Step) -> None:
        found = step.shrinks(path)
        if found:
            msg = (
                f"InvalidParameterCombination: the storage cannot be reduced from {found[0]:g} to {found[1]:g} GiB; "
                "make a new database and move the data"
            )
            raise Refused(msg)

    return rule


RULES: Final[Mapping[str, tuple[Callable[[Step], None], ...]]] = {
    "aws:ec2/instance:Instance": (stays_or_stops, root_volume),
    "aws:ebs/volume:Volume": (volume,),
    "aws:eks/cluster:Cluster": (cluster_version,),
    "aws:rds/instance:Instance": (storage_grows("allocatedStorage"),),
}
