"""Ends one hourly thing of a lease through its cloud's API; what is data is no `Billable`, and cannot be given."""

from __future__ import annotations

from trainyard.clouds.scope import NotEndedError
from trainyard.facts.billable import Billable
from trainyard.facts.origin import Sandbox

__all__ = ["NotEndedError", "end"]


def end(thing: Billable, sandbox: Sandbox | None) -> None:
    """Begin to end it: the cloud's list tells when it is gone. Gone already is success; NotEndedError otherwise."""
    match thing.cloud:
        case "gcp":
            from trainyard.clouds.gcp.ending import end as ended
        case "aws":
            from trainyard.clouds.aws.ending import end as ended
        case "azure":
            from trainyard.clouds.azure.ending import end as ended
        case other:
            raise NotEndedError(thing, f"{other} is not built")
    ended(thing, sandbox)
