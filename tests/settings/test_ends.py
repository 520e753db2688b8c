"""What a person is told first where fewer than two ends hold: in the words of the cloud that it runs on."""

from dataclasses import replace
from pathlib import Path

import pytest

from trainyard.facts.capacity import Reserved
from trainyard.facts.ends import BOUND_GPU_VM
from trainyard.settings import load
from trainyard.settings.candidates import accepted
from trainyard.settings.ends import ends_as, few_ends

STACKS = Path(__file__).parents[2] / "stacks"


@pytest.mark.parametrize(
    ("stack", "workload", "said"),
    [
        ("dev-lab", "lab", "Workbench holds no hard end"),
        ("sandbox-clouds", "lab-on-azure", "Azure Machine Learning holds no hard end of a compute instance"),
        ("sandbox-clouds", "tune-on-azure", "The service itself ends it at its timeout"),
    ],
)
def test_each_kind_says_what_ends_it_on_its_cloud(stack: str, workload: str, said: str) -> None:
    settings = load(STACKS, stack)
    [found] = [each for each in accepted(settings) if each.workload == workload]
    told = list(few_ends(workload, settings.workloads[workload], found.candidates[0]))
    assert told[0].startswith(f"{workload}: ")
    assert said in told[0]


@pytest.mark.parametrize(("bound", "lines"), [(False, 0), (True, 1)])
def test_a_machine_that_is_bound_to_its_reservation_has_one_end_and_says_why(bound: bool, lines: int) -> None:
    settings = load(STACKS, "sandbox")
    [found] = accepted(settings)
    candidate = replace(found.candidates[0], capacity=Reserved(id="week", bound=bound))
    told = list(few_ends("workbench", settings.workloads["workbench"], candidate))
    assert len(told) == lines
    assert all("1 of 2 independent ends. The cloud ends it with its reservation" in line for line in told)
    assert (ends_as(settings.workloads["workbench"], candidate) == BOUND_GPU_VM) is bound
