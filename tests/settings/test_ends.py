"""What a person is told first where fewer than two ends hold: in the words of the cloud that it runs on."""

from pathlib import Path

import pytest

from trainyard.settings import load
from trainyard.settings.candidates import accepted
from trainyard.settings.ends import few_ends

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
