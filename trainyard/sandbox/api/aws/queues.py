"""SQS: where a queue is, and what lies in it; nobody sends or deletes here but the simulated cloud itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from trainyard.sandbox import dead_letters
from trainyard.sandbox.api.aws.call import AwsCall
from trainyard.sandbox.api.aws.error import AwsError
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

_HIDDEN_SECONDS: Final = 30  # SQS API, VisibilityTimeout of a queue that gives none


def _url(call: AwsCall) -> dict[str, Any]:
    return {"QueueUrl": _find(call, lambda queue: queue.name == call.values["QueueName"]).id}


def _told(call: AwsCall) -> dict[str, Any]:
    queue = _find(call, lambda queue: queue.id == call.values["QueueUrl"])
    there, now = dead_letters.letters(call.store, queue), call.store.now()
    seen = sum(each.hidden_until <= now for each in there)
    told = {
        "QueueArn": str(reveal(queue.outputs.get("arn"))),
        "ApproximateNumberOfMessages": str(seen),
        "ApproximateNumberOfMessagesNotVisible": str(len(there) - seen),
    }
    asked = set(call.values.get("AttributeNames", ()))
    if unknown := asked - {"All", *told}:
        raise AwsError(
            400, "InvalidAttributeName", f"the sandbox does not tell {', '.join(sorted(unknown))} of a queue"
        )
    shown = {name: value for name, value in told.items() if "All" in asked or name in asked}
    return {"Attributes": shown} if shown else {}


def _receive(call: AwsCall) -> dict[str, Any]:
    queue = _find(call, lambda queue: queue.id == call.values["QueueUrl"])
    most = int(call.values.get("MaxNumberOfMessages", 1))
    if not 1 <= most <= 10:
        text = (
            f"Value {most} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."
        )
        raise AwsError(400, "InvalidParameterValue", text)
    hide = float(call.values.get("VisibilityTimeout", _HIDDEN_SECONDS))
    found = dead_letters.read(call.store, queue, most=most, hide_seconds=hide)
    asked = set(call.values.get("MessageAttributeNames", ()))
    messages = [
        {
            "MessageId": each.id,
            "ReceiptHandle": each.id,
            "Body": each.body,
            **_attributes(each.attributes, asked),
        }
        for each in found
    ]
    return {"Messages": messages} if messages else {}


def _attributes(told: Mapping[str, str], asked: set[str]) -> dict[str, Any]:
    """Only those that were asked for are told."""
    shown = {name: text for name, text in told.items() if "All" in asked or ".*" in asked or name in asked}
    values = {name: {"DataType": "String", "StringValue": text} for name, text in shown.items()}
    return {"MessageAttributes": values} if values else {}


def _find(call: AwsCall, is_it: Callable[[Thing], bool]) -> Thing:
    queues = call.store.list(type=dead_letters.QUEUE, place=call.region)
    found = next((one for one in queues if one.created <= call.newest and is_it(one)), None)
    if found is None:
        raise AwsError(400, "QueueDoesNotExist", "The specified queue does not exist.")
    return found


CALLS: Final[Mapping[str, Callable[[AwsCall], Mapping[str, Any]]]] = {
    "GetQueueAttributes": _told,
    "GetQueueUrl": _url,
    "ReceiveMessage": _receive,
}
