"""Hard ends that Amazon could not make, read out of the dead-letter queue by Amazon's own client."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.clouds.aws.conftest import LEASE, PLACE
from tests.sandbox.provider.conftest import Cloud
from trainyard.cli.failed_ends import line
from trainyard.clouds.aws import ScopeUnreadable
from trainyard.clouds.aws.failed_ends import FailedEnd, FailedEnds, failed_ends
from trainyard.facts.origin import Sandbox
from trainyard.sandbox import faults
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.schedules import fire
from trainyard.sandbox.store import Store

SCOPE = f"aws:{PLACE}"
ROLE = f"{LEASE}-end"
TRUST = {
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "scheduler.amazonaws.com"}}]
}
TAGGED = {"StringEquals": {"aws:ResourceTag/trainyard-lease": LEASE}}


def statement(action: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": "*", **more}


END, SEND = statement("ec2:TerminateInstances", Condition=TAGGED), statement("sqs:SendMessage")


@pytest.fixture
def queue(provider: Cloud) -> str:
    """The lease's queue; its ARN."""
    _, told = provider.create("aws:sqs/queue:Queue", {"name": ROLE, "messageRetentionSeconds": 14 * 86_400})
    return str(told["arn"])


@pytest.fixture
def at_the_end(provider: Cloud, queue: str, store: Store) -> Any:
    """Lets a schedule end machines as a role with these statements, and its time come."""

    def happen(*statements: dict[str, Any], machines: tuple[str, ...] = ("i-0123456789abcdef0",)) -> None:
        store.settlers[:] = [fire]
        _, role = provider.create("aws:iam/role:Role", {"name": ROLE, "assumeRolePolicy": json.dumps(TRUST)})
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        provider.create("aws:iam/rolePolicy:RolePolicy", {"name": "end", "role": ROLE, "policy": policy})
        provider.create("aws:scheduler/scheduleGroup:ScheduleGroup", {"name": LEASE})
        for number, machine in enumerate(machines):
            when = datetime.fromtimestamp(store.now() + 60, UTC)
            target = {
                "arn": "arn:aws:scheduler:::aws-sdk:ec2:terminateInstances",
                "roleArn": role["arn"],
                "input": json.dumps({"InstanceIds": [machine]}),
                "deadLetterConfig": {"arn": queue},
            }
            given = {
                "name": f"{LEASE}-lab-{number}",
                "groupName": LEASE,
                "scheduleExpression": when.strftime("at(%Y-%m-%dT%H:%M:%S)"),
                "flexibleTimeWindow": {"mode": "OFF"},
                "target": target,
            }
            provider.create("aws:scheduler/schedule:Schedule", given)
        store.advance(120)

    return happen


def test_a_lease_without_a_queue_has_no_failed_end(sandbox: Sandbox) -> None:
    assert failed_ends(SCOPE, LEASE, sandbox) == FailedEnds()


def test_an_end_that_happened_leaves_nothing(sandbox: Sandbox, plant: Any, at_the_end: Any) -> None:
    at_the_end(END, SEND, machines=(plant(LEASE),))
    assert failed_ends(SCOPE, LEASE, sandbox) == FailedEnds()


def test_an_end_that_the_role_may_not_make_is_told_and_told_again(
    sandbox: Sandbox, plant: Any, at_the_end: Any
) -> None:
    id_ = plant("dev-lab-ffffffff")
    at_the_end(END, SEND, machines=(id_,))
    found = failed_ends(SCOPE, LEASE, sandbox)
    (failed,) = found.read
    assert (failed.schedule, failed.code) == (f"{LEASE}-lab-0", "AccessDenied")
    assert f"ec2:TerminateInstances on resource: {id_}" in failed.text
    assert failed.at.endswith("Z")
    assert not failed.was_gone
    assert failed_ends(SCOPE, LEASE, sandbox) == found


def test_many_are_told_or_counted_every_one(sandbox: Sandbox, at_the_end: Any) -> None:
    at_the_end(END, SEND, machines=tuple(f"i-0123456789abcd{number:03}" for number in range(25)))
    found = failed_ends(SCOPE, LEASE, sandbox)
    assert {each.code for each in found.read} == {"InvalidInstanceID.NotFound"}
    assert all(each.was_gone for each in found.read)
    assert (len(found.read), found.more) == (10, 15)


def test_a_role_that_may_not_send_leaves_no_word(sandbox: Sandbox, at_the_end: Any) -> None:
    at_the_end(END)
    assert failed_ends(SCOPE, LEASE, sandbox) == FailedEnds()


def test_a_queue_that_may_not_be_read_is_no_empty_queue(sandbox: Sandbox, queue: str, store: Store) -> None:
    faults.replace(store, [Fault(call="sqs.ReceiveMessage", kind="refuse", code=403)])
    with pytest.raises(ScopeUnreadable, match="sqs:ReceiveMessage"):
        failed_ends(SCOPE, LEASE, sandbox)


def test_the_doctors_line_says_what_failed_and_what_to_do() -> None:
    failed = FailedEnd(schedule=f"{LEASE}-lab-0", at="2026-11-25T02:00:00Z", code="AccessDenied", text="no")
    told = line(failed, SCOPE, LEASE, "dev-lab")
    assert f"the hard end of {LEASE}-lab-0 in {SCOPE} failed at 2026-11-25T02:00:00Z" in told
    assert '"pulumi destroy --stack dev-lab"' in told
    assert f'the role "{ROLE}"' in told
