"""What the TPU components ask of the provider, in the words of Google's own descriptions of its two APIs."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from components.gcp.gpu_vm_args import BootDisk, DataDiskUse
from components.gcp.tpu_machine_args import TpuMachineArgs
from components.gcp.tpu_node import TpuNode
from components.gcp.tpu_slice import TpuSlice
from components.gcp.tpu_vm import DataDisk, TpuVm, TpuVmArgs
from trainyard.facts.capacity import Capacity, FlexStart, OnDemand, Reserved, Spot
from trainyard.facts.tpu import GENERATIONS
from trainyard.facts.tpu_images import tpu_image
from trainyard.facts.tpu_offers import zones_of
from trainyard.facts.tpu_slice import Slice, slice_of
from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.rules import check_rules
from trainyard.sandbox.schema import ResourceType

pytestmark = pytest.mark.contract("gcp")

NAME = "dev-1a2b3c4d-lab"
SUBNETWORK = "projects/acme-ml-dev/regions/us-east5/subnetworks/dev-us-east5"
KEY = "projects/acme/locations/us/keyRings/ml/cryptoKeys/disks"
DISK = "projects/acme-ml-dev/zones/us-east5-a/disks/corpus"
JSON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": (int, float),
    "object": dict,
    "array": list,
}
# What the provider takes for itself and no API has: where a thing is, and how long to wait for it.
PROVIDER_ONLY = {
    "Instance": {"allowStoppingForUpdate", "project", "zone"},
    "InstanceTemplate": {"project"},
    "InstanceGroupManager": {"project", "zone", "waitForInstances"},
    "ResourcePolicy": {"project", "region"},
    "V2Vm": {"project", "zone", "name"},
}
Deploy = Callable[[Callable[[], Any]], Any]


@cache
def schemas(api: str) -> dict[str, Any]:
    folder = files("googleapiclient.discovery_cache.documents")
    return dict(json.loads((folder / f"{api}.json").read_text())["schemas"])


def complaints(api: str, schema: dict[str, Any], value: Any, path: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = schemas(api)[schema["$ref"]]
    if not isinstance(value, JSON_TYPES[schema["type"]]):
        yield f"{path}: {value!r} is no {schema['type']}"
    elif schema["type"] == "array":
        for index, item in enumerate(value):
            yield from complaints(api, schema["items"], item, f"{path}[{index}]")
    elif schema["type"] == "object":
        for key, item in value.items():
            field = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
            if field is None:
                yield f"{path}.{key}: the API has no such field"
            elif field.get("description", "").startswith("[Output Only]") or field.get("readOnly"):
                yield f"{path}.{key}: the API only gives this field out"
            else:
                yield from complaints(api, field, item, f"{path}.{key}")
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"


def wrong(api: str, schema: str, body: dict[str, Any]) -> list[str]:
    return list(complaints(api, schemas(api)[schema], body, schema))


def own(kind: str, inputs: dict[str, Any]) -> dict[str, Any]:
    assert PROVIDER_ONLY[kind] <= set(inputs)
    return {key: value for key, value in inputs.items() if key not in PROVIDER_ONLY[kind]}


def common(body: dict[str, Any]) -> dict[str, Any]:
    """The fields of a machine and of a template that the provider names or nests otherwise."""
    body["serviceAccounts"] = [body.pop("serviceAccount")]
    body["metadata"] = {"items": [{"key": key, "value": value} for key, value in body["metadata"].items()]}
    run = body["scheduling"].get("maxRunDuration")
    if run:
        run["seconds"] = str(int(run["seconds"]))
    if affinity := body.pop("reservationAffinity", None):
        of = affinity.get("specificReservation", {})
        body["reservationAffinity"] = {"consumeReservationType": affinity["type"], **of}
    return body


def machine_body(inputs: dict[str, Any]) -> dict[str, Any]:
    """instances.insert"""
    body = common(own("Instance", inputs))
    boot = body.pop("bootDisk")
    params = boot.pop("initializeParams")
    created = {"sourceImage": params["image"], "diskSizeGb": str(int(params["size"])), "diskType": params["type"]}
    disk = {"boot": True, "autoDelete": boot["autoDelete"], "initializeParams": {**created, "labels": params["labels"]}}
    disk["diskEncryptionKey"] = {"kmsKeyName": boot["kmsKeySelfLink"]}
    body["disks"] = [disk, *body.pop("attachedDisks")]
    return body


def template_body(inputs: dict[str, Any]) -> dict[str, Any]:
    """instanceTemplates.insert"""
    body = common(own("InstanceTemplate", inputs))
    disks = []
    for given in body.pop("disks"):
        made = {"sourceImage": "sourceImage", "diskSizeGb": "diskSizeGb", "diskType": "diskType", "labels": "labels"}
        params = {theirs: given.pop(ours) for ours, theirs in made.items() if ours in given}
        if "diskSizeGb" in params:
            params["diskSizeGb"] = str(int(params["diskSizeGb"]))
        if key := given.pop("diskEncryptionKey", None):
            given["diskEncryptionKey"] = {"kmsKeyName": key["kmsKeySelfLink"]}
        disks.append({**given, **({"initializeParams": params} if params else {})})
    return {"name": body.pop("name"), "properties": {**body, "disks": disks}}


def group_body(inputs: dict[str, Any]) -> dict[str, Any]:
    """instanceGroupManagers.insert"""
    body = own("InstanceGroupManager", inputs)
    [policy] = body.pop("targetSizePolicies")
    return {**body, "targetSizePolicy": policy}


def node_body(inputs: dict[str, Any]) -> dict[str, Any]:
    """tpu nodes.create"""
    body = own("V2Vm", inputs)
    account = body.pop("serviceAccount")
    return {**body, "serviceAccount": {"email": account["email"], "scope": account["scopes"]}}


def machine(found: Slice, capacity: Capacity = OnDemand()) -> TpuMachineArgs:  # noqa: B008 - frozen, without state
    """With every option on."""
    return TpuMachineArgs(
        project="acme-ml-dev",
        zone="us-east5-a",
        slice=found,
        image=tpu_image(found.generation, None),
        subnetwork=SUBNETWORK,
        service_account="ty-dev-1a2b3c4d@acme-ml-dev.iam.gserviceaccount.com",
        labels={"trainyard-lease": "dev-1a2b3c4d"},
        hard_end="2026-11-25T02:00:00Z",
        user_data="#cloud-config\n{}\n",
        capacity=capacity,
        run_seconds=3600 if isinstance(capacity, FlexStart) else None,
        boot_disk=BootDisk(gib=300, kms_key=KEY),
        data_disks=(DataDiskUse(name="corpus", disk=DISK, write=False),),
        access=("group:ml-research@acme.example",),
    )


def node(found: Slice, capacity: Capacity = OnDemand()) -> TpuVmArgs:  # noqa: B008 - frozen, without state
    """With every option on."""
    return TpuVmArgs(
        project="acme-ml-dev",
        zone="us-east5-a",
        slice=found,
        network="projects/acme-ml-dev/global/networks/dev",
        subnetwork=SUBNETWORK,
        service_account="ty-dev-1a2b3c4d@acme-ml-dev.iam.gserviceaccount.com",
        labels={"trainyard-lease": "dev-1a2b3c4d"},
        startup_script="#!/bin/bash\n",
        capacity=capacity,
        data_disks=(DataDisk(id=DISK),),
    )


WAYS = [OnDemand(), Spot(), FlexStart(), Reserved(id="week"), Reserved(id="week", bound=True)]
MACHINES = [each.chip for each in GENERATIONS.values() if each.machine_types]
NODES = [each.chip for each in GENERATIONS.values() if each.api_type]


@pytest.mark.parametrize("chip", MACHINES)
def test_a_host_has_only_fields_that_the_compute_api_takes(deploy: Deploy, chip: str) -> None:
    inputs = deploy(lambda: TpuNode(NAME, machine(slice_of(chip, 4)))).one("Instance").inputs
    assert wrong("compute.v1", "Instance", machine_body(inputs)) == []


@pytest.mark.parametrize("capacity", WAYS)
def test_a_host_and_a_slice_can_be_bought_every_way_that_the_compute_api_knows(
    deploy: Deploy, capacity: Capacity
) -> None:
    host = deploy(lambda: TpuNode(NAME, machine(slice_of("v6e", 4), capacity))).one("Instance").inputs
    assert wrong("compute.v1", "Instance", machine_body(host)) == []
    hosts = deploy(lambda: TpuSlice(NAME, machine(slice_of("v6e", 16), capacity))).one("InstanceTemplate").inputs
    assert wrong("compute.v1", "InstanceTemplate", template_body(hosts)) == []


@pytest.mark.parametrize("chip", MACHINES)
def test_a_slice_has_only_fields_that_the_compute_api_takes(deploy: Deploy, chip: str) -> None:
    made = deploy(lambda: TpuSlice(NAME, machine(slice_of(chip, 16))))
    assert wrong("compute.v1", "InstanceTemplate", template_body(made.one("InstanceTemplate").inputs)) == []
    assert wrong("compute.v1", "InstanceGroupManager", group_body(made.one("InstanceGroupManager").inputs)) == []
    policy = own("ResourcePolicy", made.one("ResourcePolicy").inputs)
    assert wrong("compute.v1", "ResourcePolicy", policy) == []


@pytest.mark.parametrize("chip", NODES)
def test_a_node_has_only_fields_that_the_cloud_tpu_api_takes(deploy: Deploy, chip: str) -> None:
    inputs = deploy(lambda: TpuVm(NAME, node(slice_of(chip, 16)))).one("V2Vm").inputs
    assert wrong("tpu.v2", "Node", node_body(inputs)) == []


@pytest.mark.parametrize("capacity", [OnDemand(), Spot(), Reserved(id="week")])
def test_a_node_can_be_bought_every_way_that_the_cloud_tpu_api_knows(deploy: Deploy, capacity: Capacity) -> None:
    asked = node(slice_of("v4", 512, "4x8x16"), capacity)
    inputs = deploy(lambda: TpuVm(NAME, asked)).one("V2Vm").inputs
    assert wrong("tpu.v2", "Node", node_body(inputs)) == []


@pytest.mark.parametrize("capacity", WAYS)
@pytest.mark.parametrize("chip", MACHINES)
def test_the_sandbox_knows_nothing_against_a_host_or_a_slice(deploy: Deploy, chip: str, capacity: Capacity) -> None:
    zone = zones_of(chip)[0]
    subnetwork = f"projects/acme-ml-dev/regions/{zone.rpartition('-')[0]}/subnetworks/dev"
    disk = DataDiskUse(name="corpus", disk=DISK.replace("us-east5-a", zone), write=False)
    made = {"zone": zone, "subnetwork": subnetwork, "data_disks": (disk,)}
    host = replace(machine(slice_of(chip, 4), capacity), **made)
    assert refused(deploy(lambda: TpuNode(NAME, host)).one("Instance")) == []
    hosts = deploy(lambda: TpuSlice(NAME, replace(machine(slice_of(chip, 16), capacity), **made)))
    for kind in ("InstanceTemplate", "InstanceGroupManager", "ResourcePolicy"):
        assert refused(hosts.one(kind)) == []


@pytest.mark.parametrize("capacity", [OnDemand(), Spot(), Reserved(id="week")])
@pytest.mark.parametrize("chip", NODES)
def test_the_sandbox_knows_nothing_against_a_node(deploy: Deploy, chip: str, capacity: Capacity) -> None:
    zone = zones_of(chip)[0]
    subnetwork = f"projects/acme-ml-dev/regions/{zone.rpartition('-')[0]}/subnetworks/dev"
    disks = (DataDisk(id=DISK.replace("us-east5-a", zone)),)
    asked = replace(
        node(slice_of("v6e", 4)), slice=slice_of(chip, 4), zone=zone, subnetwork=subnetwork, data_disks=disks
    )
    assert refused(deploy(lambda: TpuVm(NAME, replace(asked, capacity=capacity))).one("V2Vm")) == []


def refused(asked: Any) -> list[str]:
    problems = check_rules(ResourceType(installed()["gcp"], asked.type), asked.inputs, {})
    return [f"{problem.path}: {problem.reason}" for problem in problems]


@pytest.mark.parametrize(
    ("api", "schema", "body", "complaint"),
    [
        ("tpu.v2", "Node", {"acceleratorConfig": {"type": "V7"}}, "'V7' is none of"),
        ("tpu.v2", "Node", {"state": "READY"}, "only gives this field out"),
        ("tpu.v2", "Node", {"endTime": "x"}, "endTime: the API has no such field"),
        ("compute.v1", "InstanceGroupManager", {"targetSize": "4"}, "'4' is no integer"),
        ("compute.v1", "ResourcePolicy", {"workloadPolicy": {"type": "FAST"}}, "'FAST' is none of"),
    ],
)
def test_the_walk_itself_finds_what_the_apis_would_refuse(
    api: str, schema: str, body: dict[str, Any], complaint: str
) -> None:
    [found] = wrong(api, schema, body)
    assert complaint in found
