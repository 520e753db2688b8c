"""Check keeps a lease's identity and times what they were, and calls nothing."""

from typing import Any

import pytest

from trainyard.provider.lease import check
from trainyard.provider.lease.diff import diff
from trainyard.provider.lease.inputs import parse
from trainyard.provider.resource import InputsError
from trainyard.servicer import UNKNOWN, Secret

URN = "urn:pulumi:dev-lab::acme::trainyard:index:Lease::lease"
WORKLOAD = {
    "kind": "gpu-vm",
    "nodes": 1,
    "cloud": "gcp",
    "scope": "gcp:acme-ml-dev",
    "place": "europe-west4-a",
    "machine_type": "g2-standard-8",
    "capacity": "on-demand",
    "usd_hour": "0.94",
}


@pytest.fixture
def inputs() -> dict[str, Any]:
    return {
        "leaseId": "dev-lab-0a1b2c3d",
        "project": "acme",
        "stack": "dev-lab",
        "environment": "dev",
        "owner": "ml-platform",
        "costCenter": "ml-research",
        "store": "gs://acme-ml-dev-leases",
        "origin": "cloud",
        "start": "2026-11-24T02:00:00Z",
        "hardEnd": "2026-11-25T02:00:00Z",
        "ttlMinutes": 720,
        "extendToMinutes": 1440,
        "capUsd": "1600",
        "atLimit": "stop",
        "graceMinutes": 60,
        "workloads": {"lab": dict(WORKLOAD)},
        "scopes": ["gcp:acme-ml-dev"],
        "seenRecord": "held",
    }


LATER = {"start": "2026-11-24T09:00:00Z", "hardEnd": "2026-11-25T09:00:00Z"}


def test_a_new_lease_passes_as_given(inputs: dict[str, Any]) -> None:
    assert check(URN, {}, inputs) == (inputs, ())


@pytest.mark.parametrize("seen", ["absent", "damaged", "unread"])
def test_times_that_the_program_could_not_know_are_the_states(inputs: dict[str, Any], seen: str) -> None:
    checked, problems = check(URN, inputs, {**inputs, **LATER, "seenRecord": seen})
    assert problems == ()
    assert (checked["start"], checked["hardEnd"]) == (inputs["start"], inputs["hardEnd"])


@pytest.mark.parametrize(("key", "value"), [("origin", "sandbox"), *LATER.items()])
def test_origin_and_times_never_change(inputs: dict[str, Any], key: str, value: str) -> None:
    _, problems = check(URN, inputs, {**inputs, key: value})
    assert [problem.key for problem in problems] == [key]
    assert inputs[key] in problems[0].reason
    assert "destroy first" in problems[0].reason


def test_another_id_says_how_to_rename_back(inputs: dict[str, Any]) -> None:
    _, (problem,) = check(URN, inputs, {**inputs, "leaseId": "dev-new-0a1b2c3d", "stack": "dev-new"})
    assert problem.key == "leaseId"
    assert "pulumi stack rename dev-lab" in problem.reason


def test_a_lease_of_another_stack_than_the_engines_is_refused(inputs: dict[str, Any]) -> None:
    _, (problem,) = check(URN.replace("dev-lab", "dev-other"), {}, inputs)
    assert 'the engine runs "acme" and "dev-other"' in problem.reason


def test_another_extend_to_is_refused_for_the_hard_end_never_moves(inputs: dict[str, Any]) -> None:
    _, (problem,) = check(URN, inputs, {**inputs, "extendToMinutes": 2880})
    assert problem.key == "extendToMinutes"
    assert "put extend_to back" in problem.reason


def test_an_end_that_began_is_refused_before_any_child(inputs: dict[str, Any]) -> None:
    for olds in ({}, inputs):
        _, (problem,) = check(URN, olds, {**inputs, "seenRecord": "ending"})
        assert "is ending" in problem.reason
    _, (problem,) = check(URN, inputs, {**inputs, "seenRecord": "ended"})
    assert "has ended" in problem.reason
    assert check(URN, {}, {**inputs, "seenRecord": "ended"})[1] == ()


def test_a_value_that_is_not_known_in_preview_is_refused(inputs: dict[str, Any]) -> None:
    _, (problem,) = check(URN, {}, {**inputs, "capUsd": UNKNOWN})
    assert (problem.key, "plain value" in problem.reason) == ("capUsd", True)


def test_a_secret_is_opened_for_the_check(inputs: dict[str, Any]) -> None:
    assert check(URN, {}, {**inputs, "capUsd": Secret("1600")})[1] == ()


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("owner", "ML@acme", "fits no label"),
        ("start", "yesterday", "is no time"),
        ("start", "2026-11-24T02:00:30Z", "whole minutes"),
        ("ttlMinutes", 0, "must be over 0"),
        ("ttlMinutes", 2000, "at most extendToMinutes"),
        ("ttlMinutes", True, "give whole minutes"),
        ("capUsd", "much", "US dollars as a decimal text"),
        ("capUsd", "-1", "US dollars as a decimal text"),
        ("capUsd", "NaN", "US dollars as a decimal text"),
        ("atLimit", "explode", "allowed: stop, end"),
        ("store", "http://acme", "names no store of records"),
        ("origin", "moon", "allowed: sandbox, cloud"),
        ("scopes", ["acme"], "give a list of scopes"),
        ("scopes", "gcp:acme", "give a list of scopes"),
        ("workloads", {"lab": {**WORKLOAD, "nodes": 0}}, "give a whole number from 1"),
        ("workloads", {"lab": {**WORKLOAD, "plaice": "x"}}, "unknown key plaice"),
        ("workloads", {"lab": {"kind": "gpu-vm"}}, "lacks nodes"),
        ("seenRecord", "perhaps", "allowed: absent, held"),
        ("ownner", "x", 'did you mean "owner"'),
    ],
)
def test_a_wrong_input_is_named_with_what_is_allowed(
    inputs: dict[str, Any], key: str, value: object, reason: str
) -> None:
    _, problems = check(URN, {}, {**inputs, key: value})
    assert [problem.key for problem in problems] == [key]
    assert reason in problems[0].reason


def test_all_wrong_inputs_are_named_at_once(inputs: dict[str, Any]) -> None:
    del inputs["store"]
    with pytest.raises(InputsError) as caught:
        parse({**inputs, "owner": "", "capUsd": "x"})
    assert {problem.key for problem in caught.value.problems} == {"store", "owner", "capUsd"}


def test_what_was_only_seen_is_no_difference(inputs: dict[str, Any]) -> None:
    seen = {"seenPriceDate": "2026-11-24", "seenSpendUsd": "3.50", "seenRecord": "unread"}
    assert diff(inputs, {**inputs, **seen}).updates == ()


@pytest.mark.parametrize("seen", ["absent", "damaged"])
def test_a_lost_record_is_a_difference_that_update_mends(inputs: dict[str, Any], seen: str) -> None:
    olds = {**inputs, "seenRecord": "absent"}  # as the lease's first run saw it
    checked, _ = check(URN, olds, {**inputs, "seenRecord": seen})
    assert diff(olds, checked).updates == ("rewrite",)
    again, _ = check(URN, checked, {**inputs, "seenRecord": seen})
    assert diff(checked, again).updates == ("rewrite",)


def test_a_refresh_that_compares_a_state_with_itself_shows_no_difference(inputs: dict[str, Any]) -> None:
    olds = {**inputs, "seenRecord": "absent"}
    rewritten, _ = check(URN, olds, olds)
    for state in (olds, rewritten):
        assert diff(state, state).updates == ()
    assert diff(rewritten, inputs).updates == ()


def test_changed_terms_are_a_difference(inputs: dict[str, Any]) -> None:
    assert diff(inputs, {**inputs, "capUsd": "5", "ttlMinutes": 800}).updates == ("capUsd", "ttlMinutes")
