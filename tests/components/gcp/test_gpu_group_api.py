"""What a group asks of the provider, in the Compute API's words, against Google's own description."""

from typing import Any

import pytest

from components.gcp.gpu_group import GpuGroup
from components.gcp.gpu_group_args import GpuGroupArgs
from tests.components.gcp import test_gpu_vm_api as vm
from trainyard.facts.capacity import Capacity, FlexStart, OnDemand, Reserved, Spot, name
from trainyard.facts.fabric import FABRICS
from trainyard.facts.machine import Shape

pytestmark = pytest.mark.contract("gcp")

# The provider's own switches; the API has no such field.
PROVIDER_ONLY = {"project", "zone", "region", "waitForInstances"}
WAYS: tuple[Capacity, ...] = (OnDemand(), Spot(), Reserved(id="h100-week"), FlexStart())


def template(given: dict[str, Any]) -> dict[str, Any]:
    """The `properties` of instanceTemplates.insert that stand for the provider's inputs."""
    body = {key: value for key, value in given.items() if key not in {*PROVIDER_ONLY, "name"}}
    body["disks"] = [_disk(disk) for disk in body["disks"]]
    body["serviceAccounts"] = [body.pop("serviceAccount")]
    body["metadata"] = {"items": [{"key": key, "value": value} for key, value in body["metadata"].items()]}
    for attached in body.get("guestAccelerators", ()):
        attached |= {"acceleratorType": attached.pop("type"), "acceleratorCount": attached.pop("count")}
    if run := body["scheduling"].get("maxRunDuration"):
        run["seconds"] = str(int(run["seconds"]))  # the API's own form of 64 bits
    if affinity := body.pop("reservationAffinity", None):
        body["reservationAffinity"] = {
            "consumeReservationType": affinity["type"],
            **affinity.get("specificReservation", {}),
        }
    return body


def _disk(given: dict[str, Any]) -> dict[str, Any]:
    size = given.pop("diskSizeGb", None)
    created = {
        "sourceImage": given.pop("sourceImage", None),
        "diskSizeGb": None if size is None else str(int(size)),
        "diskType": given.pop("diskType", None),
        "labels": given.pop("labels", None),
    }
    if key := given.pop("diskEncryptionKey", None):
        given["diskEncryptionKey"] = {"kmsKeyName": key["kmsKeySelfLink"]}
    new = {field: value for field, value in created.items() if value is not None}
    return {**given, "initializeParams": new} if new else given


def group(given: dict[str, Any]) -> dict[str, Any]:
    """The body of instanceGroupManagers.insert."""
    body = {key: value for key, value in given.items() if key not in PROVIDER_ONLY}
    if policies := body.pop("targetSizePolicies", None):
        [body["targetSizePolicy"]] = policies
    update = body["updatePolicy"]
    update["maxSurge"] = {"fixed": update.pop("maxSurgeFixed")}
    update["maxUnavailable"] = {"fixed": update.pop("maxUnavailableFixed")}
    return body


def complaints(registered: Any) -> list[str]:
    schemas = vm.schemas()
    found = list(
        vm.complaints(schemas["InstanceProperties"], template(registered.one("InstanceTemplate").inputs), "template")
    )
    manager = group(registered.one("InstanceGroupManager").inputs)
    found += vm.complaints(schemas["InstanceGroupManager"], manager, "group")
    for type_, schema in (
        ("ResizeRequest", "InstanceGroupManagerResizeRequest"),
        ("ResourcePolicy", "ResourcePolicy"),
    ):
        for one in registered.of(type_):
            body = {
                key: value for key, value in one.inputs.items() if key not in {*PROVIDER_ONLY, "instanceGroupManager"}
            }
            found += vm.complaints(schemas[schema], body, type_)
    return found


def args(machine: Shape, way: Capacity, nodes: int) -> GpuGroupArgs:
    seconds = 36000 if isinstance(way, FlexStart) else None
    node = vm.args(machine, way, run_seconds=seconds)
    fabric = machine.fabric if nodes > 1 else "none"
    count = FABRICS[fabric].subnetworks if fabric in FABRICS else 0
    ids = tuple(f"projects/acme-net/regions/us-central1/subnetworks/gpu-{number}" for number in range(count))
    return GpuGroupArgs(node=node, nodes=nodes, fabric=fabric, fabric_subnetworks=ids)


@pytest.mark.parametrize("machine", vm.MACHINES, ids=[f"{each.machine_type} {each.gpu_type}" for each in vm.MACHINES])
def test_every_field_of_every_group_is_what_the_compute_api_takes(deploy: Any, machine: Shape) -> None:
    for way in (way for way in WAYS if name(way) in machine.capacities):
        given = args(machine, way, nodes=2)
        assert complaints(deploy(lambda given=given: GpuGroup("dev-1a2b3c4d-train", given))) == [], way


def test_the_walk_itself_finds_what_the_api_would_refuse(deploy: Any) -> None:
    given = args(vm.MACHINES[0], OnDemand(), nodes=2)
    registered = deploy(lambda: GpuGroup("dev-1a2b3c4d-train", given))
    registered.one("InstanceGroupManager").inputs["targetSize"] = "two"
    registered.one("InstanceTemplate").inputs["disks"][0]["colour"] = "blue"
    assert complaints(registered) == [
        "template.disks[0].colour: the API has no such field",
        "group.targetSize: 'two' is no integer",
    ]
