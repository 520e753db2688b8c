"""JSON that programs write as text: redrive policies, filters, lifecycle policies of images."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.aws.reading import whole
from trainyard.sandbox.conflicts.conflict import Conflict, Given

_PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:sqs/queue:Queue": ("redrivePolicy", "redriveAllowPolicy"),
    "aws:sqs/redrivePolicy:RedrivePolicy": ("redrivePolicy",),
    "aws:sns/topic:Topic": ("deliveryPolicy", "archivePolicy"),
    "aws:sns/topicSubscription:TopicSubscription": ("filterPolicy", "redrivePolicy", "deliveryPolicy"),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": ("policy",),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("policy",),
    "aws:cloudwatch/eventRule:EventRule": ("eventPattern",),
    "aws:cloudwatch/dashboard:Dashboard": ("dashboardBody",),
    "aws:sfn/stateMachine:StateMachine": ("definition",),
}
_QUEUE: Final = re.compile(r"^arn:[\w-]+:sqs:[a-z0-9-]+:\d{12}:[\w-]+(\.fifo)?$")
_DIRECT: Final = frozenset({"http", "https", "sqs", "firehose"})  # protocols that take the message as it is


def _texts(given: Given) -> Iterator[Problem]:
    for path in _PLACES[given.type.token]:
        text = given.text(path)
        if not text:
            continue
        try:
            told = json.loads(text)
        except ValueError as error:
            yield Problem(path, f'"{path}" contains an invalid JSON: {error}')
            continue
        if not isinstance(told, Mapping):
            yield Problem(path, f'"{path}" contains an invalid JSON: an object is needed')
        elif path == "redrivePolicy":
            yield from _redrive(given, path, told)
        elif given.type.token == "aws:ecr/lifecyclePolicy:LifecyclePolicy":  # noqa: S105  a resource token
            yield from (Problem(path, f"InvalidParameterException: {reason}") for reason in _images(told))


def _redrive(given: Given, path: str, told: Mapping[str, Any]) -> Iterator[Problem]:
    target = told.get("deadLetterTargetArn")
    if not isinstance(target, str) or not _QUEUE.match(target):
        yield Problem(path, f"InvalidParameterValue: deadLetterTargetArn is {target!r}; the ARN of a queue is needed")
        return
    if given.type.token == "aws:sns/topicSubscription:TopicSubscription":  # noqa: S105  a resource token
        return
    count = whole(told.get("maxReceiveCount"))
    if count is None or not 1 <= count <= 1000:
        yield Problem(path, f"InvalidParameterValue: maxReceiveCount is {told.get('maxReceiveCount')!r}; 1 to 1000")
    fifo = given.at("fifoQueue")
    own = given.type.token == "aws:sqs/queue:Queue" and not given.unknown("fifoQueue")  # noqa: S105  a token
    if own and bool(fifo) != target.endswith(".fifo"):
        kind = "FIFO" if fifo else "standard"
        yield Problem(path, f"InvalidParameterValue: Dead-letter target of a {kind} queue is a {kind} queue")


def _images(told: Mapping[str, Any]) -> Iterator[str]:  # noqa: C901  a list of rules
    """ECR user guide, "Lifecycle policy properties"."""
    rules = told.get("rules")
    if not isinstance(rules, list) or not rules:
        yield "a lifecycle policy has rules"
        return
    seen: set[Any] = set()
    for rule in rules:
        if not isinstance(rule, Mapping):
            yield "a rule is an object"
            continue
        selection, action = rule.get("selection") or {}, rule.get("action") or {}
        priority = rule.get("rulePriority")
        if not isinstance(priority, int) or priority < 1 or priority in seen:
            yield f"rulePriority is {priority!r}; every rule has a whole number of its own from 1 on"
        seen.add(priority)
        if action.get("type") not in ("expire", "transition"):
            yield f"the action's type is {action.get('type')!r}; expire is one"
        status, count = selection.get("tagStatus"), selection.get("countType")
        if status not in ("tagged", "untagged", "any"):
            yield f"tagStatus is {status!r}; tagged, untagged or any is needed"
        if status == "tagged" and not selection.get("tagPrefixList") and not selection.get("tagPatternList"):
            yield "tagStatus tagged needs a tagPrefixList or a tagPatternList"
        if count == "imageCountMoreThan" and "countUnit" in selection:
            yield "countUnit goes with sinceImagePushed"
        if count == "sinceImagePushed" and "countUnit" not in selection:
            yield "countType sinceImagePushed needs a countUnit: days"
        if not isinstance(selection.get("countNumber"), int) or selection["countNumber"] < 1:
            yield "countNumber is a whole number from 1 on"


def _raw(given: Given) -> Iterator[Problem]:
    protocol = given.text("protocol")
    if given.at("rawMessageDelivery") is True and protocol and protocol not in _DIRECT:
        yield Problem(
            "rawMessageDelivery",
            f"InvalidParameter: Invalid parameter: Delivery protocol [{protocol}] does not support raw message "
            "delivery.",
        )


CONFLICTS: Final = (
    Conflict(
        name="json-in-text",
        types=frozenset(_PLACES),
        says="What is JSON is JSON, and names what its service needs.",
        source="SQS API SetQueueAttributes: RedrivePolicy; ECR user guide, Lifecycle policy properties; "
        "hashicorp/terraform-provider-aws: validation.StringIsJSON",
        find=_texts,
    ),
    Conflict(
        name="raw-messages",
        types=frozenset({"aws:sns/topicSubscription:TopicSubscription"}),
        says="Messages go as they are to queues, web servers and streams alone.",
        source="SNS API SetSubscriptionAttributes: RawMessageDelivery; error InvalidParameter",
        find=_raw,
    ),
)
