"""Managed instance groups over the API, as Google's own client sees them."""

from typing import Any

import pytest
from googleapiclient.errors import HttpError

from trainyard.sandbox.store import Store, Thing

ZONE = "us-central1-a"
VM = "gcp:compute/instance:Instance"


def thing(project: str, type: str, path: str, place: str, **inputs: Any) -> Thing:
    id, name = f"projects/{project}/{path}", path.rpartition("/")[2]
    return Thing(type=type, id=id, package="gcp", project=project, place=place, name=name, inputs=inputs)


@pytest.fixture
def group(store: Store, project: str) -> Thing:
    template = thing(
        project,
        "gcp:compute/instanceTemplate:InstanceTemplate",
        "global/instanceTemplates/t",
        "global",
        machineType="g2-standard-4",
        disks=[{"boot": True, "sourceImage": "debian-cloud/debian-12", "diskSizeGb": 50}],
        networkInterfaces=[{"network": "default"}],
        scheduling={"onHostMaintenance": "TERMINATE"},
    )
    store.add(template)
    made = thing(
        project,
        "gcp:compute/instanceGroupManager:InstanceGroupManager",
        f"zones/{ZONE}/instanceGroupManagers/g",
        ZONE,
        zone=ZONE,
        baseInstanceName="node-###",
        targetSize=2,
        versions=[{"instanceTemplate": template.id}],
    )
    store.add(made)
    return made


def test_a_group_is_listed_in_its_zone_with_its_size(compute: Any, project: str, group: Thing) -> None:
    items = compute.instanceGroupManagers().aggregatedList(project=project).execute()["items"]
    [found] = items[f"zones/{ZONE}"]["instanceGroupManagers"]
    assert (found["name"], found["targetSize"], found["baseInstanceName"]) == ("g", 2, "node-###")
    assert "warning" in items["zones/europe-west4-a"]
    one = compute.instanceGroupManagers().get(project=project, zone=ZONE, instanceGroupManager="g").execute()
    assert one == found


def test_a_group_goes_with_its_machines(compute: Any, project: str, store: Store, group: Thing) -> None:
    compute.instances().list(project=project, zone=ZONE).execute()
    assert len(store.list(type=VM, project=project)) == 2
    compute.instanceGroupManagers().delete(project=project, zone=ZONE, instanceGroupManager="g").execute()
    assert store.list(type=VM, project=project) == []
    with pytest.raises(HttpError, match="was not found"):
        compute.instanceGroupManagers().get(project=project, zone=ZONE, instanceGroupManager="g").execute()
