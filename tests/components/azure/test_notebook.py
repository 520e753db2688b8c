from dataclasses import replace
from datetime import timedelta

import pytest

from components.azure.notebook import Notebook
from components.azure.notebook_args import NotebookArgs
from tests.components.azure.conftest import GROUP_ID, problems
from trainyard.facts.azure.learning import compute_name, compute_name_error
from trainyard.facts.capacity import Spot

USER = "55555555-5555-4555-8555-555555555555"
PLAIN = NotebookArgs(
    workspace=f"{GROUP_ID}/providers/Microsoft.MachineLearningServices/workspaces/dev-base",
    location="westeurope",
    compute_name="lab-y1a2b3c4d",
    machine_type="Standard_NC24ads_A100_v4",
    tags={"trainyard-lease": "dev-1a2b3c4d", "trainyard-workload": "lab"},
    idle=timedelta(minutes=30),
    user=f"user:{USER}",
    tenant="33333333-3333-4333-8333-333333333333",
)


def made(deploy, args: NotebookArgs = PLAIN):
    return deploy(lambda: Notebook("dev-1a2b3c4d-lab", args)).one("machinelearningservices:Compute")


def test_an_instance_is_one_persons_private_and_stops_when_idle(deploy) -> None:
    inside = made(deploy).inputs["properties"]["properties"]
    assert inside["idleTimeBeforeShutdown"] == "PT1800S"
    assert inside["enableNodePublicIp"] is False
    assert inside["sshSettings"] == {"sshPublicAccess": "Disabled"}
    assert inside["applicationSharingPolicy"] == "Personal"
    assert inside["personalComputeInstanceSettings"]["assignedUser"] == {"objectId": USER, "tenantId": PLAIN.tenant}


def test_it_has_no_identity_for_with_one_it_would_not_stop(deploy) -> None:
    assert "identity" not in made(deploy).inputs


def test_any_change_but_that_of_tags_makes_it_anew_for_azure_changes_none(deploy) -> None:
    assert made(deploy).replace_on_changes == ("properties",)
    assert made(deploy).delete_before_replace is True


@pytest.mark.contract("azure")
def test_every_property_is_one_that_azure_takes(deploy) -> None:
    assert problems(deploy(lambda: Notebook("dev-1a2b3c4d-lab", PLAIN))) == []


@pytest.mark.parametrize("workload", ["lab", "a", "a-very-long-name-of-a-workload", "x-1"])
def test_every_workload_has_a_name_that_a_compute_can_have(workload: str) -> None:
    names = {compute_name(f"dev-{number:08x}", workload) for number in range(200)}
    assert len(names) == 200
    assert [name for name in names if compute_name_error(name)] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"idle": timedelta(minutes=10)}, "15 minutes to 3 days.*10 minutes were asked for"),
        ({"idle": timedelta(days=4)}, "15 minutes to 3 days"),
        ({"capacity": Spot()}, "on-demand only, spot is not sold"),
        ({"machine_type": "Standard_ND96isr_MI300X_v5"}, "no ROCm; take another size, or a gpu-vm"),
        ({"user": f"group:{USER}"}, "one person's and cannot be shared; give user:<object id>"),
        ({"user": "ann@acme.example"}, "may not be granted access on Azure"),
        ({"compute_name": "lab-12345678"}, "is no name of a compute"),
        ({"workspace": "dev"}, "is no full id"),
    ],
)
def test_what_no_notebook_can_be_is_refused_with_the_way_out(change, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(PLAIN, **change)
