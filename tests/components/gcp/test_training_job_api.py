"""What a training job declares, against Google's description of aiplatform.v1 and against the sandbox's Vertex AI."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from components.gcp.training_job import TrainingJob
from components.gcp.training_job_args import JobData, LustreMount, NfsMount, TrainingJobArgs
from trainyard.facts.capacity import Capacity, FlexStart, OnDemand, Reserved, Spot
from trainyard.facts.machine import SHAPES
from trainyard.facts.offer import load_offers
from trainyard.facts.vertex import not_built, sold_as
from trainyard.provider.vertex_custom_job.inputs import parse
from trainyard.sandbox.api.vertex.body import check_job
from trainyard.sandbox.api.vertex.rules import check_rules
from trainyard.servicer import decode, encode

pytestmark = pytest.mark.contract("gcp")

WAYS: Mapping[str, Capacity] = {
    "on-demand": OnDemand(),
    "spot": Spot(),
    "flex-start": FlexStart(max_wait=timedelta(hours=6)),
    "reserved": Reserved(id="week"),
}
NOW = datetime(2026, 11, 24, 14, tzinfo=UTC)
EVERYTHING = TrainingJobArgs(
    origin="cloud",
    project="acme-ml-dev",
    region="us-central1",
    machine_type="a3-highgpu-8g",
    nodes=2,
    container="europe-docker.pkg.dev/acme/train/llama@sha256:" + "9f" * 32,
    command=("torchrun",),
    args=("train.py",),
    env={"EPOCHS": "3"},
    secrets={"HF_TOKEN": "gcp-secret://acme-ml-dev/hf-token"},
    service_account="ty-dev-1a2b3c4d@acme-ml-dev.iam.gserviceaccount.com",
    labels={"trainyard-lease": "dev-1a2b3c4d"},
    hard_end="2026-11-27T14:00:00Z",
    timeout=timedelta(hours=24),
    max_wait=timedelta(hours=6),
    reservation_zone="us-central1-a",
    restarts=True,
    data=(JobData(name="checkpoints", bucket="acme-checkpoints", write=True),),
    nfs=(NfsMount(source="10.40.0.2:/share", folder="home"),),
    lustre=(LustreMount(address="10.40.1.2", filesystem="data", volume_handle="p/z/i", folder="scratch"),),
    network="projects/123456789012/global/networks/dev",
    tensorboard="projects/1/locations/us-central1/tensorboards/1",
    output_directory="gs://acme-checkpoints/dev-1a2b3c4d",
    kms_key="projects/acme/locations/us-central1/keyRings/ml/cryptoKeys/jobs",
)
# Properties of the API that no option of the component reaches, each for its reason.
UNREACHED = {
    "enableWebAccess": "a shell into a running job",
    "enableDashboardAccess": "a page inside a running job",
    "experiment": "belongs to the experiment's own tracking",
    "experimentRun": "belongs to the experiment's own tracking",
    "models": "Google's own custom jobs only",
    "protectedArtifactLocationId": "where artifacts are kept apart from their region",
    "reservedIpRanges": "Vertex AI takes one of the network's ranges by itself",
    "pscInterfaceConfig.dnsPeeringConfigs": "names inside of another network",
    "workerPoolSpecs.pythonPackageSpec": "a container is the one form of code",
    "workerPoolSpecs.machineSpec.gpuPartitionSize": "parts of GPUs",
}


@cache
def schemas() -> dict[str, Any]:
    folder = files("googleapiclient.discovery_cache.documents")
    return dict(json.loads((folder / "aiplatform.v1.json").read_text())["schemas"])


def body_of(deploy: Any, args: TrainingJobArgs) -> dict[str, Any]:
    inputs = deploy(lambda: TrainingJob("dev-1a2b3c4d-finetune", args)).one("VertexCustomJob").inputs
    wire = decode(encode({key: value for key, value in inputs.items() if value is not None}))  # as the plugin gets it
    return parse(wire).body(NOW)


def paths(schema: dict[str, Any], values: list[Any], path: str = "") -> Iterator[tuple[str, bool]]:
    """Every property of the schema that can be given, and whether any of the values has it; unreached ones whole."""
    if "$ref" in schema:
        schema = schemas()[schema["$ref"]]
    if schema.get("type") == "array":
        yield from paths(schema["items"], [item for value in values for item in value], path)
        return
    for key, field in schema.get("properties", {}).items():
        if field.get("readOnly"):
            continue
        inside, given = f"{path}.{key}".lstrip("."), [value[key] for value in values if key in value]
        yield inside, bool(given)
        if given:
            yield from paths(field, given, inside)


def test_with_every_option_the_api_knows_each_field_and_what_is_not_reached_is_listed(deploy: Any) -> None:
    attached = replace(EVERYTHING, network=None, network_attachment="dev", nfs=(), lustre=())
    reserved = replace(EVERYTHING, capacity=Reserved(id="week"))
    tpu = replace(EVERYTHING, machine_type="v5litepod-8", nodes=1)
    final = replace(EVERYTHING, restarts=False)
    kept = replace(EVERYTHING, persistent_resource="warm")
    bodies = [body_of(deploy, args) for args in (EVERYTHING, attached, reserved, tpu, final, kept)]
    for body in bodies:
        check_job(body)
    found = [path for path, reached in paths(schemas()["GoogleCloudAiplatformV1CustomJob"], bodies) if not reached]
    assert {path.removeprefix("jobSpec.") for path in found} == set(UNREACHED)


BUILT = [machine_type for machine_type in SHAPES if not_built("gcp", machine_type) is None]


@pytest.mark.parametrize("machine_type", BUILT)
def test_every_machine_and_way_to_buy_it_is_one_that_vertex_takes(deploy: Any, machine_type: str) -> None:
    region = next(offer.region for offer in load_offers("gcp") if offer.machine_type == machine_type)
    for way in sold_as(machine_type):
        args = replace(EVERYTHING, machine_type=machine_type, capacity=WAYS[way], region=region, kms_key=None)
        body = body_of(deploy, replace(args, tensorboard=None))
        check_job(body)
        check_rules(body, region)
