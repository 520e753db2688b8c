"""Disks, addresses, snapshots, and what there is to have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from trainyard.facts.offer import load_machine_offers
from trainyard.sandbox.store import Store, Thing

ZONE, REGION = "us-central1-a", "us-central1"


def test_a_disk_is_inserted_listed_by_label_and_deleted(compute: Any, project: str) -> None:
    body = {"name": "data", "sizeGb": "200", "labels": {"trainyard-lease": "x"}}
    compute.disks().insert(project=project, zone=ZONE, body=body).execute()
    found = compute.disks().list(project=project, zone=ZONE, filter="labels.trainyard-lease=x").execute()["items"]
    assert [(disk["name"], disk["sizeGb"]) for disk in found] == [("data", "200")]
    compute.disks().delete(project=project, zone=ZONE, disk="data").execute()
    assert "items" not in compute.disks().list(project=project, zone=ZONE).execute()


def test_a_disk_in_use_is_not_deleted(compute: Any, project: str, machine_body: Callable[..., dict[str, Any]]) -> None:
    compute.instances().insert(project=project, zone=ZONE, body=machine_body("one")).execute()
    with pytest.raises(HttpError, match="already being used by") as refused:
        compute.disks().delete(project=project, zone=ZONE, disk="one").execute()
    assert refused.value.status_code == 400


def test_an_attached_disk_names_its_user(
    compute: Any, project: str, machine_body: Callable[..., dict[str, Any]]
) -> None:
    compute.disks().insert(project=project, zone=ZONE, body={"name": "data"}).execute()
    body = machine_body("one")
    body["disks"].append({"source": f"projects/{project}/zones/{ZONE}/disks/data"})
    compute.instances().insert(project=project, zone=ZONE, body=body).execute()
    disk = compute.disks().get(project=project, zone=ZONE, disk="data").execute()
    assert [user.rpartition("/")[2] for user in disk["users"]] == ["one"]


def test_an_address_is_in_use_while_a_machine_has_it(
    compute: Any, project: str, machine_body: Callable[..., dict[str, Any]]
) -> None:
    compute.addresses().insert(project=project, region=REGION, body={"name": "ip"}).execute()
    address = compute.addresses().get(project=project, region=REGION, address="ip").execute()
    assert address["status"] == "RESERVED"
    nic = {"network": "global/networks/default", "accessConfigs": [{"natIP": address["address"]}]}
    compute.instances().insert(project=project, zone=ZONE, body=machine_body("one", networkInterfaces=[nic])).execute()
    address = compute.addresses().get(project=project, region=REGION, address="ip").execute()
    assert (address["status"], len(address["users"])) == ("IN_USE", 1)
    with pytest.raises(HttpError, match="already being used by"):
        compute.addresses().delete(project=project, region=REGION, address="ip").execute()


@pytest.mark.parametrize(
    ("token", "place", "collection", "scope"),
    [
        ("gcp:compute/globalAddress:GlobalAddress", "global", "addresses", "global"),
        ("gcp:compute/regionDisk:RegionDisk", REGION, "disks", f"regions/{REGION}"),
    ],
)
def test_global_and_regional_things_of_the_provider_are_in_the_aggregated_list(
    compute: Any, store: Store, project: str, token: str, place: str, collection: str, scope: str
) -> None:
    thing = Thing(type=token, id=f"{project}/x", package="gcp", project=project, place=place, name="x")
    store.add(thing)
    items = getattr(compute, collection)().aggregatedList(project=project).execute()["items"]
    assert [found["name"] for found in items[scope][collection]] == ["x"]


def test_a_snapshot_is_global(compute: Any, project: str) -> None:
    compute.disks().insert(project=project, zone=ZONE, body={"name": "data"}).execute()
    body = {"name": "snap", "sourceDisk": f"projects/{project}/zones/{ZONE}/disks/data"}
    done = compute.snapshots().insert(project=project, body=body).execute()
    assert compute.globalOperations().wait(project=project, operation=done["name"]).execute()["status"] == "DONE"
    (snapshot,) = compute.snapshots().list(project=project).execute()["items"]
    assert snapshot["sourceDisk"].endswith(f"/projects/{project}/zones/{ZONE}/disks/data")


@pytest.mark.parametrize("zone", ["us-central1", "mars-central1-a"])
def test_a_zone_that_does_not_exist_is_refused(compute: Any, project: str, zone: str) -> None:
    with pytest.raises(HttpError, match="Unknown zone") as refused:
        compute.disks().list(project=project, zone=zone).execute()
    assert refused.value.status_code == 400


def test_a_zone_offers_the_machine_types_of_the_catalogue(compute: Any, project: str) -> None:
    offered = {offer.machine_type for offer in load_machine_offers("gcp") if offer.zone == ZONE}
    answer = compute.machineTypes().list(project=project, zone=ZONE).execute()
    assert {found["name"] for found in answer["items"]} == offered


def test_a_machine_type_that_the_zone_lacks_is_not_found(compute: Any, project: str) -> None:
    with pytest.raises(HttpError) as refused:
        compute.machineTypes().get(project=project, zone=ZONE, machineType="a9-mega").execute()
    assert refused.value.status_code == 404


def test_regions_and_zones_name_each_other(compute: Any, project: str) -> None:
    region = compute.regions().get(project=project, region=REGION).execute()
    zone = compute.zones().get(project=project, zone=ZONE).execute()
    assert zone["selfLink"] in region["zones"]
    assert zone["region"] == region["selfLink"]


def test_a_project_that_holds_nothing_is_not_found(compute: Any) -> None:
    for request in (
        compute.projects().get(project="somebody-else"),
        compute.instances().aggregatedList(project="somebody-else"),
    ):
        with pytest.raises(HttpError, match="'projects/somebody-else' was not found") as refused:
            request.execute()
        assert refused.value.status_code == 404


def test_a_project_of_any_name_is_there_once_something_was_made_in_it(compute: Any, store: Store) -> None:
    store.add(Thing(type="gcp:x/y:Z", id="foreign", package="gcp", project="my-project", name="z"))
    assert compute.projects().get(project="my-project").execute()["name"] == "my-project"
