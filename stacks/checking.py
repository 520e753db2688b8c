"""A stack checked without the engine: what `pulumi up` would refuse before its first resource."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from stacks.environment import FOLDER, TOLD, read_environment
from stacks.few_ends import few_ends
from stacks.placement import placed
from stacks.standing import refusal, stand


class CheckError(Exception):
    """The stack would be refused; the text says why and what to do."""


def check_stack(stack: str) -> Iterator[str]:
    """A line for each workload's choice; CheckError where `up` would be refused. Run in the project's folder."""
    try:
        environment = read_environment(project_name(), stack, Path(FOLDER))
        settings = environment.settings
        if settings.lease is None:
            return
        standing = stand(environment.store, environment.lease_id, settings.lease, environment.now)
        placements = placed(settings, standing)
    except TOLD as error:
        raise CheckError(str(error)) from error
    yield from few_ends(settings.workloads, placements)
    for each in placements:
        yield f"{each.workload}: {each.reason}"
    if refused := refusal(stack, standing, environment.now):
        raise CheckError(refused)


def project_name() -> str:
    """Of the Pulumi project in this folder; CheckError where there is none."""
    try:
        data = yaml.safe_load(Path("Pulumi.yaml").read_text(encoding="utf-8"))
        return str(data["name"])
    except (OSError, KeyError, TypeError, yaml.YAMLError) as error:
        message = "no Pulumi.yaml with a name in this folder; run in the project's folder."
        raise CheckError(message) from error
