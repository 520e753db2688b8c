"""Ends one thing on AWS: machine, group with its machines, training job; a volume that its machine left."""

from __future__ import annotations

from typing import Any

from botocore import exceptions

from trainyard.clouds.aws.client import Clients
from trainyard.clouds.scope import NotEndedError
from trainyard.facts.billable import Billable
from trainyard.facts.origin import Sandbox

_CALLS = {
    "machine": ("ec2", "terminate_instances", "InstanceIds"),
    "volume": ("ec2", "delete_volume", "VolumeId"),
    "group": ("autoscaling", "delete_auto_scaling_group", "AutoScalingGroupName"),
    "training job": ("sagemaker", "stop_training_job", "TrainingJobName"),
}
_GONE = ("NotFound", "not found")


def end(thing: Billable, sandbox: Sandbox | None) -> None:
    """Begin to end it; NotEndedError with Amazon's words, or where the login is another account's."""
    if thing.kind not in _CALLS:
        raise NotEndedError(thing, f"a {thing.kind} is not ended by itself")
    service, operation, argument = _CALLS[thing.kind]
    account, _, region = thing.scope.removeprefix("aws:").partition("/")
    values: dict[str, Any] = {argument: [thing.name] if argument.endswith("Ids") else thing.name}
    if thing.kind == "group":
        values["ForceDelete"] = True
    try:
        clients = Clients(region, sandbox)
        found = str(clients["sts"].get_caller_identity().get("Account", ""))
        if found != account:
            raise NotEndedError(thing, f"the login is of account {found or 'unknown'}")
        getattr(clients[service], operation)(**values)
    except exceptions.ClientError as error:
        if not any(word in str(error) for word in _GONE):
            raise NotEndedError(thing, str(error)) from error
    except (exceptions.BotoCoreError, exceptions.HTTPClientError, OSError) as error:
        raise NotEndedError(thing, str(error) or type(error).__name__) from error
