"""Two tables that know nothing of each other: what Trainyard's own facts allow, and what the sandbox refuses.

Whatever the facts accept must be taken as the component makes it. Where the facts are stricter, the difference stands
below with what settles it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from components.gcp import gpu_vm
from components.gcp.gpu_vm_args import BootDisk, GpuVmArgs
from trainyard.facts import capacity as buying
from trainyard.facts.capacity import Capacity, FlexStart, OnDemand, Reserved, Spot
from trainyard.facts.conflicts import CONFLICTS, Conflict
from trainyard.facts.expiry import ttl_limit
from trainyard.facts.images import IMAGES, resolve_image
from trainyard.facts.machine import SHAPES, BundledSsd, Shape, boot_disk_error, local_ssd_error, not_sold, shape_of
from trainyard.facts.offer import load_machine_offers
from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.gcp_images import refusal
from trainyard.sandbox.provider.gcp_machines import built_in
from trainyard.sandbox.provider.rules import check_rules
from trainyard.sandbox.schema import Kind, Listing, Object, ResourceType
from trainyard.settings.capacities import _capacity

VM = ResourceType(installed()["gcp"], "gcp:compute/instance:Instance")
N1 = {
    (offer.machine_type, offer.accelerator.chip, offer.accelerator_count): offer
    for offer in load_machine_offers("gcp")
    if offer.machine_type.startswith("n1-")
}
BUILT = [*SHAPES.values(), *(shape_of(*key) for key in N1)]
WAYS: Mapping[str, Capacity] = {
    "on-demand": OnDemand(),
    "spot": Spot(),
    "reserved": Reserved(id="mine"),
    "reservation-bound": Reserved(id="mine", bound=True),
    "flex-start": FlexStart(),
}
KINDS = ("pd-standard", "pd-balanced", "pd-ssd", "pd-extreme", "hyperdisk-balanced", "hyperdisk-extreme")
FAMILIES = [pytest.param(shape, id=shape.machine_type) for shape in SHAPES.values()]

# (machine family, kind of boot disk) that the facts refuse and the sandbox takes; what settles it
STRICTER_ON_DISKS: Mapping[tuple[str, str], str] = {
    **{
        (
            family,
            kind,
        ): "the facts name what was confirmed; cloud.google.com/compute/docs/machine-resource may allow more"
        for family in ("g2", "a2-highgpu", "a2-megagpu", "a2-ultragpu", "a3-highgpu", "a3-megagpu")
        for kind in ("pd-standard", "pd-extreme", "hyperdisk-extreme")
    },
    ("g2", "hyperdisk-balanced"): "likewise",
    ("a2-ultragpu", "hyperdisk-balanced"): "likewise",
    ("g4", "hyperdisk-extreme"): "likewise",
    ("a3-ultragpu", "hyperdisk-extreme"): "likewise",
    ("a4-highgpu", "hyperdisk-extreme"): "likewise",
}
# (machine family, capacity) that the facts refuse and the sandbox takes: a rehearsal knows no stock
STRICTER_ON_SALES: Mapping[tuple[str, str], str] = {
    ("a3-highgpu", "on-demand"): "Accelerator-optimized machine family, Consumption option availability: 1 to 4 GPUs",
    ("a3-highgpu", "reserved"): "the same table",
    ("g4", "flex-start"): "Compute Engine docs, About Flex-start VMs: not on G4",
    ("n1", "flex-start"): "no stored page says that N1 with GPUs is sold so",
    ("a3-ultragpu", "on-demand"): "the same table",
    ("a4-highgpu", "on-demand"): "the same table",
}


def made(shape: Shape, capacity: Capacity, **more: Any) -> dict[str, Any]:
    """The instance as the component makes it, by its names on the wire."""
    offer = next(
        offer
        for offer in load_machine_offers("gcp")
        if shape == shape_of(offer.machine_type, offer.accelerator.chip, offer.accelerator_count)
    )
    args = GpuVmArgs(
        project="acme-ml-dev",
        zone=offer.zone or f"{offer.region}-b",
        machine_type=shape.machine_type,
        gpu_type=shape.gpu_type,
        gpus=shape.gpus,
        image=resolve_image("acme-images/own-family"),
        capacity=capacity,
        run_seconds=3600 if isinstance(capacity, FlexStart) else None,
        subnetwork=f"projects/acme-ml-dev/regions/{offer.region}/subnetworks/dev",
        service_account="node@acme-ml-dev.iam.gserviceaccount.com",
        labels={"trainyard-lease": "dev-1a2b3c4d"},
        hard_end="2026-11-25T02:00:00Z",
        user_data="#cloud-config\n{}\n",
    )
    args = replace(args, **more)
    given = {
        "name": "dev-1a2b3c4d-lab-0",
        "zone": args.zone,
        "machine_type": args.machine_type,
        "guest_accelerators": gpu_vm.guest_accelerators(args),
        "boot_disk": gpu_vm.boot_disk(args),
        "scratch_disks": gpu_vm.scratch_disks(args),
        "network_interfaces": [{"subnetwork": args.subnetwork, "nic_type": args.shape.nic_type}],
        "scheduling": gpu_vm.scheduling(args),
        "reservation_affinity": gpu_vm.reservation(args),
        "shielded_instance_config": {"enable_secure_boot": args.image.secure_boot, "enable_vtpm": True},
        "labels": dict(args.labels),
    }
    return {field.wire: _wire(field.kind, given[field.python]) for field in VM.inputs.values() if field.python in given}


def refused(inputs: Mapping[str, Any]) -> list[str]:
    return [f"{problem.path}: {problem.reason}" for problem in check_rules(VM, inputs, {})]


def plain(shape: Shape, **scheduling: Any) -> dict[str, Any]:
    """The barest machine of a type, also of one that is not built."""
    offer = next(offer for offer in load_machine_offers("gcp") if offer.machine_type == shape.machine_type)
    return {
        "name": "one",
        "zone": offer.zone or f"{offer.region}-b",
        "machineType": shape.machine_type,
        "bootDisk": {"initializeParams": {"image": "debian-cloud/debian-12", "type": shape.boot_disks[0], "size": 50}},
        "networkInterfaces": [{"network": "default"}],
        "scheduling": {"onHostMaintenance": "TERMINATE", **scheduling},
    }


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shape", BUILT, ids=[f"{shape.machine_type} {shape.gpus} {shape.gpu_type}" for shape in BUILT])
def test_what_the_facts_sell_is_taken_as_the_component_makes_it(shape: Shape, way: str) -> None:
    if not_sold("gcp", shape.machine_type, buying.name(WAYS[way])):
        assert (shape.family, buying.name(WAYS[way])) in STRICTER_ON_SALES
        return
    for more in _forms(shape):
        assert refused(made(shape, WAYS[way], **more)) == [], more


@pytest.mark.parametrize("shape", FAMILIES)
def test_both_know_the_same_numbers_of_local_ssds(shape: Shape) -> None:
    for count in range(1, 33):
        given = {**plain(shape), "scratchDisks": [{"interface": "NVME"}] * count}
        assert bool(refused(given)) == (local_ssd_error(shape, count) is not None), count


@pytest.mark.parametrize("shape", FAMILIES)
def test_a_kind_of_boot_disk_that_the_facts_refuse_is_refused_or_listed(shape: Shape) -> None:
    for kind in KINDS:
        given = plain(shape)
        given["bootDisk"]["initializeParams"] |= {"type": kind, "size": 500}
        mine, theirs = boot_disk_error(shape, kind) is not None, bool(refused(given))
        assert mine == theirs or (mine and (shape.family, kind) in STRICTER_ON_DISKS), kind


@pytest.mark.parametrize("shape", FAMILIES)
def test_a_capacity_that_the_facts_do_not_sell_is_listed(shape: Shape) -> None:
    for way in ("on-demand", "spot", "flex-start", "reserved"):
        if not_sold("gcp", shape.machine_type, way):
            assert (shape.family, way) in STRICTER_ON_SALES


def test_every_listed_difference_is_one() -> None:
    disks = {
        (shape.family, kind) for shape in SHAPES.values() for kind in KINDS if boot_disk_error(shape, kind) is not None
    }
    sales = {
        (shape.family, way)
        for shape in BUILT
        for way in ("on-demand", "spot", "flex-start", "reserved")
        if not_sold("gcp", shape.machine_type, way)
    }
    assert set(STRICTER_ON_DISKS) <= disks
    assert set(STRICTER_ON_SALES) == sales


@pytest.mark.parametrize("way", ["on-demand", "spot", "reserved", "flex-start"])
def test_both_know_the_longest_run(way: str) -> None:
    limit = ttl_limit("gpu-vm", "gcp", way)
    assert limit is not None
    scheduling: dict[str, Any] = {"instanceTerminationAction": "DELETE"}
    if way == "spot":
        scheduling |= {"provisioningModel": "SPOT", "preemptible": True, "automaticRestart": False}
    if way == "flex-start":
        scheduling |= {"provisioningModel": "FLEX_START"}
    for span, right in ((limit.longest, True), (limit.longest + timedelta(seconds=1), False)):
        run = {"maxRunDuration": {"seconds": int(span.total_seconds())}}
        assert (refused(plain(SHAPES["g2-standard-4"], **scheduling, **run)) == []) == right


@pytest.mark.parametrize("shape", FAMILIES)
def test_a_machine_type_brings_the_accelerators_that_the_facts_say(shape: Shape) -> None:
    assert built_in(shape.machine_type) == (shape.gpu_type, shape.gpus)


def test_no_capacity_says_flex_start_and_reserved_at_once_and_the_sandbox_refuses_both_together() -> None:
    assert isinstance(_capacity({"kind": "flex-start"}), FlexStart)
    with pytest.raises(ValueError, match='"id" is no key of flex-start'):
        _capacity({"kind": "flex-start", "id": "mine"})
    run = {"provisioningModel": "FLEX_START", "maxRunDuration": {"seconds": 3600}}
    given = plain(SHAPES["g2-standard-4"], **run, instanceTerminationAction="DELETE")
    assert refused(given) == []
    named = {"key": "compute.googleapis.com/reservation-name", "values": ["mine"]}
    given["reservationAffinity"] = {"type": "SPECIFIC_RESERVATION", "specificReservation": named}
    assert any("Flex-start VMs cannot use a reservation" in reason for reason in refused(given))


def test_a_spot_machine_out_of_a_reservation_is_no_capacity_of_the_facts_and_refused() -> None:
    spot = made(SHAPES["g2-standard-4"], Spot())
    reserved = made(SHAPES["g2-standard-4"], Reserved(id="mine"))
    both = {**spot, "reservationAffinity": reserved["reservationAffinity"]}
    assert any("Spot VMs cannot use a reservation" in reason for reason in refused(both))


@pytest.mark.parametrize("alias", IMAGES)
def test_every_image_of_the_facts_can_be_there(alias: str) -> None:
    assert refusal(IMAGES[alias].path) is None


RUN = {"provisioningModel": "FLEX_START", "instanceTerminationAction": "DELETE", "automaticRestart": False}
MINE = {
    "type": "SPECIFIC_RESERVATION",
    "specificReservation": {"key": "compute.googleapis.com/reservation-name", "values": ["mine"]},
}
# row of the facts' table: what the sandbox refuses of the same, or what settles that it does not
ROWS: Mapping[str, dict[str, Any] | str] = {
    "flex-start-uses-no-reservation": {
        "scheduling": {**RUN, "maxRunDuration": {"seconds": 3600}},
        "reservationAffinity": MINE,
    },
    "flex-start-is-not-spot": {"scheduling": {**RUN, "maxRunDuration": {"seconds": 3600}, "preemptible": True}},
    "spot-uses-no-reservation": {
        "scheduling": {"provisioningModel": "SPOT", "preemptible": True, "automaticRestart": False},
        "reservationAffinity": MINE,
    },
    "flex-start-ends-after-seven-days": {"scheduling": {**RUN, "maxRunDuration": {"seconds": 7 * 86400 + 1}}},
    "a-machine-ends-after-120-days": {
        "scheduling": {"instanceTerminationAction": "DELETE", "maxRunDuration": {"seconds": 120 * 86400 + 1}}
    },
    "no-flex-start-of-a-family": "STRICTER_ON_SALES",
    "no-standard-machine-of-a-family": "STRICTER_ON_SALES",
    "small-a3-high-is-spot-or-flex-start": "STRICTER_ON_SALES",
    "nodes-without-a-fabric": "Trainyard's own: a group without a fabric works, and is written fabric: none",
    "workload-policy-of-a-family": "tests/sandbox/references/test_google_fabric.py refuses it for a group",
    "flex-start-with-a-workload-policy": "tests/sandbox/references/test_google_fabric.py refuses it for a group",
    "compact-placement-cannot-wait": "no component makes a compact placement policy",
}


@pytest.mark.parametrize("row", CONFLICTS, ids=[row.name for row in CONFLICTS])
def test_every_row_of_the_facts_is_refused_by_the_sandbox_or_settled(row: Conflict) -> None:
    case = ROWS[row.name]
    if isinstance(case, str):
        return
    given = plain(SHAPES["g2-standard-4"])
    wrong = {**given, **case, "scheduling": {"onHostMaintenance": "TERMINATE", **case["scheduling"]}}
    assert refused(wrong) != []
    assert refused(given) == []


def test_every_way_that_the_component_builds_is_held_against_the_sandbox() -> None:
    assert {buying.name(way) for way in WAYS.values()} == {"on-demand", "spot", "reserved", "flex-start"}


def _forms(shape: Shape) -> Iterator[dict[str, Any]]:
    counts = (None,) if isinstance(shape.local_ssd, BundledSsd) else shape.local_ssd.counts
    for count in counts:
        yield {"local_ssd": count}
    for kind in shape.boot_disks:
        yield {"boot_disk": BootDisk(kind=kind)}


def _wire(kind: Kind, value: Any) -> Any:
    if isinstance(kind, Object) and isinstance(value, Mapping):
        by_python = {field.python: field for field in kind.fields.values()}
        return {by_python[key].wire: _wire(by_python[key].kind, item) for key, item in value.items()}
    if isinstance(kind, Listing) and isinstance(value, list):
        return [_wire(kind.item, item) for item in value]
    return value
