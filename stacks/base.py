"""The base layer: what lives long, made here or existing by id; compute stacks get ids from its outputs."""

from __future__ import annotations

from stacks.environment import Environment


def base(environment: Environment) -> dict[str, object]:
    """Register the base's resources; its outputs are ids only, for a state keeps what it reads from another."""
    settings = environment.settings
    outputs: dict[str, object] = {"origin": environment.origin.value}
    held = settings.base
    if held is None:
        return outputs
    if held.gcp is not None:
        from stacks.lowering import gcp

        outputs["gcp"] = gcp.base(environment, held.gcp)
    if held.aws is not None:
        from stacks.lowering import aws

        outputs["aws"] = aws.base(environment, held.aws)
    if held.azure is not None:
        from stacks.lowering import azure

        outputs["azure"] = azure.base(environment, held.azure)
    return outputs
