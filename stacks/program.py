"""The program: one stack's file in, its base or its lease and workloads out; every error ends before a resource."""

from __future__ import annotations

import gc
from pathlib import Path

import pulumi

from stacks.environment import FOLDER, TOLD, read_environment
from trainyard.settings.agreement import check_config


async def program() -> dict[str, object]:
    """What `pulumi.run` runs; the outputs of the stack."""
    gc.disable()  # a cloud's SDK is 600,000 objects that live to the end: looking through them costs half a second
    try:
        return await _stack()
    except TOLD as error:
        raise pulumi.RunError(str(error)) from None


async def _stack() -> dict[str, object]:
    environment = read_environment(pulumi.get_project(), pulumi.get_stack(), Path(FOLDER))
    check_config(environment.settings, pulumi.Config("trainyard").get_object("settings"))
    if environment.settings.stack.layer == "base":
        from stacks.base import base  # a compute stack pays for no component of the base

        return base(environment)
    from stacks.compute import compute

    return await compute(environment)
