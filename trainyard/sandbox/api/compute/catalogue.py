"""The calls that tell what there is: zones, regions, machine types, projects."""

from __future__ import annotations

from typing import Any

from trainyard.sandbox.api.call import Call
from trainyard.sandbox.api.compute import inventory, pages, places
from trainyard.sandbox.api.compute.machines import check_zone
from trainyard.sandbox.api.compute.names import moment, number, url
from trainyard.sandbox.api.compute.pages import Listed
from trainyard.sandbox.api.compute.quotas import project_quotas, region_quotas
from trainyard.sandbox.api.google_error import not_found


def list_zones(call: Call) -> dict[str, Any]:
    inventory.check_project(call)
    found = [_listed("global", zone, places.zone_json(call.project, zone)) for zone in places.zones()]
    return pages.listed(call, "compute#zoneList", found)


def get_zone(call: Call) -> dict[str, Any]:
    inventory.check_project(call)
    zone = call.places["zone"]
    if zone not in places.zones():
        raise not_found(resource=f"projects/{call.project}/zones/{zone}")
    return places.zone_json(call.project, zone)


def list_regions(call: Call) -> dict[str, Any]:
    inventory.check_project(call)
    found = [_listed("global", region, places.region_json(call.project, region)) for region in places.regions()]
    return pages.listed(call, "compute#regionList", found)


def get_region(call: Call) -> dict[str, Any]:
    inventory.check_project(call)
    region = call.places["region"]
    if region not in places.regions():
        raise not_found(resource=f"projects/{call.project}/regions/{region}")
    return {**places.region_json(call.project, region), "quotas": region_quotas(call, region)}


def list_machine_types(call: Call) -> dict[str, Any]:
    inventory.check_project(call)
    return pages.listed(call, "compute#machineTypeList", _machine_types(call, check_zone(call)))


def aggregated_machine_types(call: Call) -> dict[str, Any]:
    inventory.check_project(call)
    found = [listed for zone in places.zones() for listed in _machine_types(call, zone)]
    scopes = [f"zones/{zone}" for zone in places.zones()]
    return pages.aggregated(call, "compute#machineTypeAggregatedList", "machineTypes", scopes, found)


def get_machine_type(call: Call) -> dict[str, Any]:
    inventory.check_project(call)
    zone, name = check_zone(call), call.places["machineType"]
    for listed in _machine_types(call, zone):
        if listed.name == name:
            return dict(listed.json)
    raise not_found(resource=f"projects/{call.project}/zones/{zone}/machineTypes/{name}")


def get_project(call: Call) -> dict[str, Any]:
    inventory.check_project(call)
    mark = number("project", call.project)
    return {
        "kind": "compute#project",
        "id": mark,
        "creationTimestamp": moment(0),
        "name": call.project,
        "selfLink": url(f"projects/{call.project}"),
        "defaultServiceAccount": f"{mark[:12]}-compute@developer.gserviceaccount.com",
        "defaultNetworkTier": "PREMIUM",
        "xpnProjectStatus": "UNSPECIFIED_XPN_PROJECT_STATUS",
        "quotas": project_quotas(call),
        "commonInstanceMetadata": {"kind": "compute#metadata", "fingerprint": "AAAAAAAAAAA="},
    }


def _machine_types(call: Call, zone: str) -> list[Listed]:
    return [
        _listed(f"zones/{zone}", offer.machine_type, places.machine_type_json(call.project, offer))
        for offer in places.machine_types(zone)
    ]


def _listed(scope: str, name: str, json: dict[str, Any]) -> Listed:
    return Listed(scope=scope, name=name, created=0.0, json=json)
