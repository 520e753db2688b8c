"""What Amazon refuses across fields: each rule refuses its wrong ones at their paths, and takes its right one."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.sandbox.conflicts.fixtures.aws_cases import CASES, DOCUMENTS, RIGHT_DOCUMENTS, VM
from trainyard.sandbox.conflicts.aws import CONFLICTS
from trainyard.sandbox.conflicts.aws.facts import machine, machine_types, regions, types_in, zones
from trainyard.sandbox.conflicts.aws.times import cron_problem, schedule_problem
from trainyard.sandbox.conflicts.conflict import Given
from trainyard.sandbox.packages import installed
from trainyard.sandbox.schema import ResourceType
from trainyard.servicer.values import UNKNOWN, Secret

_BY_NAME = {conflict.name: conflict for conflict in CONFLICTS}
_WRONG = [(name, path) for name, case in CASES.items() for path in case.wrong]


def _paths(name: str, token: str, inputs: Mapping[str, Any], **config: Any) -> list[str]:
    given = Given(type=ResourceType(installed()["aws"], token), inputs=inputs, config=config)
    return [problem.path for problem in _BY_NAME[name].find(given)]


def test_every_rule_has_a_case_a_source_and_types_of_the_sdk() -> None:
    assert set(CASES) == set(_BY_NAME)
    for conflict in CONFLICTS:
        assert conflict.source
        assert conflict.types
        assert conflict.types <= set(installed()["aws"].types)


@pytest.mark.parametrize(("name", "path"), _WRONG)
def test_what_is_wrong_together_is_refused_at_its_path(name: str, path: str) -> None:
    case = CASES[name]
    assert case.token in _BY_NAME[name].types
    inputs = {key: value for key, value in {**case.right, **case.wrong[path]}.items() if value is not None}
    assert path in _paths(name, case.token, inputs)


@pytest.mark.parametrize("name", CASES)
def test_what_is_right_together_is_taken(name: str) -> None:
    assert _paths(name, CASES[name].token, CASES[name].right) == []


@pytest.mark.parametrize(("name", "path"), _WRONG)
def test_what_is_not_known_yet_is_taken(name: str, path: str) -> None:
    case = CASES[name]
    told = {**case.right, **case.wrong[path]}
    assert _paths(name, case.token, dict.fromkeys(told, UNKNOWN)) == []


@pytest.mark.parametrize(("token", "path", "document"), DOCUMENTS)
def test_a_policy_that_iam_would_not_take_is_refused(token: str, path: str, document: str) -> None:
    assert _paths("policy-document", token, {path: document}) == [path]


@pytest.mark.parametrize(("token", "path", "document"), RIGHT_DOCUMENTS)
def test_a_policy_that_iam_takes_is_taken(token: str, path: str, document: str) -> None:
    assert _paths("policy-document", token, {path: document}) == []


def test_a_secret_is_looked_into() -> None:
    assert _paths("hibernation", "aws:ec2/instance:Instance", {**VM, "hibernation": Secret(True)}) == ["hibernation"]


def test_a_type_is_refused_in_a_region_without_it_and_taken_in_one_with_it() -> None:
    rule, token = "instance-type-exists-there", "aws:ec2/instance:Instance"
    assert _paths(rule, token, VM, region="me-south-1") == ["instanceType"]
    assert _paths(rule, token, VM, region="us-east-1") == []
    assert _paths(rule, token, VM, region="us-iso-east-1") == []  # no list is known of it


def test_a_zone_of_another_region_is_refused() -> None:
    rule, token = "zone-exists", "aws:ec2/subnet:Subnet"
    assert _paths(rule, token, {"availabilityZone": "us-west-2a"}, region="us-east-1") == ["availabilityZone"]
    assert _paths(rule, token, {"availabilityZone": "us-west-2-lax-1a"}, region="us-west-2") == []


def test_the_facts_know_regions_zones_and_machines() -> None:
    assert {"us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1"} <= regions()
    assert zones("eu-central-1") == ("eu-central-1a", "eu-central-1b", "eu-central-1c")
    assert "p5.48xlarge" in types_in("us-east-1")
    assert len(machine_types()) > 1300
    found = machine("p5.48xlarge")
    assert found is not None
    assert (found.efa, found.cards, found.gpus) == (32, 32, 8)
    assert "capacity-block" in found.usage


@pytest.mark.parametrize(
    "expression",
    [
        "rate(5 minutes)",
        "rate(1 hour)",
        "cron(0 12 * * ? *)",
        "cron(15 10 ? * 6L 2026-2030)",
        "cron(0/15 8-18 ? * MON-FRI *)",
        "cron(0 0 L * ? *)",
    ],
)
def test_schedules_that_amazon_takes_are_taken(expression: str) -> None:
    assert schedule_problem(expression, at=False) is None


@pytest.mark.parametrize(
    "expression",
    [
        "rate(5 minute)",
        "rate(1 hours)",
        "rate(0 hours)",
        "every 5 minutes",
        "cron(0 12 * * * *)",
        "cron(0 12 * * ?)",
        "cron(60 12 * * ? *)",
        "cron(0 12 * FOO ? *)",
        "at(2026-12-24T12:00:00)",
    ],
)
def test_schedules_that_amazon_does_not_take_are_refused(expression: str) -> None:
    assert schedule_problem(expression, at=False)


def test_a_moment_has_no_time_zone_of_its_own() -> None:
    assert schedule_problem("at(2026-12-24T12:00:00)", at=True) is None
    assert schedule_problem("at(2026-12-24T12:00:00Z)", at=True)
    assert cron_problem("0 20 * * *", fields=5) is None
