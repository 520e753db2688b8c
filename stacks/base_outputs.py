"""What a compute stack reads of its environment's base stack: its outputs by cloud, plain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from stacks.environment import Environment


async def base_outputs(environment: Environment, *, required: bool) -> Mapping[str, Any] | None:
    """By cloud, what its base gives; None where no base is up and none is `required`; RunError where one is."""
    full = f"{pulumi.get_organization()}/{environment.project}/{environment.settings.environment.base}"
    try:
        read = await pulumi.runtime.invoke_async("pulumi:pulumi:readStackOutputs", {"name": full})
    except Exception as error:  # the SDK raises bare ones for a refused invoke
        if not required:
            return None
        raise pulumi.RunError(not_up(environment, str(error))) from None
    outputs: Mapping[str, Any] = read["outputs"]
    return outputs


def of_cloud(environment: Environment, outputs: Mapping[str, Any], cloud: str) -> Mapping[str, Any]:
    """One cloud's; RunError where the base that is up has nothing there."""
    found: Mapping[str, Any] | None = outputs.get(cloud)
    if found is None:
        raise pulumi.RunError(not_up(environment, f"it has no output {cloud}"))
    return found


def not_up(environment: Environment, reason: str) -> str:
    """The sentence about a base that gives no network."""
    name = environment.settings.environment.base
    return (
        f'the base stack "{name}" of environment "{environment.settings.stack.environment}" gives no network '
        f'({reason}); bring it up first: "pulumi up --stack {name}".'
    )


def unknown() -> pulumi.Output[str]:
    """What a preview without a base stack works with."""
    return pulumi.Output.from_input(pulumi.UNKNOWN)  # type: ignore[arg-type]
