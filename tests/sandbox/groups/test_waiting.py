"""A program that waits for a group's machines is told when they do not come."""

from typing import Any

import grpc
import pytest

from tests.sandbox.provider.conftest import Cloud, Clouds, clouds
from trainyard.sandbox import faults
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.groups.keeping import keep

__all__ = ["clouds"]

TEMPLATE = "gcp:compute/instanceTemplate:InstanceTemplate"
GROUP = "gcp:compute/instanceGroupManager:InstanceGroupManager"
VM = "gcp:compute/instance:Instance"
REQUEST = "gcp:compute/resizeRequest:ResizeRequest"


@pytest.fixture
def gcp(clouds: Clouds) -> Cloud:
    return clouds.connect("gcp", project="trainyard-sandbox-copy-of-acme", region="us-central1")


def group(gcp: Cloud, **more: Any) -> dict[str, Any]:
    template = {
        "name": "t",
        "machineType": "g2-standard-4",
        "disks": [{"boot": True, "sourceImage": "debian-cloud/debian-12", "diskSizeGb": 50}],
        "networkInterfaces": [{"network": "default"}],
        "scheduling": {"onHostMaintenance": "TERMINATE"},
    }
    link = gcp.create(TEMPLATE, template)[1]["selfLinkUnique"]
    return {
        "name": "g",
        "zone": "us-central1-a",
        "baseInstanceName": "node-#",
        "targetSize": 2,
        "versions": [{"instanceTemplate": link}],
        **more,
    }


def test_a_group_whose_machines_come_is_made(clouds: Clouds, gcp: Cloud) -> None:
    gcp.create(GROUP, group(gcp, waitForInstances=True))
    assert len(clouds.store.list(type=VM)) == 2


def test_a_group_whose_machines_never_come_is_there_but_not_whole(clouds: Clouds, gcp: Cloud) -> None:
    faults.replace(clouds.store, [Fault(call=f"{VM} create", kind="stockout")])
    before = clouds.store.now()
    with pytest.raises(grpc.RpcError) as raised:
        gcp.create(GROUP, group(gcp, waitForInstances=True))
    assert "last state: 'creating', timeout: 15m0s" in str(raised.value.details())
    assert clouds.store.now() >= before + 900
    [there] = clouds.store.list(type=GROUP)
    assert there.status == "live"
    assert clouds.store.list(type=VM) == []


def test_a_program_that_does_not_wait_is_told_nothing(clouds: Clouds, gcp: Cloud) -> None:
    faults.replace(clouds.store, [Fault(call=f"{VM} create", kind="stockout")])
    gcp.create(GROUP, group(gcp))
    assert clouds.store.list(type=VM) == []


def test_a_bulk_group_gets_all_of_its_machines_or_none(clouds: Clouds, gcp: Cloud) -> None:
    faults.replace(clouds.store, [Fault(call=f"{VM} create", kind="stockout", skip=1)])
    gcp.create(GROUP, group(gcp, targetSizePolicies=[{"mode": "BULK"}]))
    keep(clouds.store)
    assert clouds.store.list(type=VM) == []
    faults.replace(clouds.store, [])
    clouds.store.advance(600)
    keep(clouds.store)
    assert len(clouds.store.list(type=VM)) == 2


def test_a_resize_request_waits_for_room_for_all_of_it(clouds: Clouds, gcp: Cloud) -> None:
    faults.replace(clouds.store, [Fault(call=f"{VM} create", kind="stockout", until=clouds.store.now() + 3600)])
    flexible = group(gcp, instanceLifecyclePolicy={"defaultActionOnFailure": "DO_NOTHING"})
    del flexible["targetSize"]
    gcp.create(GROUP, flexible)
    request = {"name": "r", "zone": "us-central1-a", "instanceGroupManager": "g", "resizeBy": 2}
    gcp.create(REQUEST, {**request, "requestedRunDuration": {"seconds": "3600"}})
    clouds.store.advance(1800)
    keep(clouds.store)
    assert clouds.store.list(type=VM) == []
    clouds.store.advance(3600)
    keep(clouds.store)
    assert len(clouds.store.list(type=VM)) == 2
