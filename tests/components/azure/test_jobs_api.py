"""What jobs and notebooks ask of Azure Machine Learning, against Azure's own descriptions; and what none reaches."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from components.azure.notebook import Notebook
from components.azure.training_job import TrainingJob
from components.azure.training_job_args import TrainingJobArgs
from tests.components.azure.conftest import Registrations, problems, unreached
from tests.components.azure.test_notebook import PLAIN as NOTEBOOK
from tests.components.azure.test_training_job import NAME, PLAIN
from trainyard.facts.azure.learning import MOST_NODES, not_built
from trainyard.facts.azure.machine_types import SIZES, no_infiniband
from trainyard.facts.capacity import Capacity, OnDemand, Spot
from trainyard.provider.azure_ml_job.inputs import parse
from trainyard.sandbox.check import check_inputs
from trainyard.sandbox.conflicts import check_conflicts
from trainyard.sandbox.packages import installed
from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.values import check_values
from trainyard.servicer import decode, encode

pytestmark = pytest.mark.contract("azure")

Deploy = Callable[[Callable[[], Any]], Registrations]
NOW = datetime(2026, 11, 24, 14, tzinfo=UTC)
JOB = ResourceType(installed()["azure-native"], "azure-native:machinelearningservices:Job")
BUILT = [machine_type for machine_type in SIZES if not not_built(machine_type)]
FULL = replace(PLAIN, env={"A": "1"}, secrets={"HF_TOKEN": "azure-secret://acme-ml/hf-token"})


def request(deploy: Deploy, args: TrainingJobArgs) -> dict[str, Any]:
    """The properties that our own provider puts, out of what the component gave it over the wire."""
    inputs = deploy(lambda: TrainingJob(NAME, args)).one("MlJob").inputs
    return parse(decode(encode(inputs))).properties(NOW)


def complaints(properties: dict[str, Any]) -> list[str]:
    inputs = {"id": f"{NAME}-1", "properties": properties, "resourceGroupName": "acme-ml", "workspaceName": "dev-base"}
    found = (*check_inputs(JOB, inputs), *check_values(JOB, inputs), *check_conflicts(JOB, inputs, {}))
    return [f"{each.path}: {each.reason}" for each in found]


@pytest.mark.parametrize("machine_type", BUILT)
@pytest.mark.parametrize("capacity", [OnDemand(), Spot()])
def test_a_job_with_every_option_on_is_what_azure_takes(deploy: Deploy, machine_type: str, capacity: Capacity) -> None:
    nodes = 1 if no_infiniband(machine_type) else MOST_NODES
    args = replace(FULL, machine_type=machine_type, capacity=capacity, nodes=nodes, timeout=timedelta(days=7))
    assert problems(deploy(lambda: TrainingJob(NAME, args))) == []
    assert complaints(request(deploy, args)) == []


@pytest.mark.parametrize("machine_type", BUILT)
def test_a_notebook_of_every_size_is_what_azure_takes(deploy: Deploy, machine_type: str) -> None:
    args = replace(NOTEBOOK, machine_type=machine_type)
    assert problems(deploy(lambda: Notebook("dev-1a2b3c4d-lab", args))) == []


def test_a_job_ends_by_the_hard_end_and_carries_its_tags_and_spec(deploy: Deploy) -> None:
    found = request(deploy, replace(FULL, timeout=timedelta(days=7)))
    assert found["limits"]["timeout"] == "PT43200S"  # the lease's last 12 hours
    assert set(FULL.tags) < set(found["tags"])


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"jobType": "Comand"}, "jobType"),
        ({"distribution": {"distributionType": "Torch"}}, "distributionType"),
        ({"limits": {"jobLimitsType": "Command", "timeout": "PT0S"}}, "InvalidTimeout"),
        ({"outputs": {"a": {"jobOutputType": "uri_folder", "mode": "Write"}}}, "mode"),
        ({"priority": 1}, "priority"),
    ],
)
def test_the_walk_itself_finds_what_azure_would_refuse(deploy: Deploy, change: dict[str, Any], complaint: str) -> None:
    assert any(complaint in each for each in complaints({**request(deploy, PLAIN), **change}))


def test_what_no_description_reaches_is_known(deploy: Deploy) -> None:
    found = unreached(deploy(lambda: TrainingJob(NAME, replace(FULL, nodes=8))))
    found |= unreached(deploy(lambda: Notebook("dev-1a2b3c4d-lab", NOTEBOOK)))
    assert {path for path in found if " tags." not in path and ".tags." not in path} == set()
