"""Whose a resource is, and where a run of the program stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.deploy.conftest import LEASE, Lab, candidate, key
from trainyard.deploy.moving import Wanted, standing, workload_of
from trainyard.facts.lease_id import machine_name
from trainyard.lease import Workload

A, B = candidate("eu-west4-a"), candidate("eu-west4-b")


@pytest.mark.parametrize(
    ("name", "workload"),
    [
        (f"{LEASE}-lab-0-instance", "lab"),
        (f"{LEASE}-lab-group", "lab"),
        (f"{LEASE}-lab", "lab"),
        (f"{LEASE}-lab-big-0-instance", "lab-big"),
        (f"{LEASE}-account", None),
        (f"{LEASE}-laboratory-0", None),
        ("other-ffffffff-lab-0", None),
    ],
)
def test_a_resource_is_the_workload_s_whose_name_it_begins_with(name: str, workload: str | None) -> None:
    assert workload_of(name, LEASE, ("lab", "lab-big")) == workload


def test_a_long_lease_s_names_are_cut_and_still_known() -> None:
    lease = f"{'long-' * 8}x-0a1b2c3d"
    assert workload_of(f"{machine_name(lease, 'a-rather-long-name', 0)}-instance", lease, ("a-rather-long-name",))


def test_the_record_s_candidate_outweighs_what_was_granted_and_both_the_first(lab: Lab) -> None:
    wanted = Wanted(workload="lab", nodes=1, candidates=(A, B, candidate("eu-west4-c")))
    assert standing(wanted, None) == A
    granted = Workload(
        kind="gpu-vm",
        nodes=1,
        cloud="gcp",
        scope="gcp:p",
        place="eu-west4-b",
        machine_type="a2-highgpu-1g",
        capacity="on-demand",
    )
    record = replace(lab.record, terms=replace(lab.record.terms, workloads={"lab": granted}))
    assert standing(wanted, record) == B
    moved = replace(record, placement={"lab": "gcp/eu-west4-c/a2-highgpu-1g/on-demand"})
    assert standing(wanted, moved) == wanted.candidates[2]
    gone = replace(record, placement={"lab": "gcp/nowhere-a/a2-highgpu-1g/on-demand"})
    assert standing(wanted, gone) == B
    assert key(A) == "gcp/eu-west4-a/a2-highgpu-1g/on-demand"
