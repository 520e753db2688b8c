"""Hard ends that Amazon could not make: what lies in the dead-letter queue of a lease's schedules, in one region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore import exceptions

from trainyard.clouds.aws.asking import Asking
from trainyard.clouds.scope import ScopeUnreadable
from trainyard.facts.origin import Sandbox

_NO_QUEUE = ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue")
_GONE = ("does not exist", "not found")
_COUNT = "ApproximateNumberOfMessages"
_PAGE = 10  # SQS API, MaxNumberOfMessages
_LOOKS = 3  # one look may leave messages out


@dataclass(frozen=True, kw_only=True)
class FailedEnd:
    """One call of a schedule that failed, and is not made again."""

    schedule: str  # the schedule's name, which is its machine's or group's
    at: str  # RFC 3339, UTC
    code: str  # "AccessDenied"
    text: str  # Amazon's own

    @property
    def was_gone(self) -> bool:
        """Whether there was nothing to end: a spot machine that was taken back, one that a person ended."""
        return any(word in self.text.lower() for word in _GONE)


@dataclass(frozen=True, kw_only=True)
class FailedEnds:
    """Those that were read, and how many more lie in the queue, as far as SQS counts."""

    read: tuple[FailedEnd, ...] = ()
    more: int = 0


def failed_ends(scope: str, lease_id: str, sandbox: Sandbox | None) -> FailedEnds:
    """Those of "aws:<account>/<region>"; ScopeUnreadable when it gave no answer.

    They are not hidden from the next reader, who would take an empty queue for a good one: so SQS may tell the same
    ones again, and the rest are counted only.
    """
    asking = Asking(scope, scope.rpartition("/")[2], sandbox)
    try:
        url = asking.one("sqs", "get_queue_url", QueueName=f"{lease_id}-end")["QueueUrl"]
    except ScopeUnreadable as error:
        if _is_no_queue(error.__cause__):
            return FailedEnds()
        raise
    found: dict[str, Mapping[str, Any]] = {}
    wanted = {"MaxNumberOfMessages": _PAGE, "VisibilityTimeout": 0, "MessageAttributeNames": ["All"]}
    for _ in range(_LOOKS):
        # A wait asks all of the queue's servers, where none asks a few.
        told = asking.one("sqs", "receive_message", QueueUrl=url, WaitTimeSeconds=1, **wanted)
        found |= {each["MessageId"]: each.get("MessageAttributes", {}) for each in told.get("Messages", ())}
    told = asking.one("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=[_COUNT])
    count = int(told.get("Attributes", {}).get(_COUNT, 0))
    return FailedEnds(read=tuple(_failed(each) for each in found.values()), more=max(count - len(found), 0))


def _failed(attributes: Mapping[str, Any]) -> FailedEnd:
    said = {name: str(value.get("StringValue", "")) for name, value in attributes.items()}
    return FailedEnd(
        schedule=said.get("SCHEDULE_ARN", "").rpartition("/")[2],
        at=said.get("SCHEDULED_TIME", ""),
        code=said.get("ERROR_CODE", ""),
        text=said.get("ERROR_MESSAGE", ""),
    )


def _is_no_queue(error: BaseException | None) -> bool:
    return isinstance(error, exceptions.ClientError) and error.response.get("Error", {}).get("Code") in _NO_QUEUE
