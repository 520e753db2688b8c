"""Groups of machines, resize requests, resource policies and reservations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.conflict import Conflict, Given
from trainyard.sandbox.conflicts.gcp.machine import number_of

_GROUP: Final = frozenset(
    {
        "gcp:compute/instanceGroupManager:InstanceGroupManager",
        "gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager",
    }
)
_RESIZE: Final = frozenset(
    {"gcp:compute/resizeRequest:ResizeRequest", "gcp:compute/regionResizeRequest:RegionResizeRequest"}
)
_DAY: Final = 86400


def _update_sums(given: Given) -> Iterator[Problem]:
    base = "updatePolicy"
    names = ("maxSurgeFixed", "maxSurgePercent", "maxUnavailableFixed", "maxUnavailablePercent")
    if any(given.unknown(f"{base}.{name}") for name in names):
        return
    surge = [given.at(f"{base}.{name}") for name in names[:2]]
    unavailable = [given.at(f"{base}.{name}") for name in names[2:]]
    if _all_zero(surge) and _all_zero(unavailable):
        text = "maxSurge and maxUnavailable cannot both be 0: no machine could be replaced; raise one of them"
        yield Problem(f"{base}.maxUnavailableFixed", f"Invalid value for field 'resource.{base}': '0'. {text}")
    if given.text(f"{base}.replacementMethod") == "RECREATE" and any(surge):
        text = "With the replacement method RECREATE maxSurge is 0; set it to 0, or take SUBSTITUTE"
        yield Problem(f"{base}.maxSurgeFixed", f"Invalid value for field 'resource.{base}.maxSurge'. {text}")


def _all_zero(values: list[object]) -> bool:
    given = [value for value in values if value is not None]
    return bool(given) and not any(given)


def _action(given: Given) -> Iterator[Problem]:
    order = ("NONE", "REFRESH", "RESTART", "REPLACE")
    least, most = given.text("updatePolicy.minimalAction"), given.text("updatePolicy.mostDisruptiveAllowedAction")
    if least in order and most in order and order.index(least) > order.index(most):
        text = f"minimalAction {least} is more disruptive than mostDisruptiveAllowedAction {most}"
        yield Problem("updatePolicy.mostDisruptiveAllowedAction", f"{text}; give {least} or more")


def _versions(given: Given) -> Iterator[Problem]:
    versions = list(given.each("versions"))
    whole = [path for path, version in versions if version.get("targetSize") is None]
    if versions and len(whole) != 1 and len(versions) > 1:
        text = f"exactly one version is without targetSize and takes the rest; here {len(whole)} are"
        yield Problem("versions", text)


def _resize(given: Given) -> Iterator[Problem]:
    number = given.at("resizeBy")
    if isinstance(number, int | float) and number < 1:
        yield Problem("resizeBy", f"Invalid value for field 'resource.resizeBy': '{number:g}'. It is 1 or more")
    seconds = given.at("requestedRunDuration.seconds")
    if isinstance(seconds, str) and seconds.isdecimal() and not 600 <= int(seconds) <= 7 * _DAY:
        text = f"A requested run is from 600 seconds to {7 * _DAY} (7 days)"
        path = "requestedRunDuration.seconds"
        yield Problem(path, f"Invalid value for field 'resource.{path}': '{seconds}'. {text}")


def _placement(given: Given) -> Iterator[Problem]:
    base = "groupPlacementPolicy"
    if given.text(f"{base}.collocation") == "COLLOCATED" and given.at(f"{base}.availabilityDomainCount"):
        text = "A collocated policy has no availability domains: those spread machines out; give one of the two"
        yield Problem(f"{base}.availabilityDomainCount", text)
    alone = given.text(f"{base}.collocation") != "COLLOCATED" and not given.unknown(f"{base}.collocation")
    if alone and given.at(f"{base}.maxDistance") is not None:
        yield Problem(f"{base}.maxDistance", "maxDistance goes with collocation COLLOCATED; add it")


def _workload(given: Given) -> Iterator[Problem]:
    if given.at("workloadPolicy") is not None:
        for other in ("groupPlacementPolicy", "instanceSchedulePolicy", "snapshotSchedulePolicy"):
            if given.at(other) is not None:
                text = f"A resource policy is of one kind; given are workloadPolicy and {other}"
                yield Problem(other, f"{text}; make two")
    if given.text("workloadPolicy.type") == "HIGH_AVAILABILITY" and given.text("workloadPolicy.acceleratorTopology"):
        text = "acceleratorTopology goes with the type HIGH_THROUGHPUT; HIGH_AVAILABILITY spreads machines out"
        yield Problem("workloadPolicy.acceleratorTopology", text)


def _reservation(given: Given) -> Iterator[Problem]:
    specific = given.at("specificReservation")
    count = number_of(specific, "count") if isinstance(specific, Mapping) else None
    if count is not None and count < 1:
        text = f"Invalid value for field 'resource.specificReservation.count': '{count:g}'. It is 1 or more"
        yield Problem("specificReservation.count", text)
    projects = given.at("shareSettings.projectMaps") or given.at("shareSettings.projects")
    share = given.text("shareSettings.shareType")
    if share == "LOCAL" and projects:
        yield Problem("shareSettings.projectMaps", "share type LOCAL names no projects; give SPECIFIC_PROJECTS")
    hidden = given.unknown("shareSettings.projectMaps") or given.unknown("shareSettings.projects")
    if share == "SPECIFIC_PROJECTS" and not projects and not hidden:
        yield Problem("shareSettings.projectMaps", "required and missing: SPECIFIC_PROJECTS names the projects")


def _rule(
    name: str, types: frozenset[str], says: str, source: str, find: Callable[[Given], Iterator[Problem]]
) -> Conflict:
    return Conflict(name=name, types=types, says=says, source=source, find=find)


_UPDATES: Final = "cloud.google.com/compute/docs/instance-groups/rolling-out-updates-to-managed-instance-groups"
_POLICY: Final = frozenset({"gcp:compute/resourcePolicy:ResourcePolicy"})
CONFLICTS: Final[tuple[Conflict, ...]] = (
    _rule("an-update-replaces-something", _GROUP, "surge or unavailable is over 0", _UPDATES, _update_sums),
    _rule("least-and-most-action", _GROUP, "the least action is not over the most", f"{_UPDATES}, Actions", _action),
    _rule(
        "one-version-takes-the-rest",
        _GROUP,
        "of several versions one has no target size",
        "compute.v1 InstanceGroupManagerVersion.targetSize",
        _versions,
    ),
    _rule(
        "resize-request-range",
        _RESIZE,
        "a resize request is for 1 machine or more, 10 minutes to 7 days",
        "cloud.google.com/compute/docs/instance-groups/about-resize-requests-mig; compute.v1 "
        "InstanceGroupManagerResizeRequest.requestedRunDuration",
        _resize,
    ),
    _rule(
        "collocated-or-spread",
        _POLICY,
        "a placement policy collocates or spreads",
        "cloud.google.com/compute/docs/instances/use-compact-placement-policies",
        _placement,
    ),
    _rule(
        "one-kind-of-policy",
        _POLICY,
        "a workload policy stands alone, and topology is for throughput",
        "cloud.google.com/compute/docs/instance-groups/about-workload-policies",
        _workload,
    ),
    _rule(
        "a-reservation-is-of-machines",
        frozenset({"gcp:compute/reservation:Reservation"}),
        "a reservation is of 1 machine or more, and names the projects that it is shared with",
        "cloud.google.com/compute/docs/instances/reservations-shared; compute.v1 ShareSettings",
        _reservation,
    ),
)
