"""EventBridge Scheduler's one-off schedules, as far as they end machines and groups: by a role that may, or not at all.

docs.aws.amazon.com/scheduler, "Using universal targets": the call named by the target, with its input, as the role of
the schedule. What the role may is read from its own inline policies; a call that is refused changes nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Final

from trainyard.sandbox.dead_letters import send
from trainyard.sandbox.store import Store, Thing
from trainyard.servicer.values import reveal

SCHEDULE: Final = "aws:scheduler/schedule:Schedule"
_ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
_ONCE: Final = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
_FIRED: Final = "schedule fired "
# The calls that end something: what they end, and where their input names it.
_CALLS: Final[Mapping[str, tuple[str, str, str]]] = {
    "ec2:terminateInstances": ("aws:ec2/instance:Instance", "InstanceIds", "ec2:TerminateInstances"),
    "autoscaling:deleteAutoScalingGroup": (
        "aws:autoscaling/group:Group",
        "AutoScalingGroupName",
        "autoscaling:DeleteAutoScalingGroup",
    ),
}

# What EC2 and Auto Scaling answer for a name that is not there.
_MISSING: Final[Mapping[str, tuple[str, str]]] = {
    "ec2:TerminateInstances": ("InvalidInstanceID.NotFound", "The instance ID does not exist"),
    "autoscaling:DeleteAutoScalingGroup": ("ValidationError", "AutoScalingGroup name not found"),
}


def fire(store: Store) -> None:
    """Makes the calls whose time has come, each once; called whenever the store is looked at."""
    now = datetime.fromtimestamp(store.now(), UTC).strftime("at(%Y-%m-%dT%H:%M:%S)")
    due = store.rows(
        "SELECT id FROM resources WHERE type=? AND status='live' AND json_extract(inputs, '$.scheduleExpression')<=?",
        SCHEDULE,
        now,
    )
    for (id,) in due:
        schedule = store.get(SCHEDULE, id)
        if schedule is not None:
            _fire(store, schedule)


def _fire(store: Store, schedule: Thing) -> None:
    given = reveal(dict(schedule.inputs))
    at = _ONCE.fullmatch(str(given.get("scheduleExpression")))
    key = f"{_FIRED}{schedule.id} {given.get('scheduleExpression')}"
    # Times in another zone than UTC are left alone: nobody here gives one.
    if at is None or given.get("scheduleExpressionTimezone") not in (None, "UTC") or store.meta(key):
        return
    when = datetime.fromisoformat(at[1]).replace(tzinfo=UTC).timestamp()
    store.set_meta(key, "yes")
    if when < schedule.created or given.get("state") == "DISABLED":  # what was due before it was there
        return
    target = given.get("target") or {}
    for name, thing, action in _meant(store, schedule.place, target):
        if thing is None:
            _fails(store, schedule, target, when, (_MISSING[action][0], f"{_MISSING[action][1]}: {name}"))
        elif _may(store, str(target.get("roleArn")), action, _tags(thing)):
            store.put(replace(thing, ends=when, end_action="DELETE"))
        else:
            text = f"{target.get('roleArn')} is not authorized to perform: {action} on resource: {name}"
            _fails(store, schedule, target, when, ("AccessDenied", text))
    if given.get("actionAfterCompletion") == "DELETE":
        store.put(replace(schedule, ends=when, end_action="DELETE"))


def _fails(store: Store, schedule: Thing, target: Mapping[str, Any], when: float, error: tuple[str, str]) -> None:
    """The call is not made again for these; what it was goes into the dead-letter queue, if the role may."""
    queue = str((target.get("deadLetterConfig") or {}).get("arn") or "")
    if not queue or not _may(store, str(target.get("roleArn")), "sqs:SendMessage", {}):
        return
    attributes = {
        "ERROR_CODE": error[0],
        "ERROR_MESSAGE": error[1],
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": "0",
        "SCHEDULED_TIME": datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "SCHEDULE_ARN": f"arn:aws:scheduler:{schedule.place}:{schedule.project}:schedule/{schedule.id}",
        "TARGET_ARN": str(target.get("arn")),
    }
    send(store, queue, str(target.get("input") or ""), attributes, when)


def _meant(store: Store, region: str, target: Mapping[str, Any]) -> Iterator[tuple[str, Thing | None, str]]:
    """What the call would end, None where it is not there, with the permission that it needs."""
    type, member, action = _CALLS.get(str(target.get("arn")).partition(":aws-sdk:")[2], ("", "", ""))
    if not type:
        return
    asked = json.loads(target.get("input") or "{}").get(member) or []
    for name in asked if isinstance(asked, list) else [asked]:
        thing = store.get(type, str(name))
        there = thing is not None and thing.place == region and thing.status in ("live", "stopped")
        yield str(name), thing if there else None, action


def _may(store: Store, role_arn: str, action: str, tags: Mapping[str, str]) -> bool:
    """Whether an inline policy of the role allows the action on a thing with these tags."""
    role = role_arn.rpartition("/")[2]
    return any(
        _allows(statement, action, tags)
        for policy in store.list(type=_ROLE_POLICY)
        if reveal(policy.inputs.get("role")) == role
        for statement in _statements(reveal(policy.inputs.get("policy")))
    )


def _statements(policy: Any) -> list[Mapping[str, Any]]:
    told = json.loads(policy) if isinstance(policy, str) else policy
    statements = told.get("Statement", []) if isinstance(told, Mapping) else []
    return statements if isinstance(statements, list) else [statements]


def _allows(statement: Mapping[str, Any], action: str, tags: Mapping[str, str]) -> bool:
    actions = statement.get("Action", [])
    named = actions if isinstance(actions, list) else [actions]
    if statement.get("Effect") != "Allow" or not any(fnmatchcase(action.lower(), one.lower()) for one in named):
        return False
    wanted = statement.get("Condition", {})
    if set(wanted) - {"StringEquals"}:
        return False
    for key, value in wanted.get("StringEquals", {}).items():
        allowed = value if isinstance(value, list) else [value]
        if not key.startswith("aws:ResourceTag/") or tags.get(key.partition("/")[2]) not in allowed:
            return False
    return True


def _tags(thing: Thing) -> Mapping[str, str]:
    """What it carries now; a group's are a list of its inputs."""
    given = reveal(thing.inputs.get("tags"))
    listed = {each["key"]: each["value"] for each in given} if isinstance(given, list) else {}
    return {**listed, **thing.labels}
