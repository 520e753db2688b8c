"""Amazon: whether the service that encrypts with a key of KMS may use it, as the key's own policy says.

A key's usual policy leaves it to IAM, which no service of Amazon's and no role of its own making is in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from trainyard.sandbox.provider.aws import region_of
from trainyard.sandbox.provider.order import Order, Refused
from trainyard.sandbox.references import finding
from trainyard.sandbox.store import Store, Thing
from trainyard.servicer.values import reveal

if TYPE_CHECKING:
    from trainyard.sandbox.references.pointing import Pointer

_KEY: Final = "aws:kms/key:Key"
_POLICY: Final = "aws:kms/keyPolicy:KeyPolicy"
_TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
_SCALING: Final = ":role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"


def check_key_policies(order: Order, pointers: Sequence[Pointer]) -> None:
    """Refused when a key that the sandbox holds is not for whom it is needed."""
    if order.before is not None:
        return
    match order.type.token:
        case "aws:cloudwatch/logGroup:LogGroup":
            _logs(order, pointers)
        case "aws:autoscaling/group:Group":
            _group(order, pointers)


def _logs(order: Order, pointers: Sequence[Pointer]) -> None:
    """docs.aws.amazon.com/AmazonCloudWatch, "Encrypt log data in CloudWatch Logs", step 2: the key's policy."""
    service = f"logs.{region_of(order)}.amazonaws.com"
    for pointer in pointers:
        key = order.store.get(_KEY, pointer.to.id) if pointer.to is not None and pointer.to.type == _KEY else None
        if key is not None and not any(service in one or "*" in one for one in _allowed(order.store, key, "Service")):
            text = (
                "AccessDeniedException: The specified KMS Key Id could not be found or is not allowed to be used: "
                f"{pointer.given}; its policy does not allow {service}"
            )
            raise Refused(text)


def _group(order: Order, pointers: Sequence[Pointer]) -> None:
    """EC2 Auto Scaling user guide, "Required AWS KMS key policy for use with encrypted volumes"."""
    for pointer in pointers:
        there = pointer.to is not None and pointer.to.type == _TEMPLATE
        template = order.store.get(_TEMPLATE, pointer.to.id) if there and pointer.to is not None else None
        given = finding.values_at(template.inputs if template else {}, ("blockDeviceMappings", "[]", "ebs", "kmsKeyId"))
        for _, arn in given:
            key = order.store.get(_KEY, arn.rpartition("/")[2])
            if key is None:
                continue
            who = [*_allowed(order.store, key, "AWS")]
            if not any("*" in one or any(_SCALING in name for name in one) for one in who):
                text = (
                    "Client.InvalidKMSKey.InvalidState: The KMS key provided is in an incorrect state, and the group "
                    f"starts no machine; the policy of {arn} does not allow AWSServiceRoleForAutoScaling"
                )
                raise Refused(text)


def _allowed(store: Store, key: Thing, kind: str) -> Iterator[set[str]]:
    """Of each statement of the key's policies that allows something, its principals of a kind."""
    more = [one for one in store.list(type=_POLICY) if reveal(one.inputs.get("keyId")) in (key.id, _arn(key))]
    for told in (reveal(key.inputs.get("policy")), *(reveal(one.inputs.get("policy")) for one in more)):
        try:
            document = json.loads(told) if isinstance(told, str) else {}
        except ValueError:
            continue
        statements = document.get("Statement", []) if isinstance(document, Mapping) else []
        for statement in statements if isinstance(statements, list) else [statements]:
            if isinstance(statement, Mapping) and statement.get("Effect") == "Allow":
                yield _principals(statement.get("Principal"), kind)


def _principals(told: Any, kind: str) -> set[str]:
    if told == "*":
        return {"*"}
    named = told.get(kind, []) if isinstance(told, Mapping) else []
    return set(named if isinstance(named, list) else [named])


def _arn(key: Thing) -> Any:
    return reveal(key.outputs.get("arn"))
