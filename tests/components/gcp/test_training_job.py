"""A training job: what the engine gets, and what is refused before it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from components.gcp.training_job import TrainingJob
from components.gcp.training_job_args import JobData, JobDisk, NfsMount, TrainingJobArgs
from trainyard.facts.capacity import Block, FlexStart, Reserved, Spot

NAME = "dev-1a2b3c4d-finetune"
IMAGE = "europe-docker.pkg.dev/acme/train/llama@sha256:" + "9f" * 32
CHECKPOINTS = JobData(name="checkpoints", bucket="acme-checkpoints", write=True)
PLAIN = TrainingJobArgs(
    origin="sandbox",
    project="acme-ml-dev",
    region="europe-west4",
    machine_type="a3-highgpu-8g",
    container=IMAGE,
    command=("torchrun", "train.py"),
    service_account="ty-dev-1a2b3c4d@acme-ml-dev.iam.gserviceaccount.com",
    labels={"trainyard-lease": "dev-1a2b3c4d"},
    hard_end="2026-11-25T14:00:00Z",
    timeout=timedelta(hours=24),
)


def job_of(deploy: Any, args: TrainingJobArgs) -> dict[str, Any]:
    return dict(deploy(lambda: TrainingJob(NAME, args)).one("VertexCustomJob").inputs)


def spec_of(deploy: Any, args: TrainingJobArgs) -> dict[str, Any]:
    return dict(job_of(deploy, args)["jobSpec"])


def test_a_job_is_one_container_on_one_machine_that_is_not_started_again_by_itself(deploy: Any) -> None:
    job = job_of(deploy, PLAIN)
    assert (job["name"], job["run"], job["waitFor"], job["origin"]) == (NAME, 1, "running", "sandbox")
    spec = job["jobSpec"]
    [pool] = spec["workerPoolSpecs"]
    assert pool["replicaCount"] == "1"
    assert pool["machineSpec"] == {
        "machineType": "a3-highgpu-8g",
        "acceleratorType": "NVIDIA_H100_80GB",
        "acceleratorCount": 8,
    }
    assert pool["containerSpec"] == {"imageUri": IMAGE, "command": ["torchrun", "train.py"], "env": []}
    assert spec["scheduling"] == {
        "strategy": "STANDARD",
        "timeout": "86400s",
        "maxWaitDuration": "7200s",
        "disableRetries": True,
    }
    assert "enableWebAccess" not in spec


def test_more_machines_are_a_second_pool_beside_the_primary_one(deploy: Any) -> None:
    first, second = spec_of(deploy, replace(PLAIN, nodes=4))["workerPoolSpecs"]
    assert (first["replicaCount"], second["replicaCount"]) == ("1", "3")
    assert first["machineSpec"] == second["machineSpec"]


def test_data_is_found_where_vertex_mounts_it_and_secrets_by_their_names_only(deploy: Any) -> None:
    args = replace(
        PLAIN,
        data=(JobData(name="training-corpus", bucket="acme-corpus"), CHECKPOINTS),
        nfs=(NfsMount(source="10.40.0.2:/share", folder="home"),),
        network="projects/123456789012/global/networks/dev",
        env={"EPOCHS": "3"},
        secrets={"HF_TOKEN": "gcp-secret://acme-ml-dev/hf-token"},
    )
    [pool] = spec_of(deploy, args)["workerPoolSpecs"]
    assert {each["name"]: each["value"] for each in pool["containerSpec"]["env"]} == {
        "EPOCHS": "3",
        "HF_TOKEN_SECRET": "projects/acme-ml-dev/secrets/hf-token/versions/latest",
        "TRAINYARD_DATA_TRAINING_CORPUS": "/gcs/acme-corpus",
        "TRAINYARD_DATA_CHECKPOINTS": "/gcs/acme-checkpoints",
        "TRAINYARD_DATA_HOME": "/mnt/nfs/home",
        "TRAINYARD_CHECKPOINTS": "/gcs/acme-checkpoints",
    }
    assert pool["nfsMounts"] == [{"server": "10.40.0.2", "path": "/share", "mountPoint": "home"}]


def test_a_job_that_restarts_says_so_and_no_more_that_it_never_retries(deploy: Any) -> None:
    scheduling = spec_of(deploy, replace(PLAIN, restarts=True, data=(CHECKPOINTS,)))["scheduling"]
    assert scheduling["restartJobOnWorkerRestart"] is True
    assert "disableRetries" not in scheduling


@pytest.mark.parametrize(
    ("id_", "owner"), [("h100-week", "acme-ml-dev"), ("projects/acme-reserves/reservations/h100-week", "acme-reserves")]
)
def test_a_reservation_is_named_by_its_full_name(deploy: Any, id_: str, owner: str) -> None:
    args = replace(PLAIN, capacity=Reserved(id=id_), reservation_zone="europe-west4-b")
    [pool] = spec_of(deploy, args)["workerPoolSpecs"]
    assert pool["machineSpec"]["reservationAffinity"]["values"] == [
        f"projects/{owner}/zones/europe-west4-b/reservations/h100-week"
    ]


def test_a_tpu_is_told_by_its_topology(deploy: Any) -> None:
    [pool] = spec_of(deploy, replace(PLAIN, machine_type="v5litepod-8"))["workerPoolSpecs"]
    assert pool["machineSpec"] == {"machineType": "ct5lp-hightpu-8t", "tpuTopology": "2x4"}


def test_hyperdisk_where_the_machine_boots_from_nothing_else() -> None:
    spot = replace(PLAIN, machine_type="a3-ultragpu-8g", capacity=Spot(), data=(CHECKPOINTS,))
    assert (spot.disk_kind, PLAIN.disk_kind) == ("hyperdisk-balanced", "pd-ssd")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"container": "europe-docker.pkg.dev/acme/train/llama"}, "give its digest"),
        ({"container": IMAGE[:-1]}, "give its digest"),
        ({"capacity": Spot()}, "its work would be lost"),
        ({"restarts": True}, "writes its checkpoints to"),
        ({"machine_type": "v6e-8"}, "its API ends with v5e"),
        ({"machine_type": "v5litepod-16"}, "on one host only"),
        ({"machine_type": "v5litepod-8", "capacity": Spot(), "data": (CHECKPOINTS,)}, "TPUs as on-demand only"),
        ({"machine_type": "v5litepod-8", "nodes": 2}, "use kind tpu-node for a slice"),
        ({"machine_type": "a4x-highgpu-4g"}, "GB200"),
        ({"machine_type": "g4-standard-48"}, "kind gpu-vm has it"),
        ({"machine_type": "a3-highgpu-4g"}, "not sold as on-demand"),
        ({"capacity": Block(id="b")}, "on-demand, spot, flex-start, reserved only"),
        ({"capacity": FlexStart(), "timeout": timedelta(days=8)}, "7 days at most"),
        ({"capacity": Reserved(id="r")}, "lies in a zone"),
        ({"capacity": Reserved(id="My Week"), "reservation_zone": "europe-west4-b"}, "is no reservation"),
        ({"machine_type": "n1-standard-8", "gpu_type": "nvidia-tesla-t4", "gpus": 1, "capacity": FlexStart()}, "flex"),
        ({"max_wait": timedelta()}, "wait for ever"),
        ({"nodes": 0}, "give 1 or more"),
        ({"run": 0}, "from 1"),
        ({"wait_for": "done"}, "submitted, running, finished"),
        ({"env": {"1X": "y"}}, "no name of an environment variable"),
        ({"env": {"AIP_MODEL_DIR": "gs://x"}}, "set by Vertex AI"),
        ({"env": {"A": "b"}, "secrets": {"A": "gcp-secret://acme-ml-dev/a"}}, "name it once"),
        ({"secrets": {"A": "hunter2"}}, "no reference to a secret"),
        ({"env": {f"V{number}": "x" for number in range(99)}}, "too many"),
        ({"labels": {"owner": "Someone"}}, "no label of Vertex AI"),
        ({"nfs": (NfsMount(source="10.0.0.2:/a", folder="a"),)}, "inside of a network"),
        ({"network": "projects/acme/global/networks/dev"}, "project number"),
        ({"network": "projects/1/global/networks/dev", "network_attachment": "a"}, "one of them"),
        ({"tensorboard": "projects/1/locations/europe-west4/tensorboards/1"}, "output directory"),
        ({"output_directory": "s3://x"}, "no place in Cloud Storage"),
        ({"disk": JobDisk(gib=50)}, "100 to 64000 GiB"),
        ({"disk": JobDisk(kind="pd-balanced")}, "pd-ssd, pd-standard"),
        ({"region": "europe-west4-a"}, "it looks like a zone"),
        ({"hard_end": "tomorrow"}, "RFC 3339"),
    ],
)
def test_what_no_job_can_be_is_refused_with_the_way_on(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        replace(PLAIN, **change)
