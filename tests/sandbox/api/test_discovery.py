"""Every answer has the shape that Google's discovery document says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from typing import Any

import pytest

ZONE, REGION = "us-central1-a", "us-central1"
DOCUMENT = json.loads((files("googleapiclient.discovery_cache") / "documents" / "compute.v1.json").read_bytes())
TYPES: dict[str, type | tuple[type, ...]] = {"string": str, "boolean": bool, "integer": int, "number": (int, float)}


def problems(shape: Mapping[str, Any], value: Any, at: str) -> Iterator[str]:
    """Where `value` is not what a JSON schema of the discovery document says; unknown fields are problems."""
    if "$ref" in shape:
        shape = DOCUMENT["schemas"][shape["$ref"]]
    kind = shape["type"]
    if kind == "object" and isinstance(value, dict):
        for key, item in value.items():
            inner = shape.get("properties", {}).get(key, shape.get("additionalProperties"))
            yield from [f"{at}.{key}: unknown field"] if inner is None else problems(inner, item, f"{at}.{key}")
    elif kind == "array" and isinstance(value, list):
        for index, item in enumerate(value):
            yield from problems(shape["items"], item, f"{at}[{index}]")
    elif not is_scalar(shape, value):
        yield f"{at}: {value!r} is no {kind} {shape.get('format', '')} {shape.get('enum', '')}"


def is_scalar(shape: Mapping[str, Any], value: Any) -> bool:
    """True for a value of the shape's type, format and choice."""
    expected = TYPES.get(shape["type"])
    if expected is None or not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        return False
    if shape.get("format") in ("uint64", "int64") and not str(value).lstrip("-").isdecimal():
        return False
    return value in shape.get("enum", (value,))


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("Disk", {"colour": "red"}),
        ("Disk", {"sizeGb": 100}),
        ("Disk", {"sizeGb": "much"}),
        ("Disk", {"status": "GOOD"}),
        ("Disk", {"users": "me"}),
        ("Instance", {"scheduling": {"preemptible": "yes"}}),
    ],
)
def test_the_walk_over_the_schema_finds_what_is_wrong(schema: str, value: dict[str, Any]) -> None:
    assert list(problems({"$ref": schema}, value, schema))


@pytest.fixture
def furnished(compute: Any, project: str, machine_body: Callable[..., dict[str, Any]]) -> str:
    """A project with one of everything."""
    body = machine_body(
        "one",
        labels={"a": "b"},
        description="first",
        hostname="one.example.com",
        metadata={"items": [{"key": "user-data", "value": "#cloud-config"}]},
        tags={"items": ["ssh"]},
        scheduling={
            "provisioningModel": "SPOT",
            "terminationTime": "2099-01-01T00:00:00Z",
            "instanceTerminationAction": "DELETE",
        },
        serviceAccounts=[{"email": "123456789012-compute@developer.gserviceaccount.com", "scopes": ["cloud-platform"]}],
        shieldedInstanceConfig={"enableSecureBoot": True, "enableVtpm": True, "enableIntegrityMonitoring": True},
        advancedMachineFeatures={"threadsPerCore": 1},
        networkInterfaces=[
            {"subnetwork": f"regions/{REGION}/subnetworks/default", "nicType": "GVNIC", "accessConfigs": [{}]}
        ],
    )
    body["disks"].append({"type": "SCRATCH", "interface": "NVME"})
    compute.instances().insert(project=project, zone=ZONE, body=body).execute()
    compute.disks().insert(project=project, zone=ZONE, body={"name": "data", "sizeGb": "100"}).execute()
    compute.addresses().insert(project=project, region=REGION, body={"name": "ip"}).execute()
    snapshot = {"name": "snap", "sourceDisk": f"projects/{project}/zones/{ZONE}/disks/data"}
    compute.snapshots().insert(project=project, body=snapshot).execute()
    return project


@pytest.mark.parametrize(
    ("resource", "method", "places"),
    [
        ("instances", "aggregatedList", {}),
        ("instances", "list", {"zone": ZONE}),
        ("instances", "get", {"zone": ZONE, "instance": "one"}),
        ("instances", "stop", {"zone": ZONE, "instance": "one"}),
        ("instances", "delete", {"zone": ZONE, "instance": "one"}),
        ("disks", "aggregatedList", {}),
        ("disks", "list", {"zone": ZONE}),
        ("disks", "get", {"zone": ZONE, "disk": "data"}),
        ("disks", "get", {"zone": ZONE, "disk": "one"}),
        ("disks", "delete", {"zone": ZONE, "disk": "data"}),
        ("addresses", "aggregatedList", {}),
        ("addresses", "list", {"region": REGION}),
        ("addresses", "get", {"region": REGION, "address": "ip"}),
        ("addresses", "delete", {"region": REGION, "address": "ip"}),
        ("snapshots", "list", {}),
        ("snapshots", "get", {"snapshot": "snap"}),
        ("snapshots", "delete", {"snapshot": "snap"}),
        ("zones", "list", {}),
        ("zones", "get", {"zone": ZONE}),
        ("regions", "list", {}),
        ("regions", "get", {"region": REGION}),
        ("machineTypes", "list", {"zone": ZONE}),
        ("machineTypes", "get", {"zone": ZONE, "machineType": "a3-highgpu-8g"}),
        ("machineTypes", "aggregatedList", {}),
        ("projects", "get", {}),
    ],
)
def test_an_answer_holds_only_what_the_discovery_document_knows(
    compute: Any, furnished: str, resource: str, method: str, places: dict[str, str]
) -> None:
    answer = getattr(getattr(compute, resource)(), method)(project=furnished, **places).execute()
    schema = DOCUMENT["resources"][resource]["methods"][method]["response"]
    assert list(problems(schema, answer, resource)) == []


def test_a_finished_operation_holds_only_what_the_discovery_document_knows(compute: Any, furnished: str) -> None:
    begun = compute.disks().insert(project=furnished, zone=ZONE, body={"name": "more"}).execute()
    done = compute.zoneOperations().get(project=furnished, zone=ZONE, operation=begun["name"]).execute()
    assert list(problems({"$ref": "Operation"}, begun, "begun")) == []
    assert list(problems({"$ref": "Operation"}, done, "done")) == []
