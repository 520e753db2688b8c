"""One-off schedules of EventBridge: at their time, once, as a role that may, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from trainyard.sandbox.schedules import SCHEDULE, fire
from trainyard.sandbox.store import Store, Thing

VM, GROUP, POLICY = "aws:ec2/instance:Instance", "aws:autoscaling/group:Group", "aws:iam/rolePolicy:RolePolicy"
REGION = "eu-central-1"
LEASE = {"trainyard-lease": "dev-1a2b3c4d"}


def thing(type: str, id: str, labels: Mapping[str, str] | None = None, **inputs: Any) -> Thing:
    return Thing(type=type, id=id, package="aws", place=REGION, name=id, labels=labels or {}, inputs=inputs)


@pytest.fixture(autouse=True)
def machines(store: Store) -> None:
    store.settlers[:] = [fire]
    store.add(thing(VM, "i-1", LEASE))
    store.add(thing(VM, "i-2", {"trainyard-lease": "other"}))
    store.add(thing(GROUP, "pretrain", tags=[{"key": key, "value": value} for key, value in LEASE.items()]))
    store.add(replace(thing(VM, "i-3"), owner=f"{GROUP} pretrain"))


def allow(store: Store, *actions: str) -> None:
    only = {"StringEquals": {f"aws:ResourceTag/{key}": value for key, value in LEASE.items()}}
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*", "Condition": only}
    store.add(thing(POLICY, "end:end", role="end", policy=json.dumps({"Statement": [statement]})))


def schedule(store: Store, call: str, asked: Any, *, after: float = 60, **more: Any) -> None:
    at = datetime.fromtimestamp(store.now() + after, UTC).strftime("at(%Y-%m-%dT%H:%M:%S)")
    target = {
        "arn": f"arn:aws:scheduler:::aws-sdk:{call}",
        "roleArn": "arn:aws:iam::000000000000:role/end",
        "input": json.dumps(asked),
    }
    store.add(thing(SCHEDULE, "dev/end", scheduleExpression=at, target=target, **more))


def there(store: Store) -> set[str]:
    return {one.id for type in (VM, GROUP) for one in store.list(type=type)}


ALL = {"i-1", "i-2", "i-3", "pretrain"}
TERMINATE, DELETE = "ec2:terminateInstances", "autoscaling:deleteAutoScalingGroup"


def test_a_machine_is_terminated_at_the_schedules_time_and_not_before(store: Store) -> None:
    allow(store, "ec2:TerminateInstances")
    schedule(store, TERMINATE, {"InstanceIds": ["i-1"]})
    store.advance(50)
    assert there(store) == ALL
    store.advance(20)
    assert there(store) == ALL - {"i-1"}
    gone = store.recall(VM, "i-1")
    assert gone is not None
    assert gone.changed == pytest.approx(store.now() - 10, abs=2)  # at its time, not when somebody looked


def test_a_group_goes_with_its_machines(store: Store) -> None:
    allow(store, "autoscaling:DeleteAutoScalingGroup")
    schedule(store, DELETE, {"AutoScalingGroupName": "pretrain", "ForceDelete": True})
    store.advance(100)
    assert there(store) == {"i-1", "i-2"}


@pytest.mark.parametrize(
    ("actions", "call", "asked"),
    [
        ((), TERMINATE, {"InstanceIds": ["i-1"]}),  # a role that may nothing
        (("ec2:StopInstances",), TERMINATE, {"InstanceIds": ["i-1"]}),  # another action
        (("ec2:TerminateInstances",), TERMINATE, {"InstanceIds": ["i-2"]}),  # another lease's machine
        (("ec2:TerminateInstances",), DELETE, {"AutoScalingGroupName": "pretrain"}),
        (("*",), "lambda:invoke", {"InstanceIds": ["i-1"]}),  # a call that ends nothing
    ],
)
def test_what_the_role_may_not_do_does_not_happen(
    store: Store, actions: tuple[str, ...], call: str, asked: Any
) -> None:
    if actions:
        allow(store, *actions)
    schedule(store, call, asked)
    store.advance(100)
    assert there(store) == ALL


def test_a_schedule_that_is_off_or_was_due_before_it_was_made_does_nothing(store: Store) -> None:
    allow(store, "ec2:TerminateInstances")
    schedule(store, TERMINATE, {"InstanceIds": ["i-1"]}, after=-60)
    store.advance(10)
    store.delete(SCHEDULE, "dev/end")
    schedule(store, TERMINATE, {"InstanceIds": ["i-1"]}, state="DISABLED")
    store.advance(100)
    assert there(store) == ALL


def test_it_happens_once_and_the_schedule_stays_unless_it_says_otherwise(store: Store) -> None:
    allow(store, "ec2:TerminateInstances")
    schedule(store, TERMINATE, {"InstanceIds": ["i-1"]})
    store.advance(100)
    store.add(thing(VM, "i-1", LEASE))
    store.advance(100)
    assert "i-1" in there(store)
    assert store.get(SCHEDULE, "dev/end") is not None


def test_a_schedule_may_take_itself_away(store: Store) -> None:
    allow(store, "ec2:TerminateInstances")
    schedule(store, TERMINATE, {"InstanceIds": ["i-1"]}, actionAfterCompletion="DELETE")
    store.advance(100)
    assert store.get(SCHEDULE, "dev/end") is None
