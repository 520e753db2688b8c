"""What a group of GPU machines declares: alike machines, one end, one fabric, and nothing that acts by itself."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from components.gcp.gpu_group import GpuGroup
from components.gcp.gpu_group_args import GpuGroupArgs
from components.gcp.gpu_vm_args import BootDisk, DataDiskUse, GpuVmArgs
from trainyard.facts.capacity import FlexStart, OnDemand, Reserved, Spot
from trainyard.facts.fabric import FABRICS
from trainyard.facts.images import resolve_image
from trainyard.facts.machine import SHAPES

NAME = "pretrain-1a2b3c4d-train"
LABELS = {"trainyard-lease": "pretrain-1a2b3c4d", "trainyard-workload": "train"}
SUBNETWORK = "projects/acme-ml-dev/regions/us-central1/subnetworks/dev-us-central1"
NODE = GpuVmArgs(
    project="acme-ml-dev",
    zone="us-central1-a",
    machine_type="a3-megagpu-8g",
    image=resolve_image("ubuntu-2404-nvidia-580"),
    subnetwork=SUBNETWORK,
    service_account="ty-pretrain-1a2b3c4d@acme-ml-dev.iam.gserviceaccount.com",
    labels=LABELS,
    hard_end="2026-12-01T14:00:00Z",
    user_data="#cloud-config\n{}\n",
)
Deploy = Callable[[Callable[[], Any]], Any]


def args(nodes: int = 16, **node: Any) -> GpuGroupArgs:
    one = replace(NODE, **node)
    fabric = one.shape.fabric if nodes > 1 else "none"
    count = FABRICS[fabric].subnetworks if fabric in FABRICS else 0
    ids = tuple(f"projects/acme-net/regions/us-central1/subnetworks/gpu-{number}" for number in range(count))
    return GpuGroupArgs(node=one, nodes=nodes, fabric=fabric, fabric_subnetworks=ids)


def flex(nodes: int = 1, **node: Any) -> GpuGroupArgs:
    return args(nodes, capacity=FlexStart(), run_seconds=36000, **{"machine_type": "a3-highgpu-8g", **node})


def made(deploy: Deploy, given: GpuGroupArgs) -> Any:
    return deploy(lambda: GpuGroup(NAME, given))


def test_a_group_comes_all_at_once_and_nothing_of_it_is_repaired_or_updated_by_itself(deploy: Deploy) -> None:
    group = made(deploy, args()).one("InstanceGroupManager").inputs
    assert group["targetSize"] == 16
    assert group["targetSizePolicies"] == [{"mode": "BULK"}]
    assert group["instanceLifecyclePolicy"] == {"defaultActionOnFailure": "DO_NOTHING"}
    assert group["updatePolicy"]["type"] == "OPPORTUNISTIC"
    assert "autoHealingPolicies" not in group
    assert group["waitForInstances"] is True


def test_machines_are_numbered_after_the_group(deploy: Deploy) -> None:
    for nodes in (2, 16, 200):
        group = made(deploy, args(nodes=nodes)).one("InstanceGroupManager").inputs
        assert (group["name"], group["baseInstanceName"]) == (NAME, f"{NAME}-###")


def test_every_machine_carries_the_labels_and_ends_at_the_hard_end(deploy: Deploy) -> None:
    template = made(deploy, args()).one("InstanceTemplate").inputs
    assert template["labels"] == LABELS
    assert template["disks"][0]["labels"] == LABELS
    assert template["scheduling"]["terminationTime"] == NODE.hard_end
    assert template["scheduling"]["instanceTerminationAction"] == "DELETE"


@pytest.mark.parametrize(
    ("machine_type", "kinds"),
    [
        ("a3-highgpu-8g", ["GVNIC"] * 5),
        ("a3-megagpu-8g", ["GVNIC"] * 9),
        ("a3-ultragpu-8g", ["GVNIC"] * 2 + ["MRDMA"] * 8),
        ("a4-highgpu-8g", ["GVNIC"] * 2 + ["MRDMA"] * 8),
    ],
)
def test_a_machine_has_an_interface_for_itself_and_those_of_its_fabric(
    deploy: Deploy, machine_type: str, kinds: list[str]
) -> None:
    given = args(nodes=2, machine_type=machine_type, capacity=Spot())
    interfaces = made(deploy, given).one("InstanceTemplate").inputs["networkInterfaces"]
    assert [each["nicType"] for each in interfaces] == kinds
    assert [each["subnetwork"] for each in interfaces] == [SUBNETWORK, *given.fabric_subnetworks]
    assert not any("accessConfigs" in each for each in interfaces)


@pytest.mark.parametrize("machine_type", ["a3-highgpu-8g", "a3-megagpu-8g", "a3-ultragpu-8g", "a4-highgpu-8g"])
def test_machines_with_a_fabric_are_brought_close_by_a_workload_policy(deploy: Deploy, machine_type: str) -> None:
    found = made(deploy, args(nodes=2, machine_type=machine_type, capacity=Spot()))
    policy = found.one("ResourcePolicy").inputs
    assert policy["workloadPolicy"] == {"type": "HIGH_THROUGHPUT"}
    assert policy["region"] == "us-central1"
    assert "workloadPolicy" in found.one("InstanceGroupManager").inputs["resourcePolicies"]


@pytest.mark.parametrize(
    ("machine_type", "policies"),
    [("a3-megagpu-8g", 0), ("a3-highgpu-8g", 0), ("a3-ultragpu-8g", 1), ("a4-highgpu-8g", 1)],
)
def test_flex_start_has_a_workload_policy_where_google_takes_one(
    deploy: Deploy, machine_type: str, policies: int
) -> None:
    assert len(made(deploy, flex(nodes=2, machine_type=machine_type)).of("ResourcePolicy")) == policies


def test_machines_without_a_fabric_have_one_interface_and_no_policy(deploy: Deploy) -> None:
    found = made(deploy, args(nodes=2, machine_type="g2-standard-8"))
    assert len(found.one("InstanceTemplate").inputs["networkInterfaces"]) == 1
    assert found.of("ResourcePolicy") == ()


def test_flex_start_comes_by_a_request_for_a_group_that_has_no_size_of_its_own(deploy: Deploy) -> None:
    found = made(deploy, flex(nodes=3, machine_type="g2-standard-8"))
    group, request = found.one("InstanceGroupManager"), found.one("ResizeRequest").inputs
    assert "targetSize" not in group.inputs
    assert "targetSizePolicies" not in group.inputs
    assert group.ignore_changes == ("targetSize",)
    assert group.inputs["waitForInstances"] is False
    assert request["resizeBy"] == 3
    assert request["requestedRunDuration"] == {"seconds": "36000"}
    assert request["instanceGroupManager"] == NAME


def test_one_flex_start_machine_is_a_group_of_one_for_only_a_group_can_wait(deploy: Deploy) -> None:
    template = made(deploy, flex()).one("InstanceTemplate").inputs
    assert template["scheduling"] == {
        "onHostMaintenance": "TERMINATE",
        "provisioningModel": "FLEX_START",
        "maxRunDuration": {"seconds": 36000},
        "instanceTerminationAction": "DELETE",
        "preemptible": False,
        "automaticRestart": False,
    }
    assert template["reservationAffinity"] == {"type": "NO_RESERVATION"}
    assert len(template["networkInterfaces"]) == 1


def test_a_reservation_bound_group_names_its_reservation_and_no_end_of_its_own(deploy: Deploy) -> None:
    given = args(nodes=2, machine_type="a4-highgpu-8g", capacity=Reserved(id="b200-block"))
    template = made(deploy, given).one("InstanceTemplate").inputs
    assert template["scheduling"]["provisioningModel"] == "RESERVATION_BOUND"
    assert not {"terminationTime", "maxRunDuration"} & set(template["scheduling"])
    assert template["reservationAffinity"]["specificReservation"]["values"] == ["b200-block"]


def test_gpus_that_are_attached_and_ssds_that_are_asked_for_stand_in_the_template(deploy: Deploy) -> None:
    n1 = {"machine_type": "n1-standard-8", "gpu_type": "nvidia-tesla-t4", "gpus": 2, "local_ssd": 2}
    template = made(deploy, args(nodes=2, **n1)).one("InstanceTemplate").inputs
    assert template["guestAccelerators"] == [{"type": "nvidia-tesla-t4", "count": 2}]
    assert [disk.get("type") for disk in template["disks"]] == [None, "SCRATCH", "SCRATCH"]
    assert "guestAccelerators" not in made(deploy, args()).one("InstanceTemplate").inputs
    assert len(made(deploy, args()).one("InstanceTemplate").inputs["disks"]) == 1


def test_a_key_of_ones_own_encrypts_the_boot_disks(deploy: Deploy) -> None:
    key = "projects/acme-keys/locations/us-central1/keyRings/ml/cryptoKeys/disks"
    disks = made(deploy, args(boot_disk=BootDisk(kms_key=key))).one("InstanceTemplate").inputs["disks"]
    assert disks[0]["diskEncryptionKey"] == {"kmsKeySelfLink": key}


def test_a_disk_of_data_is_attached_by_its_name_and_outlives_the_machines(deploy: Deploy) -> None:
    disk = DataDiskUse(name="corpus", disk="projects/acme-ml-dev/zones/us-central1-a/disks/dev-corpus", write=False)
    disks = made(deploy, args(data_disks=(disk,))).one("InstanceTemplate").inputs["disks"]
    assert disks[1] == {
        "source": "dev-corpus",
        "deviceName": "corpus",
        "mode": "READ_ONLY",
        "autoDelete": False,
        "boot": False,
    }


def test_several_machines_write_to_no_disk(deploy: Deploy) -> None:
    disk = DataDiskUse(name="corpus", disk="projects/p/zones/us-central1-a/disks/corpus", write=True)
    with pytest.raises(ValueError, match="one machine only may write to the disk corpus; attach it to read"):
        args(data_disks=(disk,))


def test_another_template_replaces_the_group_and_new_user_data_does_not(deploy: Deploy) -> None:
    found = made(deploy, args())
    template, group = found.one("InstanceTemplate"), found.one("InstanceGroupManager")
    assert template.ignore_changes == ("metadata",)
    assert "versions" in group.replace_on_changes
    assert template.delete_before_replace
    assert group.delete_before_replace


def test_another_number_of_flex_start_machines_replaces_the_group(deploy: Deploy) -> None:
    few, many = (made(deploy, flex(nodes=n)).one("InstanceGroupManager") for n in (1, 2))
    assert few.inputs["description"] != many.inputs["description"]
    assert "description" in few.replace_on_changes


def test_login_is_granted_on_the_groups_machines_only_and_until_the_hard_end(deploy: Deploy) -> None:
    group = "group:ml-pretraining@acme.example"
    found = made(deploy, args(access=(group,)))
    until = 'request.time < timestamp("2026-12-01T14:00:00Z")'
    tunnel, login = found.one("TunnelIamMember").inputs, found.one("IAMMember").inputs
    assert tunnel["condition"]["expression"] == f"destination.port == 22 && {until}"
    machines = f"projects/acme-ml-dev/zones/us-central1-a/instances/{NAME}-"
    assert login["condition"]["expression"] == f'resource.name.startsWith("{machines}") && {until}'
    assert (tunnel["member"], login["member"], login["role"]) == (group, group, "roles/compute.osLogin")


def test_nobody_may_log_in_by_default(deploy: Deploy) -> None:
    assert [one.type.rpartition(":")[2] for one in made(deploy, args(nodes=2)).all] == [
        "GpuGroup",
        "ResourcePolicy",
        "GpuGroupTemplate",
        "InstanceTemplate",
        "InstanceGroupManager",
    ]


def refused(**changes: Any) -> GpuGroupArgs:
    return replace(args(), **changes)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: refused(nodes=0), "A group has 1 to 999 machines, 0 were asked for"),
        (lambda: refused(nodes=1000), "1000 were asked for"),
        (lambda: args(nodes=1, machine_type="g2-standard-8"), "A group of one machine is for flex-start only"),
        (lambda: refused(fabric="roce"), 'a3-megagpu-8g has the fabric "gpudirect-tcpxo", not "roce"'),
        (lambda: refused(fabric_subnetworks=("a",)), 'The fabric "gpudirect-tcpxo" has 8 subnetworks, 1 were given'),
        (lambda: refused(fabric="none"), 'The fabric "none" has 0 subnetworks, 8 were given'),
    ],
)
def test_what_no_group_can_be_is_refused_with_the_way_on(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("name", ["Train", "train_0", "9-train", "x" * 53, "train-"])
def test_a_name_after_which_no_machine_can_be_numbered_is_refused(deploy: Deploy, name: str) -> None:
    with pytest.raises(ValueError, match="is no name for a group of machines"):
        deploy(lambda: GpuGroup(name, args()))


def test_every_machine_type_can_be_a_group_in_every_way_that_it_is_sold(deploy: Deploy) -> None:
    ways = {"on-demand": OnDemand(), "spot": Spot(), "reserved": Reserved(id="r"), "flex-start": FlexStart()}
    own = resolve_image("acme-images/own-family")
    for shape in SHAPES.values():
        for way in shape.capacities:
            seconds = 3600 if way == "flex-start" else None
            node = {"machine_type": shape.machine_type, "image": own, "capacity": ways[way], "run_seconds": seconds}
            assert made(deploy, args(nodes=2, **node)).one("InstanceTemplate").inputs["labels"] == LABELS
