"""Which lines stand first because too few ends hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from trainyard.facts.capacity import OnDemand, Reserved
from trainyard.facts.ends import BOUND_GPU_VM
from trainyard.settings import load
from trainyard.settings.candidates import accepted
from trainyard.settings.ends import ends_as, few_ends

STACKS = Path(__file__).parents[2] / "stacks"


@pytest.mark.parametrize(("bound", "lines"), [(False, 0), (True, 1)])
def test_a_machine_that_is_bound_to_its_reservation_has_one_end_and_says_why(bound: bool, lines: int) -> None:
    settings = load(STACKS, "sandbox")
    [found] = accepted(settings)
    candidate = replace(found.candidates[0], capacity=Reserved(id="week", bound=bound))
    told = list(few_ends("workbench", settings.workloads["workbench"], candidate))
    assert len(told) == lines
    assert all("1 of 2 independent ends. The cloud ends it with its reservation" in line for line in told)
    assert (ends_as(settings.workloads["workbench"], candidate) == BOUND_GPU_VM) is bound


def test_a_notebook_on_another_cloud_is_not_said_to_be_workbenchs() -> None:
    settings = load(STACKS, "sandbox-kinds")
    lab = settings.workloads["lab"]
    found = next(each for each in accepted(settings) if each.workload == "lab").candidates[0]
    [here] = few_ends("lab", lab, found)
    [there] = few_ends("lab", lab, replace(found, offer=replace(found.offer, cloud="aws"), capacity=OnDemand()))
    assert "Workbench" in here
    assert "Workbench" not in there
