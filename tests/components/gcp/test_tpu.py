"""TPUs on Google Cloud: a host, a slice of several, a node of the Cloud TPU API."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from components.gcp.gpu_vm_args import BootDisk, DataDiskUse
from components.gcp.tpu_machine_args import TpuMachineArgs
from components.gcp.tpu_node import TpuNode
from components.gcp.tpu_slice import TpuSlice
from components.gcp.tpu_vm import DataDisk, TpuVm, TpuVmArgs
from trainyard.facts.capacity import FlexStart, OnDemand, Queued, Reserved, Spot
from trainyard.facts.tpu_images import tpu_image
from trainyard.facts.tpu_slice import slice_of

NAME = "dev-1a2b3c4d-lab-0"
LABELS = {"trainyard-lease": "dev-1a2b3c4d"}
SUBNETWORK = "projects/acme-ml-dev/regions/us-east5/subnetworks/dev-us-east5"
NETWORK = "projects/acme-ml-dev/global/networks/dev"
EMAIL = "ty-dev-1a2b3c4d@acme-ml-dev.iam.gserviceaccount.com"
HARD_END = "2026-11-25T02:00:00Z"


def machine(chips: int = 4, **changed: Any) -> TpuMachineArgs:
    found = changed.pop("slice", None) or slice_of("v6e", chips)
    plain = TpuMachineArgs(
        project="acme-ml-dev",
        zone="us-east5-a",
        slice=found,
        image=tpu_image(found.generation, None) if found.generation.image_family else tpu_image_of_v6e(),
        subnetwork=SUBNETWORK,
        service_account=EMAIL,
        labels=LABELS,
        hard_end=HARD_END,
        user_data="#cloud-config\n{}\n",
    )
    return replace(plain, **changed)


def tpu_image_of_v6e() -> Any:
    return tpu_image(slice_of("v6e", 4).generation, None)


def node(**changed: Any) -> TpuVmArgs:
    plain = TpuVmArgs(
        project="acme-ml-dev",
        zone="us-west4-a",
        slice=slice_of("v5e", 16),
        network=NETWORK,
        subnetwork="projects/acme-ml-dev/regions/us-west4/subnetworks/dev-us-west4",
        service_account=EMAIL,
        labels=LABELS,
        startup_script="#!/bin/bash\n",
    )
    return replace(plain, **changed)


Deploy = Callable[[Callable[[], Any]], Any]


def test_a_host_is_one_machine_that_the_cloud_deletes_at_the_hard_end(deploy: Deploy) -> None:
    made = deploy(lambda: TpuNode(NAME, machine()))
    instance = made.one("Instance")
    assert instance.inputs["name"] == NAME
    assert instance.inputs["machineType"] == "ct6e-standard-4t"
    assert instance.inputs["scheduling"] == {
        "onHostMaintenance": "TERMINATE",
        "provisioningModel": "STANDARD",
        "preemptible": False,
        "automaticRestart": True,
        "instanceTerminationAction": "DELETE",
        "terminationTime": HARD_END,
    }
    assert instance.inputs["bootDisk"]["initializeParams"]["type"] == "hyperdisk-balanced"
    assert "accessConfigs" not in instance.inputs["networkInterfaces"][0]
    assert instance.inputs["labels"] == LABELS
    assert instance.delete_before_replace


def test_a_spot_host_is_deleted_when_it_is_taken_back_for_it_never_starts_again(deploy: Deploy) -> None:
    scheduling = deploy(lambda: TpuNode(NAME, machine(capacity=Spot()))).one("Instance").inputs["scheduling"]
    assert scheduling["provisioningModel"] == "SPOT"
    assert scheduling["preemptible"] is True
    assert scheduling["automaticRestart"] is False
    assert scheduling["instanceTerminationAction"] == "DELETE"


def test_a_flex_start_host_ends_by_its_run_duration(deploy: Deploy) -> None:
    made = deploy(lambda: TpuNode(NAME, machine(capacity=FlexStart(), run_seconds=3600)))
    scheduling = made.one("Instance").inputs["scheduling"]
    assert scheduling["provisioningModel"] == "FLEX_START"
    assert scheduling["maxRunDuration"] == {"seconds": 3600}
    assert "terminationTime" not in scheduling


def test_those_with_access_may_log_in_to_that_host_only(deploy: Deploy) -> None:
    made = deploy(lambda: TpuNode(NAME, machine(access=("group:ml-research@acme.example",))))
    assert made.one("InstanceIAMMember").inputs["instanceName"] == NAME


def test_a_slice_is_a_group_made_whole_in_one_topology_and_never_repaired(deploy: Deploy) -> None:
    made = deploy(lambda: TpuSlice(NAME, machine(16)))
    group = made.one("InstanceGroupManager")
    assert group.inputs["targetSize"] == 4
    assert group.inputs["targetSizePolicies"] == [{"mode": "BULK"}]
    assert group.inputs["instanceLifecyclePolicy"] == {"defaultActionOnFailure": "DO_NOTHING"}
    assert group.inputs["zone"] == "us-east5-a"
    assert group.inputs["description"] == "v6e 4x4"
    assert set(group.replace_on_changes) == {"versions", "targetSize", "description"}
    policy = made.one("ResourcePolicy")
    assert policy.inputs["workloadPolicy"] == {"type": "HIGH_THROUGHPUT", "acceleratorTopology": "4x4"}
    assert policy.inputs["region"] == "us-east5"
    template = made.one("InstanceTemplate")
    assert template.inputs["machineType"] == "ct6e-standard-4t"
    assert template.inputs["labels"] == LABELS
    assert template.inputs["disks"][0]["labels"] == LABELS
    assert template.inputs["scheduling"]["terminationTime"] == HARD_END
    assert all(one.delete_before_replace for one in (group, policy, template))


def test_those_with_access_may_log_in_to_every_host_of_a_slice_and_to_no_other(deploy: Deploy) -> None:
    made = deploy(lambda: TpuSlice(NAME, machine(16, access=("group:ml-research@acme.example",))))
    condition = made.one("IAMMember").inputs["condition"]["expression"]
    assert f'/zones/us-east5-a/instances/{NAME}-")' in condition


def test_a_disk_is_attached_under_its_data_sets_name_and_read_by_all_hosts(deploy: Deploy) -> None:
    disk = DataDiskUse(name="corpus", disk="projects/acme-ml-dev/zones/us-east5-a/disks/corpus", write=False)
    [attached] = deploy(lambda: TpuNode(NAME, machine(data_disks=(disk,)))).one("Instance").inputs["attachedDisks"]
    assert (attached["deviceName"], attached["mode"]) == ("corpus", "READ_ONLY")
    _, second = deploy(lambda: TpuSlice(NAME, machine(16, data_disks=(disk,)))).one("InstanceTemplate").inputs["disks"]
    assert (second["deviceName"], second["mode"], second["autoDelete"]) == ("corpus", "READ_ONLY", False)


def test_a_machine_that_is_bound_to_its_reservation_ends_with_it(deploy: Deploy) -> None:
    made = deploy(lambda: TpuNode(NAME, machine(capacity=Reserved(id="week", bound=True))))
    scheduling = made.one("Instance").inputs["scheduling"]
    assert scheduling["provisioningModel"] == "RESERVATION_BOUND"
    assert "terminationTime" not in scheduling
    assert made.one("Instance").inputs["reservationAffinity"]["specificReservation"]["values"] == ["week"]


def test_a_node_has_its_name_runtime_and_no_external_address(deploy: Deploy) -> None:
    inputs = deploy(lambda: TpuVm(NAME, node())).one("V2Vm").inputs
    assert inputs["acceleratorType"] == "v5litepod-16"
    assert "acceleratorConfig" not in inputs
    assert inputs["runtimeVersion"] == "v2-alpha-tpuv5-lite"
    assert inputs["networkConfig"]["enableExternalIps"] is False
    assert inputs["labels"] == LABELS
    assert inputs["metadata"]["startup-script"] == "#!/bin/bash\n"
    assert "schedulingConfig" not in inputs


def test_a_topology_that_the_name_does_not_mean_is_asked_for_by_itself(deploy: Deploy) -> None:
    asked = node(
        slice=slice_of("v4", 512, "4x8x16"),
        zone="us-central2-b",
        subnetwork=SUBNETWORK.replace("us-east5", "us-central2"),
    )
    inputs = deploy(lambda: TpuVm(NAME, asked)).one("V2Vm").inputs
    assert inputs["acceleratorConfig"] == {"type": "V4", "topology": "4x8x16"}
    assert "acceleratorType" not in inputs


@pytest.mark.parametrize(
    ("capacity", "scheduling"), [(Spot(), {"spot": True}), (Reserved(id="week"), {"reserved": True})]
)
def test_a_node_is_bought_as_asked(deploy: Deploy, capacity: Any, scheduling: dict[str, bool]) -> None:
    assert deploy(lambda: TpuVm(NAME, node(capacity=capacity))).one("V2Vm").inputs["schedulingConfig"] == scheduling


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"slice": slice_of("v5e", 4)}, "v5e is no machine of Compute Engine but a node of the Cloud TPU API"),
        ({"capacity": Queued(valid_until=timedelta(hours=12))}, "cannot be bought as queued"),
        ({"capacity": FlexStart()}, "run_seconds belongs to flex-start machines"),
        ({"run_seconds": 3600}, "run_seconds belongs to flex-start machines"),
        ({"capacity": FlexStart(), "run_seconds": 8 * 24 * 3600}, "give 600 to 604800"),
        (
            {"boot_disk": BootDisk(kind="pd-ssd")},
            'v6e machines cannot boot from "pd-ssd"; allowed are hyperdisk-balanced',
        ),
        ({"boot_disk": BootDisk(gib=5)}, "A boot disk of 5 GiB cannot be had"),
        ({"labels": {"Owner": "x"}}, "is no label on Google Cloud"),
        ({"hard_end": "tomorrow"}, "hard end"),
        ({"zone": "us-east5"}, "is no Google Cloud zone"),
        ({"zone": "us-central1-b"}, "lies in us-east5, the TPU's zone us-central1-b in us-central1"),
        ({"access": ("everybody",)}, "everybody"),
        (
            {"slice": slice_of("v6e", 16), "data_disks": (DataDiskUse(name="x", disk="y", write=True),)},
            "4 hosts cannot all write to the disk x",
        ),
    ],
)
def test_what_no_machine_can_be_is_refused(changed: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        machine(**changed)


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"slice": slice_of("tpu7x", 4)}, "tpu7x is not in the Cloud TPU API but on Compute Engine"),
        ({"runtime_version": "v2-alpha-tpuv6e"}, 'is of v6e; v5e takes "v2-alpha-tpuv5-lite"'),
        ({"capacity": FlexStart()}, "cannot be bought as flex-start"),
        ({"subnetwork": SUBNETWORK}, "lies in us-east5, the node's zone us-west4-a in us-west4"),
        ({"data_disks": (DataDisk(id="corpus"),)}, "is no full disk id"),
        ({"data_disks": (DataDisk(id="projects/p/zones/us-west4-b/disks/c"),)}, "lies in us-west4-b"),
        (
            {"data_disks": (DataDisk(id="projects/p/zones/us-west4-a/disks/c", mode="READ_WRITE"),)},
            "4 hosts cannot all write",
        ),
        ({"data_disks": (DataDisk(id="projects/p/zones/us-west4-a/disks/c", mode="RW"),)}, "is no mode of a disk"),
    ],
)
def test_what_no_node_can_be_is_refused(changed: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        node(**changed)


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (lambda: TpuNode(NAME, machine(16)), "4x4 has 4 hosts, a TpuNode has one; use TpuSlice"),
        (lambda: TpuSlice(NAME, machine(8)), "one host, a TpuSlice several; use TpuNode"),
        (lambda: TpuSlice("a" * 53, machine(16)), "a" * 53),
        (lambda: TpuNode("Lab", machine()), "is no machine name"),
    ],
)
def test_the_wrong_form_is_refused_with_the_right_one(made: Callable[[], Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        made()


def test_on_demand_is_how_a_tpu_is_bought_by_default() -> None:
    assert machine().capacity == OnDemand() == node().capacity
