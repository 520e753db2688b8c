"""The table of what a gpu-vm cannot be at once, held against the facts that say the same elsewhere."""

from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from trainyard.facts.capacity import NAMES
from trainyard.facts.conflicts import CONFLICTS, Asked, Conflict, conflict, conflicts, placement
from trainyard.facts.ends import BOUND_GPU_VM, ends_for, independent_ends
from trainyard.facts.expiry import ttl_limit
from trainyard.facts.fabric import FABRICS
from trainyard.facts.lease_id import group_name, is_group_of, machine_name
from trainyard.facts.machine import SHAPES, Shape, not_sold, shape

N1 = shape("n1-standard-4", "nvidia-tesla-t4", 1)
MACHINES = [*SHAPES.values(), N1]


def names(**asked: Any) -> set[str]:
    given = {"capacity": "on-demand", "family": "g2", "gpus": 1, **asked}
    return {row.name for row in conflicts(Asked(**given))}


@pytest.mark.parametrize("row", CONFLICTS, ids=[row.name for row in CONFLICTS])
def test_every_row_says_what_is_wrong_what_to_do_and_who_says_so(row: Conflict) -> None:
    assert conflict(row.name) is row
    assert all((row.says, row.instead, row.source))
    assert row.text.endswith(".")
    assert set(row.when) <= {field.name for field in fields(Asked)}
    assert row.when or row.over or row.many


def test_a_plain_machine_meets_no_row() -> None:
    assert names() == set()


@pytest.mark.parametrize(
    ("asked", "row"),
    [
        ({"capacity": "flex-start", "reservation": True}, "flex-start-uses-no-reservation"),
        ({"capacity": "flex-start", "preemptible": True}, "flex-start-is-not-spot"),
        ({"capacity": "spot", "reservation": True}, "spot-uses-no-reservation"),
        ({"capacity": "flex-start", "span": timedelta(days=8)}, "flex-start-ends-after-seven-days"),
        ({"span": timedelta(days=121)}, "a-machine-ends-after-120-days"),
        ({"capacity": "flex-start", "family": "g4"}, "no-flex-start-of-a-family"),
        ({"family": "a4-highgpu"}, "no-standard-machine-of-a-family"),
        ({"family": "a3-highgpu", "gpus": 4}, "small-a3-high-is-spot-or-flex-start"),
        ({"nodes": 2}, "nodes-without-a-fabric"),
        ({"placement": "workload"}, "workload-policy-of-a-family"),
        ({"placement": "compact", "capacity": "queued"}, "compact-placement-cannot-wait"),
    ],
)
def test_each_pair_that_does_not_go_together_meets_its_row_only(asked: dict[str, Any], row: str) -> None:
    assert names(**asked) == {row}


@pytest.mark.parametrize("way", ["on-demand", "spot", "flex-start", "reserved"])
@pytest.mark.parametrize("machine", MACHINES, ids=[machine.machine_type for machine in MACHINES])
def test_the_table_and_the_shapes_agree_on_what_is_sold(machine: Shape, way: str) -> None:
    found = names(capacity=way, family=machine.family, gpus=machine.gpus)
    unsold = not_sold("gcp", machine.machine_type, way)
    assert bool(found) == bool(unsold)


@pytest.mark.parametrize("way", ["on-demand", "spot", "flex-start", "reserved"])
def test_the_table_and_the_limits_agree_on_the_longest_lease(way: str) -> None:
    limit = ttl_limit("gpu-vm", "gcp", way)
    assert limit is not None
    assert names(capacity=way, span=limit.longest) == set()
    assert names(capacity=way, span=limit.longest + timedelta(minutes=1)) != set()


def test_nodes_do_without_a_fabric_only_where_that_is_said() -> None:
    assert names(nodes=4, wanted_fabric="none") == set()
    assert names(nodes=4, fabric="roce", family="a4-highgpu", capacity="spot") == set()


@pytest.mark.parametrize(
    ("fabric", "family", "capacity", "nodes", "found"),
    [
        ("gpudirect-tcpxo", "a3-megagpu", "on-demand", 16, "workload"),
        ("gpudirect-tcpxo", "a3-megagpu", "flex-start", 16, "none"),
        ("roce", "a4-highgpu", "flex-start", 2, "workload"),
        ("roce", "a4-highgpu", "spot", 1, "none"),
        ("none", "g2", "on-demand", 4, "none"),
    ],
)
def test_machines_are_placed_close_where_the_cloud_can(
    fabric: str, family: str, capacity: str, nodes: int, found: str
) -> None:
    assert placement(fabric, family, capacity, nodes) == found


def test_every_word_of_the_table_is_one_of_the_facts() -> None:
    families = {machine.family for machine in MACHINES}
    for row in CONFLICTS:
        assert set(row.when.get("capacity", ())) <= set(NAMES)
        assert set(row.when.get("family", ())) <= families
        assert set(row.when.get("fabric", ())) <= {"none", *FABRICS}


def test_a_reservation_bound_machine_has_one_end_of_its_own_for_the_clouds_is_the_reservations() -> None:
    assert independent_ends(BOUND_GPU_VM, "gcp", "reserved") == 1
    cloud = ends_for(BOUND_GPU_VM, "gcp", "reserved")[2]
    assert "accelerator" in cloud.what_stays


def test_a_groups_name_leaves_room_for_the_numbers_of_its_machines() -> None:
    lease = f"{'s' * 40}-1a2b3c4d"
    for workload in ("train", "w" * 40):
        name = group_name(lease, workload)
        assert len(name) <= 52
        assert name.endswith(f"1a2b3c4d-{workload}")
        assert is_group_of(lease, name)
        assert not is_group_of(f"{'s' * 40}-ffffffff", name)
        assert not is_group_of(f"other-{lease.rpartition('-')[2]}", name)
    assert machine_name(lease, "train", 0).endswith("-1a2b3c4d-train-0")
