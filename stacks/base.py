"""The base layer: what lives long, made here or existing by id; compute stacks get ids from its outputs."""

from __future__ import annotations

from stacks.environment import Environment


def base(environment: Environment) -> dict[str, object]:
    """Register the base's resources; its outputs are ids only, for a state keeps what it reads from another."""
    settings = environment.settings
    outputs: dict[str, object] = {"origin": environment.origin.value}
    if settings.base is not None and settings.base.gcp is not None:
        from stacks.lowering import gcp

        outputs["gcp"] = gcp.base(environment, settings.base.gcp)
    return outputs
