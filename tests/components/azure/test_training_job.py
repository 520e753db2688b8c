from dataclasses import replace
from datetime import timedelta

import pytest

from components.azure.training_job import TrainingJob
from components.azure.training_job_args import JobData, TrainingJobArgs
from tests.components.azure.conftest import GROUP_ID, SUBSCRIPTION, problems, whole
from trainyard.facts.capacity import Reserved, Spot
from trainyard.sandbox.check import check_inputs
from trainyard.sandbox.conflicts import check_conflicts
from trainyard.sandbox.packages import installed
from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.values import check_values

NAME = "dev-1a2b3c4d-train"
WORKSPACE = f"{GROUP_ID}/providers/Microsoft.MachineLearningServices/workspaces/dev-base"
PLAIN = TrainingJobArgs(
    origin="sandbox",
    subscription=SUBSCRIPTION,
    workspace=WORKSPACE,
    location="westeurope",
    compute_name="train-y1a2b3c4d",
    machine_type="Standard_ND96isr_H100_v5",
    container="acme.azurecr.io/llama@sha256:" + "a" * 64,
    command=("torchrun", "--nproc-per-node=8", "train.py", "--name", "two words"),
    identity=f"{GROUP_ID}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/dev-1a2b3c4d-node",
    identity_client_id="22222222-2222-4222-8222-222222222222",
    tags={"trainyard-lease": "dev-1a2b3c4d", "trainyard-workload": "train"},
    hard_end="2026-11-25T02:00:00Z",
    timeout=timedelta(hours=12),
    data=(
        JobData(name="training-corpus", account="acmecorpus", container="data"),
        JobData(name="checkpoints", account="acmecheckpoints", container="data", write=True),
    ),
)


def made(deploy, args: TrainingJobArgs = PLAIN):
    return deploy(lambda: TrainingJob(NAME, args))


def job_of(deploy, args: TrainingJobArgs = PLAIN):
    return made(deploy, args).one("MlJob").inputs


def test_the_cluster_is_empty_while_nothing_runs_and_nobody_gets_into_it(deploy) -> None:
    inputs = made(deploy, replace(PLAIN, nodes=4)).one("machinelearningservices:Compute").inputs
    cluster = inputs["properties"]["properties"]
    assert cluster["scaleSettings"] == {
        **{"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"},
    }
    assert cluster["enableNodePublicIp"] is False
    assert cluster["remoteLoginPortPublicAccess"] == "Disabled"
    assert inputs["properties"]["disableLocalAuth"] is True
    assert inputs["tags"] == PLAIN.tags
    assert inputs["identity"]["userAssignedIdentities"] == [PLAIN.identity]


@pytest.mark.parametrize(("capacity", "priority"), [(PLAIN.capacity, "Dedicated"), (Spot(), "LowPriority")])
def test_the_cluster_is_bought_as_the_capacity_says(deploy, capacity, priority: str) -> None:
    cluster = made(deploy, replace(PLAIN, capacity=capacity)).one("machinelearningservices:Compute")
    assert cluster.inputs["properties"]["properties"]["vmPriority"] == priority


def test_the_job_ends_by_itself_and_runs_as_the_leases_identity(deploy) -> None:
    job = job_of(deploy)["job"]
    assert job["limits"] == {"jobLimitsType": "Command", "timeout": "PT43200S"}
    assert job["identity"] == {"identityType": "Managed", "clientId": PLAIN.identity_client_id}
    assert job["computeId"] == f"{WORKSPACE}/computes/{PLAIN.compute_name}"


def test_data_is_mounted_and_told_by_variables_before_the_command(deploy) -> None:
    job = job_of(deploy)["job"]
    assert job["inputs"]["training_corpus"] == {
        **{"jobInputType": "uri_folder", "mode": "ReadOnlyMount"},
        "uri": "wasbs://data@acmecorpus.blob.core.windows.net/",
    }
    assert job["outputs"]["checkpoints"]["mode"] == "ReadWriteMount"
    assert job["command"] == (
        'TRAINING_CORPUS="${{inputs.training_corpus}}" CHECKPOINTS="${{outputs.checkpoints}}" '
        "torchrun --nproc-per-node=8 train.py --name 'two words'"
    )


def test_secrets_are_told_by_their_address_only(deploy) -> None:
    job = job_of(deploy, replace(PLAIN, env={"A": "1"}, secrets={"HF_TOKEN": "azure-secret://acme-ml/hf-token"}))["job"]
    assert job["environmentVariables"] == {
        "A": "1",
        "HF_TOKEN_SECRET": "https://acme-ml.vault.azure.net/secrets/hf-token",
        "AZURE_CLIENT_ID": PLAIN.identity_client_id,
    }


def test_several_nodes_start_one_process_each(deploy) -> None:
    job = job_of(deploy, replace(PLAIN, nodes=2))["job"]
    assert job["distribution"] == {"distributionType": "PyTorch", "processCountPerInstance": 1}
    assert job["resources"]["instanceCount"] == 2
    assert "distribution" not in job_of(deploy)["job"]


def test_a_version_of_the_environment_stands_for_one_image(deploy) -> None:
    versions = {
        made(deploy, replace(PLAIN, container=image)).one("EnvironmentVersion").inputs["version"]
        for image in (PLAIN.container, "acme.azurecr.io/llama:v2")
    }
    assert len(versions) == 2


def test_the_lease_finds_its_job_by_tags(deploy) -> None:
    assert job_of(deploy)["tags"] == PLAIN.tags


@pytest.mark.contract("azure")
@pytest.mark.parametrize("nodes", [1, 100])
def test_every_property_is_one_that_azure_takes(deploy, nodes: int) -> None:
    assert problems(made(deploy, replace(PLAIN, nodes=nodes, env={"A": "1"}))) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"location": "West Europe"}, "is no Azure location"),
        ({"hard_end": "tomorrow"}, "is no RFC 3339 time"),
        ({"workspace": "dev-base"}, "is no full id of a Microsoft.MachineLearningServices/workspaces"),
        ({"machine_type": "Standard_D4s_v5"}, "has no GPUs that Trainyard knows"),
        ({"machine_type": "Standard_ND128isr_GB300_v6"}, "is arm64 with Grace CPUs"),
        ({"machine_type": "Standard_NV36ads_A10_v5"}, "no machines with virtual GPUs.*take another size, or a gpu-vm"),
        ({"machine_type": "Standard_ND96is_H100_v5", "nodes": 2}, "has no InfiniBand.*Standard_ND96isr_H100_v5"),
        ({"nodes": 101}, "1 to 100 nodes"),
        ({"capacity": Reserved(id="x")}, "takes no reserved machines, only on-demand and spot"),
        ({"compute_name": "train-12345678"}, "is no name of a compute"),
        ({"container": "acme.azurecr.io/llama"}, "give its digest"),
        ({"command": ()}, "give command"),
        ({"env": {"RANK": "0"}}, "RANK is set by Azure Machine Learning"),
        ({"secrets": {"HF": "gcp-secret://a/b"}}, "write azure-secret://<vault>/<name>"),
        ({"env": {"A": "1"}, "secrets": {"A": "azure-secret://acme/a"}}, "is both in env and a secret"),
        ({"timeout": timedelta(days=22)}, "after 21 days"),
        ({"timeout": timedelta(days=8), "capacity": Spot()}, "on spot machines after 7 days"),
        ({"timeout": timedelta()}, "give a minute or more"),
        ({"run": 0}, "give a whole number from 1"),
        ({"wait_for": "ready"}, "give one of submitted, running, finished"),
        ({"data": PLAIN.data[:1], "capacity": Spot()}, "writes to no data set"),
        ({"data": PLAIN.data[:1], "restarts": True}, "leave on_preemption out"),
        ({"data": (PLAIN.data[0], PLAIN.data[0])}, "is no data set of its own"),
        ({"shared_memory_gib": 0}, "give 1 or more"),
    ],
)
def test_what_no_job_can_be_is_refused_with_the_way_out(change, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(PLAIN, **change)


@pytest.mark.contract("azure")
@pytest.mark.parametrize("nodes", [1, 8])
def test_the_job_is_one_that_resource_manager_takes(deploy, nodes: int) -> None:
    secrets = {"HF_TOKEN": "azure-secret://acme-ml/hf-token"}
    body = job_of(deploy, replace(PLAIN, nodes=nodes, capacity=Spot(), timeout=timedelta(days=7), secrets=secrets))
    job = whole({"id": f"{NAME}-1", "properties": {**body["job"], "tags": body["tags"]}})
    kind = ResourceType(installed()["azure-native"], "azure-native:machinelearningservices:Job")
    inputs = {**job, "resourceGroupName": "acme-ml", "workspaceName": "dev-base"}
    found = (*check_inputs(kind, inputs), *check_values(kind, inputs), *check_conflicts(kind, inputs, {}))
    assert [f"{each.path}: {each.reason}" for each in found] == []
