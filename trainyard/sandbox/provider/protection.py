"""What a cloud does not let a provider delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainyard.sandbox.provider.order import Refused
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal


def may_delete(thing: Thing, inputs: Mapping[str, Any]) -> bool:
    """False when it is to be left in the cloud (ABANDON); Refused when it is protected."""
    given = reveal(dict(inputs))
    policy = given.get("deletionPolicy")
    if policy == "PREVENT":
        msg = f'cannot destroy {thing.name} without setting deletionPolicy to "DELETE" and running `pulumi up`'
        raise Refused(msg)
    if given.get("deletionProtection") is True:
        if thing.package == "gcp":
            msg = (
                f"Cannot delete {thing.id}: Deletion Protection is enabled. Set deletionProtection to false for this "
                "resource and run `pulumi up` before attempting to delete it."
            )
        else:
            msg = f"OperationNotPermitted: {thing.id} may not be deleted while its deletion protection is on"
        raise Refused(msg)
    if given.get("disableApiTermination") is True:
        msg = (
            f"OperationNotPermitted: The instance '{thing.id}' may not be terminated. Modify its "
            "'disableApiTermination' instance attribute and try again."
        )
        raise Refused(msg)
    return bool(policy != "ABANDON")
