"""A Workbench instance: private, stopped when idle, ended by itself, opened by those who may."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from components.gcp.notebook import Notebook
from components.gcp.notebook_args import NotebookArgs
from trainyard.facts.capacity import Reserved, Spot

NAME = "dev-1a2b3c4d-lab-0"
PLAIN = NotebookArgs(
    project="acme-ml-dev",
    zone="europe-west4-a",
    machine_type="g2-standard-8",
    network="projects/acme-ml-dev/global/networks/dev",
    subnetwork="projects/acme-ml-dev/regions/europe-west4/subnetworks/dev-europe-west4",
    service_account="ty-dev-1a2b3c4d@acme-ml-dev.iam.gserviceaccount.com",
    labels={"trainyard-lease": "dev-1a2b3c4d", "trainyard-workload": "lab"},
    idle=timedelta(minutes=30),
    startup_script="#!/bin/bash\n",
)


def made(deploy: Callable[..., Any], **changes: Any) -> Any:
    return deploy(lambda: Notebook(NAME, replace(PLAIN, **changes)))


def setup(deploy: Callable[..., Any], **changes: Any) -> dict[str, Any]:
    return dict(made(deploy, **changes).one("workbench/instance:Instance").inputs["gceSetup"])


def test_it_stops_when_nobody_works_in_it(deploy) -> None:
    assert setup(deploy)["metadata"]["idle-timeout-seconds"] == "1800"


def test_an_update_does_not_start_what_idleness_stopped(deploy) -> None:
    instance = made(deploy).one("workbench/instance:Instance")
    assert "desiredState" in instance.ignore_changes
    assert instance.delete_before_replace


def test_it_has_no_public_address_and_no_root(deploy) -> None:
    found = setup(deploy)
    assert found["disablePublicIp"] is True
    assert found["metadata"]["notebook-disable-root"] == "true"
    assert found["networkInterfaces"] == [{"network": PLAIN.network, "subnet": PLAIN.subnetwork, "nicType": "GVNIC"}]


def test_its_own_end_runs_at_its_start(deploy) -> None:
    assert setup(deploy)["metadata"]["startup-script"] == PLAIN.startup_script


def test_its_accelerators_are_told_in_workbench_s_words(deploy) -> None:
    assert setup(deploy)["acceleratorConfigs"] == [{"type": "NVIDIA_L4", "coreCount": "1"}]
    attached = {"machine_type": "n1-standard-8", "gpu_type": "nvidia-tesla-t4", "gpus": 2}
    assert setup(deploy, **attached)["acceleratorConfigs"] == [{"type": "NVIDIA_TESLA_T4", "coreCount": "2"}]


def test_both_disks_are_encrypted_by_one_s_own_key_where_there_is_one(deploy) -> None:
    found = setup(deploy, kms_key="projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k")
    assert {found[disk]["diskEncryption"] for disk in ("bootDisk", "dataDisks")} == {"CMEK"}


def test_a_reservation_is_named(deploy) -> None:
    assert setup(deploy, capacity=Reserved(id="l4-week"))["reservationAffinity"] == {
        "consumeReservationType": "RESERVATION_SPECIFIC",
        "key": "compute.googleapis.com/reservation-name",
        "values": ["l4-week"],
    }


def test_only_those_who_may_see_it(deploy) -> None:
    group = "group:ml-research@acme.example"
    grant = made(deploy, access=(group,)).one("InstanceIamMember").inputs
    assert (grant["member"], grant["role"]) == (group, "roles/notebooks.viewer")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "spot": ({"capacity": Spot()}, "takes no spot machines, only on-demand and reserved"),
    "idle for five minutes": ({"idle": timedelta(minutes=5)}, "10 to 1440 minutes"),
    "a GPU that Workbench has not": ({"machine_type": "g4-standard-48"}, "Workbench has no"),
    "a boot disk that is too small": ({"boot_disk_gib": 50}, "has 150 to 64000 GiB"),
    "a subnetwork of another region": (
        {"subnetwork": "projects/p-12345/regions/us-central1/subnetworks/dev"},
        "lies in us-central1",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_workbench_does_not_take_is_refused_before(what: str) -> None:
    changes, says = WRONG[what]
    with pytest.raises(ValueError, match=says):
        replace(PLAIN, **changes)
