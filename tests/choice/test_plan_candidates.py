"""The candidates of a stack: the program's own, each with a key of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from stacks.placement import place
from trainyard.choice.plan.candidates import accepted, after, find, key
from trainyard.facts.capacity import name
from trainyard.facts.price import usd
from trainyard.settings import load

STACKS = Path(__file__).parents[2] / "stacks"


@pytest.mark.parametrize("stack", ["sandbox", "sandbox-kinds", "sandbox-clouds", "dev-llama-ft", "prod-pretrain"])
def test_the_first_candidate_is_the_one_that_the_program_takes(stack: str) -> None:
    settings = load(STACKS, stack)
    taken = {each.workload: key(each.candidate) for each in place(settings, {})}
    assert {each.workload: key(each.candidates[0]) for each in accepted(settings)} == taken


@pytest.mark.parametrize("stack", ["sandbox", "sandbox-kinds", "sandbox-clouds", "dev-llama-ft", "prod-pretrain"])
def test_no_two_candidates_of_a_workload_have_one_key(stack: str) -> None:
    for each in accepted(load(STACKS, stack)):
        keys = [key(candidate) for candidate in each.candidates]
        assert len(set(keys)) == len(keys)


def test_a_candidate_is_found_by_its_key_and_one_that_has_gone_is_not() -> None:
    [workbench] = accepted(load(STACKS, "sandbox"))
    second = workbench.candidates[1]
    assert find(workbench.candidates, key(second)) is second
    assert find(workbench.candidates, "gcp/europe-west4-z/a2-highgpu-1g/on-demand") is None


def test_after_a_candidate_comes_the_next_and_after_the_last_none() -> None:
    [workbench] = accepted(load(STACKS, "sandbox"))
    assert after(workbench.candidates, key(workbench.candidates[0])) is workbench.candidates[1]
    assert after(workbench.candidates, key(workbench.candidates[-1])) is None


def test_the_program_takes_the_candidate_that_the_record_names_while_the_file_still_accepts_it() -> None:
    settings = load(STACKS, "sandbox")
    [workbench] = accepted(settings)
    for candidate in workbench.candidates:
        [placement] = place(settings, {}, {"workbench": key(candidate)})
        assert placement.candidate == candidate
        assert "held by the lease" in placement.reason or candidate == workbench.candidates[0]
    [placement] = place(settings, {}, {"workbench": "gcp/europe-west4-z/a2-highgpu-1g/on-demand"})
    assert placement.candidate == workbench.candidates[0]


def test_one_of_unknown_price_is_left_out_where_another_has_a_price_and_kept_where_none_has(folder: Path) -> None:
    stack = folder / "Pulumi.dev.yaml"
    text = stack.read_text().replace("regions: [europe-west4, us-central1]", "zones: [europe-west4-a]")
    calendar = "{ kind: reserved, id: week, bound: true }"
    stack.write_text(text.replace("[spot, on-demand]", f"[on-demand, {calendar}]"))
    [both] = accepted(load(folder, "dev"))
    assert {name(each.capacity) for each in both.candidates} == {"on-demand"}
    stack.write_text(text.replace("[spot, on-demand]", f"[{calendar}]"))
    [alone] = accepted(load(folder, "dev"))
    assert [each.price for each in alone.candidates if usd(each.price) is None]
