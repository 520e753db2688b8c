"""Amazon: whether the service that a role is given to may take it, as the role's trust policy says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from trainyard.sandbox.provider.order import Order, Refused
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

if TYPE_CHECKING:
    from trainyard.sandbox.references.pointing import Pointer

_SAGEMAKER: Final = (
    "ValidationException: Could not assume role {arn}. Please ensure that the role exists and allows principal "
    "'sagemaker.amazonaws.com' to assume the role."
)
# By type and property: the service, and its answer (each service's API reference, Errors).
_TAKERS: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("aws:lambda/function:Function", "role"): (
        "lambda",
        "InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda.",
    ),
    ("aws:eks/cluster:Cluster", "roleArn"): (
        "eks",
        "InvalidParameterException: Role with arn: {arn}, could not be assumed because it does not exist or the "
        "trusted entity is not correct",
    ),
    ("aws:eks/nodeGroup:NodeGroup", "nodeRoleArn"): (
        "ec2",
        "InvalidParameterException: Following required service principals [ec2.amazonaws.com] were not found in the "
        "trust relationships of nodeRole {arn}",
    ),
    ("aws:scheduler/schedule:Schedule", "target.roleArn"): (
        "scheduler",
        "ValidationException: The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
    ),
    ("aws:sfn/stateMachine:StateMachine", "roleArn"): (
        "states",
        "AccessDeniedException: Neither the global service principal states.amazonaws.com, nor the regional one is "
        "authorized to assume the provided role.",
    ),
    ("aws:sagemaker/notebookInstance:NotebookInstance", "roleArn"): ("sagemaker", _SAGEMAKER),
    ("aws:sagemaker/model:Model", "executionRoleArn"): ("sagemaker", _SAGEMAKER),
    ("aws:sagemaker/trainingJob:TrainingJob", "roleArn"): ("sagemaker", _SAGEMAKER),
}


def check_takers(order: Order, pointers: Sequence[Pointer]) -> None:
    """Refused when a role's trust policy names other services alone."""
    for pointer in pointers:
        service, text = _TAKERS.get((order.type.token, pointer.path), ("", ""))
        role = order.store.get(pointer.to.type, pointer.to.id) if service and pointer.to is not None else None
        if role is None or (order.before is not None and order.before.inputs.get(pointer.path) == pointer.given):
            continue
        named = _services(role)
        if named and not any(one.split(".")[0] == service for one in named):
            who = ", ".join(sorted(named))
            msg = f"{text.format(arn=pointer.given)}; the role trusts {who}, not {service}.amazonaws.com"
            raise Refused(msg)


def _services(role: Thing) -> set[str]:
    """The services that may take the role; none where others may as well, or nobody can say."""
    try:
        told = reveal(role.inputs.get("assumeRolePolicy"))
        document = json.loads(told) if isinstance(told, str) else told
        statements = document["Statement"]
    except (ValueError, TypeError, KeyError):
        return set()
    found: set[str] = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        who: Any = statement.get("Principal") if isinstance(statement, Mapping) else None
        if not isinstance(who, Mapping):
            return set()
        services = who.get("Service", [])
        found |= set(services if isinstance(services, list) else [services])
    return found
