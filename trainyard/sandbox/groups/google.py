"""Managed instance groups: they make machines of a template, and make a lost one again unless told otherwise.

cloud.google.com/compute/docs/instance-groups/about-repair: a group recreates a machine that is not running, by any
cause but the group's own, unless `defaultActionOnFailure` is DO_NOTHING. Until it has its target size, it goes on
trying to make the machines that did not come: cloud.google.com/compute/docs/troubleshooting/troubleshooting-migs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from trainyard.sandbox.groups.group import Wanted
from trainyard.sandbox.store import Store, Thing
from trainyard.servicer.values import reveal

MACHINE: Final = "gcp:compute/instance:Instance"
TYPES: Final = (
    "gcp:compute/instanceGroupManager:InstanceGroupManager",
    "gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager",
)
_TEMPLATES: Final = (
    "gcp:compute/instanceTemplate:InstanceTemplate",
    "gcp:compute/regionInstanceTemplate:RegionInstanceTemplate",
)
_REQUEST: Final = "gcp:compute/resizeRequest:ResizeRequest"
ALSO: Final = (*_TEMPLATES, _REQUEST)  # of which a group's size and machines depend as well
_SAME: Final = (
    "machineType",
    "networkInterfaces",
    "labels",
    "metadata",
    "metadataStartupScript",
    "tags",
    "scheduling",
    "serviceAccount",
    "guestAccelerators",
    "shieldedInstanceConfig",
    "reservationAffinity",
    "minCpuPlatform",
    "canIpForward",
)


def wanted(store: Store, group: Thing) -> Wanted | None:
    """What the group wants; None when its template is gone."""
    given = reveal(dict(group.inputs))
    template = _template(store, group, given)
    if template is None:
        return None
    asked = _asked(store, group)
    run = max((one.get("requestedRunDuration") or {} for one in asked), key=_seconds, default={})
    zone = str(given.get("zone") or _a_zone(group)).rpartition("/")[2]
    inputs = {**_inputs(reveal(dict(template.inputs)), run), "zone": zone, "project": group.project}
    size = given.get("targetSize")
    failing = (given.get("instanceLifecyclePolicy") or {}).get("defaultActionOnFailure")
    return Wanted(
        type=MACHINE,
        size=int(size or 0) + sum(int(one.get("resizeBy") or 0) for one in asked),
        names=str(given.get("baseInstanceName") or group.name),
        inputs=inputs,
        repairs=failing != "DO_NOTHING",
        tries=True,
        # compute.v1 InstanceGroupManagerTargetSizePolicy.mode BULK; About resize requests in a MIG: "all at once".
        whole=bool(asked) or any(one.get("mode") == "BULK" for one in _policies(given)),
        name_in="name",
    )


def _template(store: Store, group: Thing, given: Mapping[str, Any]) -> Thing | None:
    versions = given.get("versions") or [{}]
    link = str(versions[0].get("instanceTemplate") or "")
    path = link[link.index("projects/") :] if "projects/" in link else ""
    name = link.rpartition("/")[2].partition("?")[0]
    for type in _TEMPLATES:
        found = store.get(type, path.partition("?")[0]) if path else None
        found = found or next(iter(store.list(type=type, project=group.project, name=name)), None)
        if found is not None:
            return found
    return None


def _policies(given: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    told = given.get("targetSizePolicies") or []
    return [told] if isinstance(told, Mapping) else list(told)


def _asked(store: Store, group: Thing) -> list[dict[str, Any]]:
    """The group's resize requests, by which flex-start machines come."""
    found = (reveal(dict(thing.inputs)) for thing in store.list(type=_REQUEST, project=group.project))
    return [one for one in found if str(one.get("instanceGroupManager", "")).rpartition("/")[2] == group.name]


def _inputs(template: Mapping[str, Any], run: Mapping[str, Any]) -> dict[str, Any]:
    inputs: dict[str, Any] = {name: template[name] for name in _SAME if template.get(name) is not None}
    disks = [disk for disk in template.get("disks") or [] if isinstance(disk, Mapping)]
    boot = next((disk for disk in disks if disk.get("boot", True) is not False), disks[0] if disks else {})
    inputs["bootDisk"] = {"autoDelete": boot.get("autoDelete", True), "initializeParams": _disk(boot)}
    scratch = [{"interface": disk.get("interface") or "NVME"} for disk in disks if disk.get("type") == "SCRATCH"]
    if scratch:
        inputs["scratchDisks"] = scratch
    if run:
        scheduling = {**(inputs.get("scheduling") or {}), "maxRunDuration": {"seconds": int(_seconds(run))}}
        inputs["scheduling"] = {"instanceTerminationAction": "DELETE", **scheduling}
    return inputs


def _disk(disk: Mapping[str, Any]) -> dict[str, Any]:
    named = {"image": "sourceImage", "size": "diskSizeGb", "type": "diskType", "labels": "labels"}
    return {name: disk[theirs] for name, theirs in named.items() if disk.get(theirs) is not None}


def _seconds(span: Mapping[str, Any]) -> float:
    return float(span.get("seconds") or 0)


def _a_zone(group: Thing) -> str:
    """A zone of a regional group's region."""
    zones = group.inputs.get("distributionPolicyZones")
    return str(zones[0]) if isinstance(zones, list) and zones else f"{group.place}-a"
