"""`trainyard doctor`: what keeps a stack from working here, each with its remedy."""

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from trainyard.cli.failed_ends import failed_ends
from trainyard.cli.outside_state import outside_state

_TPU_NODE = "gcp:tpu/v2Vm:V2Vm"
Stack = Annotated[str, typer.Argument(help="The stack's name, as in stacks/Pulumi.<name>.yaml.")]


def doctor(stack: Stack = "sandbox") -> None:
    """Look at the CLI, the sandbox, a stack's state, its lease's record and what bills; exit code 1 with remedies."""
    problems = list(_problems(stack))
    for problem in problems:
        typer.echo(f"✗ {problem}")
    if problems:
        raise typer.Exit(1)
    typer.echo(f'✓ nothing is wrong with stack "{stack}" here.')


def _problems(stack: str) -> Iterator[str]:
    from stacks.checking import CheckError, check_stack  # Pulumi takes half a second, and most commands need none of it
    from trainyard.facts.origin import RehearsalError, rehearsal

    try:
        rehearsal(os.environ)
    except RehearsalError as error:
        yield str(error)
        return
    yield from _state_problems(stack)
    try:
        list(check_stack(stack))
    except CheckError as error:
        yield str(error)


def _state_problems(stack: str) -> Iterator[str]:
    try:
        command = ["pulumi", "stack", "export", "--stack", stack]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        yield 'there is no Pulumi CLI on PATH; run "make setup" and "trainyard sandbox exec -- …", or install it.'
        return
    if result.returncode != 0:
        yield f"the state cannot be read: {result.stderr.strip()}"
        return
    deployment: dict[str, Any] = json.loads(result.stdout).get("deployment") or {}
    if lost := first_lost_parent(deployment.get("resources") or []):
        yield (
            f"the state names {lost} as a parent, and it is not in it (an update left it out): every command refuses "
            f'such a state; run "pulumi state repair --stack {stack}".'
        )
    for pending in deployment.get("pending_operations") or []:
        urn = pending.get("resource", {}).get("urn", "a resource")
        yield (
            f"an earlier run was killed while {pending.get('type', 'working on')} {urn}: the cloud may have it or not; "
            f'"pulumi refresh --stack {stack}" asks, and "trainyard sandbox ls" or the cloud\'s own list shows it.'
        )
    yield from preempted(deployment.get("resources") or [], stack)
    yield from outside_state(stack, deployment.get("resources") or [])
    yield from failed_ends(stack)


def preempted(resources: list[dict[str, Any]], stack: str) -> Iterator[str]:
    """A line for each node that the cloud took back and that stays: no `up` sees a difference in it."""
    for resource in resources:
        outputs = resource.get("outputs") or {}
        if resource.get("type") == _TPU_NODE and outputs.get("state") in ("PREEMPTED", "TERMINATED"):
            yield (
                f"the TPU node {outputs.get('name')} is {outputs['state']}: it never starts again, and stays until it "
                f"is deleted. Make it anew: \"pulumi up --stack {stack} --replace '{resource['urn']}'\"."
            )


def first_lost_parent(resources: list[dict[str, Any]]) -> str | None:
    """The first parent that does not stand before its child in a state's resources; the engine takes no such state."""
    seen: set[str] = set()
    for resource in resources:
        parent = resource.get("parent")
        if parent and parent not in seen:
            return str(parent)
        seen.add(str(resource["urn"]))
    return None
