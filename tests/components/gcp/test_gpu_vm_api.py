"""What the component asks of the provider, translated to the Compute API's words, against Google's own description."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from components.gcp.gpu_vm import GpuVm
from components.gcp.gpu_vm_args import BootDisk, DataDiskUse, GpuVmArgs
from trainyard.facts.capacity import Capacity, OnDemand, Reserved, Spot, name
from trainyard.facts.images import resolve_image
from trainyard.facts.machine import SHAPES, OptionalSsd, Shape, shape

pytestmark = pytest.mark.contract("gcp")

MACHINES = [
    *SHAPES.values(),
    shape("n1-standard-4", "nvidia-tesla-t4", 1),
    shape("n1-highmem-8", "nvidia-tesla-p4", 1),
    shape("n1-highmem-32", "nvidia-tesla-p100", 4),
    shape("n1-highmem-64", "nvidia-tesla-v100", 8),
]
DISK = "projects/acme-ml-dev/zones/us-central1-a/disks/dev-weights"
WAYS: tuple[Capacity, ...] = (OnDemand(), Spot(), Reserved(id="h100-week"))
# The provider's own switches; the API has no such field.
PROVIDER_ONLY = {"allowStoppingForUpdate", "project", "zone"}
JSON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": (int, float),
    "object": dict,
    "array": list,
}


@cache
def schemas() -> dict[str, Any]:
    folder = files("googleapiclient.discovery_cache.documents")
    return dict(json.loads((folder / "compute.v1.json").read_text())["schemas"])


def api_request(given: dict[str, Any]) -> dict[str, Any]:
    """The body of instances.insert that stands for the provider's inputs."""
    body = {key: value for key, value in given.items() if key not in PROVIDER_ONLY}
    scratch = [{"type": "SCRATCH", **one} for one in body.pop("scratchDisks", [])]
    data = [dict(one) for one in body.pop("attachedDisks", [])]
    body["disks"] = [boot_disk(body.pop("bootDisk")), *scratch, *data]
    body["serviceAccounts"] = [body.pop("serviceAccount")]
    body["metadata"] = {"items": [{"key": key, "value": value} for key, value in body["metadata"].items()]}
    for attached in body.get("guestAccelerators", ()):
        # The provider makes both names the API's: acceleratorType and acceleratorCount.
        attached |= {"acceleratorType": attached.pop("type"), "acceleratorCount": attached.pop("count")}
    if affinity := body.pop("reservationAffinity", None):
        body["reservationAffinity"] = {"consumeReservationType": affinity["type"], **affinity["specificReservation"]}
    return body


def boot_disk(given: dict[str, Any]) -> dict[str, Any]:
    params, key = given.pop("initializeParams"), given.pop("kmsKeySelfLink")
    created = {
        "sourceImage": params.pop("image"),
        "diskSizeGb": str(int(params.pop("size"))),
        "diskType": params.pop("type"),
    }
    return {"boot": True, "initializeParams": created | params, "diskEncryptionKey": {"kmsKeyName": key}, **given}


def complaints(schema: dict[str, Any], value: Any, path: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = schemas()[schema["$ref"]]
    if not isinstance(value, JSON_TYPES[schema["type"]]):
        yield f"{path}: {value!r} is no {schema['type']}"
    elif schema["type"] == "array":
        for index, item in enumerate(value):
            yield from complaints(schema["items"], item, f"{path}[{index}]")
    elif schema["type"] == "object":
        for key, item in value.items():
            field = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
            if field is None:
                yield f"{path}.{key}: the API has no such field"
            elif field.get("description", "").startswith("[Output Only]") or field.get("readOnly"):
                yield f"{path}.{key}: the API only gives this field out"
            else:
                yield from complaints(field, item, f"{path}.{key}")
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"


def args(machine: Shape, capacity: Capacity, run_seconds: int | None = None) -> GpuVmArgs:
    plain = GpuVmArgs(
        project="acme-ml-dev",
        zone="us-central1-a",
        machine_type=machine.machine_type,
        gpu_type=machine.gpu_type,
        gpus=machine.gpus,
        image=resolve_image("acme-images/own-family"),
        subnetwork="projects/acme-ml-dev/regions/us-central1/subnetworks/dev-us-central1",
        service_account="ty-dev-1a2b3c4d@acme-ml-dev.iam.gserviceaccount.com",
        labels={"trainyard-lease": "dev-1a2b3c4d", "trainyard-workload": "lab"},
        data_disks=(DataDiskUse(name="weights", disk=DISK, write=False),),
        hard_end="2026-11-25T02:00:00Z",
        user_data="#cloud-config\n{}\n",
        capacity=capacity,
        run_seconds=run_seconds,
        boot_disk=BootDisk(kms_key="projects/acme/locations/us/keyRings/ml/cryptoKeys/disks"),
    )
    ssd = plain.shape.local_ssd
    return replace(plain, local_ssd=max(ssd.counts)) if isinstance(ssd, OptionalSsd) else plain


def request_of(deploy: Callable[[Callable[[], Any]], Any], given: GpuVmArgs) -> dict[str, Any]:
    return api_request(deploy(lambda: GpuVm("dev-1a2b3c4d-lab-0", given)).one("Instance").inputs)


@pytest.mark.parametrize("machine", MACHINES, ids=[f"{each.machine_type} {each.gpu_type}" for each in MACHINES])
def test_every_field_of_every_machine_and_way_of_buying_is_what_the_compute_api_takes(
    deploy: Any, machine: Shape
) -> None:
    ways = [way for way in WAYS if name(way) in machine.capacities]
    assert ways
    for way in ways:
        request = request_of(deploy, args(machine, way))
        assert list(complaints(schemas()["Instance"], request, "instance")) == [], way


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("scheduling", {"provisioningModel": "CHEAP"}, "'CHEAP' is none of"),
        ("scheduling", {"terminationAt": "x"}, "terminationAt: the API has no such field"),
        ("deletionProtection", "no", "'no' is no boolean"),
        ("id", "1", "only gives this field out"),
    ],
)
def test_the_walk_itself_finds_what_the_api_would_refuse(key: str, value: Any, complaint: str) -> None:
    [found] = complaints(schemas()["Instance"], {key: value}, "instance")
    assert complaint in found
