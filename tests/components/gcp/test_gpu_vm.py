from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.gcp.gpu_vm import GpuVm
from components.gcp.gpu_vm_args import BootDisk, DataDiskUse, GpuVmArgs
from trainyard.facts.capacity import FlexStart, OnDemand, Reserved, Spot
from trainyard.facts.images import resolve_image

NAME = "dev-1a2b3c4d-lab-0"
HARD_END = "2026-11-25T02:00:00Z"
LABELS = {"trainyard-lease": "dev-1a2b3c4d", "trainyard-hard-end": "20261125t020000z"}
PLAIN = GpuVmArgs(
    project="acme-ml-dev",
    zone="us-central1-a",
    machine_type="g2-standard-4",
    image=resolve_image("ubuntu-2404-nvidia-580"),
    subnetwork="projects/acme-ml-dev/regions/us-central1/subnetworks/dev-us-central1",
    service_account="ty-dev-1a2b3c4d@acme-ml-dev.iam.gserviceaccount.com",
    labels=LABELS,
    hard_end=HARD_END,
    user_data="#cloud-config\n{}\n",
)
FAMILIES = [
    "g2-standard-96",
    "g4-standard-48",
    "a2-highgpu-8g",
    "a2-megagpu-16g",
    "a2-ultragpu-4g",
    "a3-highgpu-8g",
    "a3-megagpu-8g",
]

Deploy = Callable[[Callable[[], Any]], Any]


def instance(deploy: Deploy, **changes: Any) -> Any:
    return deploy(lambda: GpuVm(NAME, replace(PLAIN, **changes))).one("Instance")


@pytest.mark.parametrize("machine_type", FAMILIES)
def test_the_cloud_deletes_every_machine_at_its_hard_end(deploy: Deploy, machine_type: str) -> None:
    scheduling = instance(deploy, machine_type=machine_type).inputs["scheduling"]
    assert scheduling["terminationTime"] == HARD_END
    assert scheduling["instanceTerminationAction"] == "DELETE"
    assert scheduling["onHostMaintenance"] == "TERMINATE"


@pytest.mark.parametrize("machine_type", FAMILIES)
def test_accelerators_come_with_the_machine_type_and_are_never_declared(deploy: Deploy, machine_type: str) -> None:
    inputs = instance(deploy, machine_type=machine_type).inputs
    assert inputs["machineType"] == machine_type
    assert "guestAccelerators" not in inputs


@pytest.mark.parametrize("machine_type", FAMILIES)
def test_no_machine_has_a_public_address(deploy: Deploy, machine_type: str) -> None:
    [interface] = instance(deploy, machine_type=machine_type).inputs["networkInterfaces"]
    assert interface == {"subnetwork": PLAIN.subnetwork, "nicType": "GVNIC"}


@pytest.mark.parametrize("machine_type", ["a2-ultragpu-1g", "a3-highgpu-8g", "a3-megagpu-8g"])
def test_bundled_ssds_are_left_to_the_cloud_and_never_replace_the_machine(deploy: Deploy, machine_type: str) -> None:
    found = instance(deploy, machine_type=machine_type)
    assert "scratchDisks" not in found.inputs
    assert found.ignore_changes == ("scratchDisks",)


@pytest.mark.parametrize(("machine_type", "count"), [("g2-standard-48", 4), ("a2-highgpu-1g", 2), ("a2-highgpu-8g", 8)])
def test_optional_ssds_are_declared_in_the_count_that_was_asked_for(
    deploy: Deploy, machine_type: str, count: int
) -> None:
    found = instance(deploy, machine_type=machine_type, local_ssd=count)
    assert found.inputs["scratchDisks"] == [{"interface": "NVME"}] * count
    assert found.ignore_changes == ()


def test_without_being_asked_for_there_is_no_optional_ssd(deploy: Deploy) -> None:
    assert "scratchDisks" not in instance(deploy).inputs


@pytest.mark.parametrize(
    ("machine_type", "local_ssd", "count"),
    [("a3-highgpu-8g", None, 16), ("a3-megagpu-8g", 16, 16), ("a2-ultragpu-4g", None, 4), ("g2-standard-4", None, 0)],
)
def test_the_args_know_how_many_local_ssds_the_node_will_find(
    machine_type: str, local_ssd: int | None, count: int
) -> None:
    assert replace(PLAIN, machine_type=machine_type, local_ssd=local_ssd).local_ssd_count == count


def test_on_demand_is_the_default_and_restarts_after_a_host_error(deploy: Deploy) -> None:
    scheduling = instance(deploy).inputs["scheduling"]
    assert (scheduling["provisioningModel"], scheduling["preemptible"], scheduling["automaticRestart"]) == (
        "STANDARD",
        False,
        True,
    )


def test_spot_is_preemptible_and_never_restarts(deploy: Deploy) -> None:
    scheduling = instance(deploy, capacity=Spot()).inputs["scheduling"]
    assert (scheduling["provisioningModel"], scheduling["preemptible"], scheduling["automaticRestart"]) == (
        "SPOT",
        True,
        False,
    )


def test_a_reservation_is_named_and_no_other_is_used(deploy: Deploy) -> None:
    affinity = instance(deploy, capacity=Reserved(id="h100-week")).inputs["reservationAffinity"]
    assert affinity == {
        "type": "SPECIFIC_RESERVATION",
        "specificReservation": {"key": "compute.googleapis.com/reservation-name", "values": ["h100-week"]},
    }


def test_a_shared_reservation_is_named_with_its_project(deploy: Deploy) -> None:
    shared = "projects/acme-capacity/reservations/h100-week"
    affinity = instance(deploy, capacity=Reserved(id=shared)).inputs["reservationAffinity"]
    assert affinity["specificReservation"]["values"] == [shared]


@pytest.mark.parametrize(
    ("machine_type", "capacity"),
    [
        ("a3-ultragpu-8g", Reserved(id="b200-block")),
        ("a4-highgpu-8g", Reserved(id="b200-block")),
        ("a3-megagpu-8g", Reserved(id="calendar", bound=True)),
    ],
)
def test_a_reservation_bound_machine_ends_with_its_reservation(
    deploy: Deploy, machine_type: str, capacity: Reserved
) -> None:
    inputs = instance(deploy, machine_type=machine_type, capacity=capacity).inputs
    assert inputs["scheduling"] == {
        "onHostMaintenance": "TERMINATE",
        "provisioningModel": "RESERVATION_BOUND",
        "instanceTerminationAction": "DELETE",
        "preemptible": False,
        "automaticRestart": False,
    }
    assert inputs["reservationAffinity"]["type"] == "SPECIFIC_RESERVATION"


@pytest.mark.parametrize(("gpu_type", "gpus"), [("nvidia-tesla-t4", 2), ("nvidia-tesla-t4", 4)])
def test_the_gpus_of_an_n1_machine_are_attached(deploy: Deploy, gpu_type: str, gpus: int) -> None:
    inputs = instance(deploy, machine_type="n1-highmem-8", gpu_type=gpu_type, gpus=gpus).inputs
    assert inputs["guestAccelerators"] == [{"type": gpu_type, "count": gpus}]
    assert inputs["scheduling"]["onHostMaintenance"] == "TERMINATE"


@pytest.mark.parametrize("gpu_type", ["nvidia-tesla-v100", "nvidia-tesla-p100", "nvidia-tesla-p4"])
def test_older_gpus_take_an_image_of_ones_own(deploy: Deploy, gpu_type: str) -> None:
    n1: dict[str, Any] = {"machine_type": "n1-highmem-8", "gpu_type": gpu_type, "gpus": 1}
    with pytest.raises(ValueError, match="open kernel modules"):
        replace(PLAIN, **n1)
    inputs = instance(deploy, image=resolve_image("acme-images/volta"), **n1).inputs
    assert inputs["guestAccelerators"] == [{"type": gpu_type, "count": 1}]


@pytest.mark.parametrize("capacity", [OnDemand(), Spot()])
def test_without_a_reservation_none_is_named(deploy: Deploy, capacity: OnDemand | Spot) -> None:
    assert "reservationAffinity" not in instance(deploy, capacity=capacity).inputs


def test_the_boot_disk_goes_with_the_machine_and_carries_its_labels(deploy: Deploy) -> None:
    disk = instance(deploy, boot_disk=BootDisk(gib=500, kind="pd-ssd")).inputs["bootDisk"]
    assert disk["autoDelete"] is True
    assert disk["initializeParams"] == {
        "image": PLAIN.image.path,
        "size": 500,
        "type": "pd-ssd",
        "labels": LABELS,
    }


def test_a_machine_type_boots_from_its_own_kind_of_disk_by_default(deploy: Deploy) -> None:
    assert instance(deploy).inputs["bootDisk"]["initializeParams"]["type"] == "pd-balanced"


def test_a_key_of_ones_own_encrypts_the_boot_disk(deploy: Deploy) -> None:
    key = "projects/acme-keys/locations/us-central1/keyRings/ml/cryptoKeys/disks"
    assert instance(deploy, boot_disk=BootDisk(kms_key=key)).inputs["bootDisk"]["kmsKeySelfLink"] == key


@pytest.mark.parametrize(("image", "secure"), [("ubuntu-2404-nvidia-580", True), ("acme-images/own-family", False)])
def test_secure_boot_is_on_where_the_image_has_signed_drivers(deploy: Deploy, image: str, secure: bool) -> None:
    config = instance(deploy, image=resolve_image(image)).inputs["shieldedInstanceConfig"]
    assert config == {"enableSecureBoot": secure, "enableVtpm": True, "enableIntegrityMonitoring": True}


def test_login_is_by_os_login_only_and_user_data_is_what_was_given(deploy: Deploy) -> None:
    assert instance(deploy).inputs["metadata"] == {
        "enable-oslogin": "TRUE",
        "block-project-ssh-keys": "TRUE",
        "serial-port-enable": "FALSE",
        "user-data": PLAIN.user_data,
        "trainyard-workload": PLAIN.labels.get("trainyard-workload", ""),
    }


def test_a_data_disk_is_found_under_its_data_set_s_name_and_written_by_who_may(deploy: Deploy) -> None:
    disk = "projects/acme-ml-dev/zones/europe-west4-a/disks/dev-weights"
    uses = (DataDiskUse(name="weights", disk=disk, write=False), DataDiskUse(name="home", disk=disk, write=True))
    assert instance(deploy, data_disks=uses).inputs["attachedDisks"] == [
        {"source": disk, "deviceName": "weights", "mode": "READ_ONLY"},
        {"source": disk, "deviceName": "home", "mode": "READ_WRITE"},
    ]


def test_the_machine_runs_as_the_account_that_was_given(deploy: Deploy) -> None:
    assert instance(deploy).inputs["serviceAccount"] == {
        "email": PLAIN.service_account,
        "scopes": ["cloud-platform"],
    }


def test_nothing_keeps_the_machine_from_being_deleted_and_nothing_stops_it_for_an_update(deploy: Deploy) -> None:
    found = instance(deploy)
    assert found.inputs["deletionProtection"] is False
    assert found.inputs["allowStoppingForUpdate"] is False
    assert "deletionPolicy" not in found.inputs
    assert "desiredStatus" not in found.inputs
    assert found.delete_before_replace
    assert not found.protect


def test_another_machine_type_shows_as_a_replacement_and_new_user_data_does_not(deploy: Deploy) -> None:
    found = instance(deploy).replace_on_changes
    assert "machineType" in found
    assert "metadata" not in found


def test_the_machine_has_the_name_and_the_labels_that_it_is_found_by(deploy: Deploy) -> None:
    inputs = instance(deploy).inputs
    assert (inputs["name"], inputs["labels"]) == (NAME, LABELS)


def test_nobody_may_log_in_by_default(deploy: Deploy) -> None:
    assert [one.type for one in deploy(lambda: GpuVm(NAME, PLAIN)).all] == [
        "trainyard:gcp:GpuVm",
        "gcp:compute/instance:Instance",
    ]


def test_those_with_access_get_the_tunnel_and_the_login_on_this_machine_only(deploy: Deploy) -> None:
    group = "group:ml-research@acme.example"
    found = deploy(lambda: GpuVm(NAME, replace(PLAIN, access=(group,))))
    tunnel, login = found.one("TunnelInstanceIAMMember").inputs, found.one("InstanceIAMMember").inputs
    place = {"project": "acme-ml-dev", "zone": "us-central1-a", "member": group}
    assert tunnel == {**place, "instance": NAME, "role": "roles/iap.tunnelResourceAccessor"}
    assert login == {**place, "instanceName": NAME, "role": "roles/compute.osLogin"}


def test_outputs_name_the_machine_and_the_way_in(deploy: Deploy) -> None:
    seen: dict[str, str] = {}

    def program() -> None:
        vm = GpuVm(NAME, PLAIN)
        for key in ("instance_name", "instance_id", "service_account", "login_command"):
            pulumi.Output.from_input(getattr(vm, key)).apply(lambda text, key=key: seen.update({key: text}))

    deploy(program)
    assert seen == {
        "instance_name": NAME,
        "instance_id": "4242424242424242424",
        "service_account": PLAIN.service_account,
        "login_command": f"gcloud compute ssh {NAME} --tunnel-through-iap --project acme-ml-dev --zone us-central1-a",
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"machine_type": "a4x-highgpu-4g"}, "is arm64 with Grace CPUs"),
        ({"machine_type": "n1-standard-8"}, 'n1-standard-8 takes no ""; N1 machines take nvidia-tesla-t4'),
        ({"machine_type": "n1-standard-8", "gpu_type": "nvidia-tesla-t4", "gpus": 3}, "takes 1, 2, 4 of nvidia-tesla"),
        ({"machine_type": "a4-highgpu-8g"}, "a4-highgpu-8g: not sold as on-demand, only as spot, flex-start, reserved"),
        ({"machine_type": "a3-highgpu-1g", "capacity": Reserved(id="r")}, "not sold as reserved, only as spot, flex"),
        ({"machine_type": "g4-standard-48", "capacity": FlexStart(), "run_seconds": 900}, "not sold as flex-start"),
        ({"machine_type": "g4-standard-12"}, "needs NVIDIA's vGPU guest driver"),
        ({"capacity": Reserved(id="projects/acme/zones/a")}, "is no reservation; give its name, or projects/<project>"),
        ({"capacity": FlexStart(), "run_seconds": 599}, "runs 600 to 604800 seconds, not 599; give run_seconds"),
        ({"capacity": FlexStart()}, "not None; give run_seconds of that"),
        ({"run_seconds": 900}, "run_seconds is flex-start's; on-demand machines end at hard_end"),
        ({"zone": "us-central1"}, 'it is a region, give a zone of it, for example "us-central1-a"'),
        ({"zone": "europe-west4-a"}, "lies in us-central1, the machine's zone europe-west4-a in europe-west4"),
        ({"subnetwork": "gpu"}, "'gpu' is no full subnetwork id"),
        ({"local_ssd": 3}, "g2-standard-4 takes 0, 1 local SSDs, 3 were asked for"),
        ({"machine_type": "a3-highgpu-8g", "local_ssd": 8}, "always has 16 local SSDs of 375 GiB"),
        ({"boot_disk": BootDisk(kind="hyperdisk-balanced")}, 'g2-standard-4 cannot boot from "hyperdisk-balanced"'),
        ({"boot_disk": BootDisk(kind="local-ssd")}, "allowed are pd-balanced, pd-ssd"),
        ({"boot_disk": BootDisk(gib=0)}, "A boot disk of 0 GiB cannot be had; give 10 to 65536 GiB"),
        ({"image": resolve_image("ubuntu-2404-nvidia-580-arm64")}, "is for arm64, the machine is x86_64"),
        ({"hard_end": "2026-11-25"}, "The hard end '2026-11-25' is no RFC 3339 time in UTC"),
        ({"labels": {"owner": "ml@acme.example"}}, "owner='ml@acme.example' is no label on Google Cloud"),
        ({"labels": {"Owner": "ml"}}, "Owner='ml' is no label on Google Cloud"),
        ({"access": ("allUsers",)}, "'allUsers' may not be granted access; allowed are group:"),
        ({"access": ("user:a@b.example", "user:a@b.example")}, "'user:a@b.example' is named twice"),
    ],
)
def test_what_cannot_be_built_is_refused_with_the_way_on(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        replace(PLAIN, **changes)


def test_a_flex_start_machine_is_none_alone_for_only_a_group_can_wait(deploy: Deploy) -> None:
    args = replace(PLAIN, capacity=FlexStart(), run_seconds=3600)
    with pytest.raises(ValueError, match="which only a group takes; make a GpuGroup of 1"):
        deploy(lambda: GpuVm(NAME, args))


@pytest.mark.parametrize("name", ["Lab", "lab_0", "0-lab", "lab-", "x" * 64])
def test_a_name_that_compute_engine_refuses_is_refused(deploy: Deploy, name: str) -> None:
    with pytest.raises(ValueError, match="is no machine name on Google Cloud; allowed are 1 to 63"):
        deploy(lambda: GpuVm(name, PLAIN))
