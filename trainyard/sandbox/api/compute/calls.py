"""The table of Compute Engine's calls that the sandbox serves."""

from __future__ import annotations

from trainyard.sandbox.api.call import Route
from trainyard.sandbox.api.compute import catalogue, groups, machines, work
from trainyard.sandbox.api.compute.parts import ADDRESSES, DISKS, SNAPSHOTS

_PROJECT = "/compute/v1/projects/{project}"
_ZONE = f"{_PROJECT}/zones/{{zone}}"
_REGION = f"{_PROJECT}/regions/{{region}}"
_INSTANCES = f"{_ZONE}/instances"
_INSTANCE = f"{_INSTANCES}/{{instance}}"
_GROUP = f"{_ZONE}/instanceGroupManagers/{{instanceGroupManager}}"
_TYPES = "machineTypes"

ROUTES = (
    Route(
        id="compute.instances.aggregatedList",
        method="GET",
        path=f"{_PROJECT}/aggregated/instances",
        answer=machines.aggregated_list,
    ),
    Route(id="compute.instances.list", method="GET", path=_INSTANCES, answer=machines.list_zone),
    Route(id="compute.instances.insert", method="POST", path=_INSTANCES, answer=machines.insert),
    Route(id="compute.instances.get", method="GET", path=_INSTANCE, answer=machines.get),
    Route(id="compute.instances.delete", method="DELETE", path=_INSTANCE, answer=machines.delete),
    Route(id="compute.instances.stop", method="POST", path=f"{_INSTANCE}/stop", answer=machines.stop),
    Route(id="compute.instances.start", method="POST", path=f"{_INSTANCE}/start", answer=machines.start),
    Route(id="compute.instances.setLabels", method="POST", path=f"{_INSTANCE}/setLabels", answer=machines.set_labels),
    Route(
        id="compute.instanceGroupManagers.aggregatedList",
        method="GET",
        path=f"{_PROJECT}/aggregated/instanceGroupManagers",
        answer=groups.aggregated_list,
    ),
    Route(id="compute.instanceGroupManagers.get", method="GET", path=_GROUP, answer=groups.get),
    Route(id="compute.instanceGroupManagers.delete", method="DELETE", path=_GROUP, answer=groups.delete),
    *DISKS.routes(),
    *ADDRESSES.routes(),
    *SNAPSHOTS.routes(),
    *(
        route
        for name, place in (("zone", _ZONE), ("region", _REGION), ("global", f"{_PROJECT}/global"))
        for route in (
            Route(
                id=f"compute.{name}Operations.get",
                method="GET",
                path=f"{place}/operations/{{operation}}",
                answer=work.get,
            ),
            Route(
                id=f"compute.{name}Operations.wait",
                method="POST",
                path=f"{place}/operations/{{operation}}/wait",
                answer=work.get,
            ),
        )
    ),
    Route(id="compute.zones.list", method="GET", path=f"{_PROJECT}/zones", answer=catalogue.list_zones),
    Route(id="compute.zones.get", method="GET", path=_ZONE, answer=catalogue.get_zone),
    Route(id="compute.regions.list", method="GET", path=f"{_PROJECT}/regions", answer=catalogue.list_regions),
    Route(id="compute.regions.get", method="GET", path=_REGION, answer=catalogue.get_region),
    Route(id="compute.machineTypes.list", method="GET", path=f"{_ZONE}/{_TYPES}", answer=catalogue.list_machine_types),
    Route(
        id="compute.machineTypes.get",
        method="GET",
        path=f"{_ZONE}/{_TYPES}/{{machineType}}",
        answer=catalogue.get_machine_type,
    ),
    Route(
        id="compute.machineTypes.aggregatedList",
        method="GET",
        path=f"{_PROJECT}/aggregated/{_TYPES}",
        answer=catalogue.aggregated_machine_types,
    ),
    Route(id="compute.projects.get", method="GET", path=_PROJECT, answer=catalogue.get_project),
)
