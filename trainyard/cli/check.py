"""`trainyard check`: a stack's files, places, prices and cap, before any engine starts."""

from pathlib import Path
from typing import Annotated

import typer
import yaml

from stacks.environment import FOLDER, Environment, read_environment
from stacks.placement import check_cap, place
from stacks.standing import refusal, stand
from trainyard.facts.accelerator import AcceleratorError
from trainyard.facts.origin import RehearsalError
from trainyard.facts.selection import SelectionError
from trainyard.lease.errors import LeaseError
from trainyard.settings.problem import SettingsError

Stack = Annotated[str, typer.Argument(help="The stack's name, as in stacks/Pulumi.<name>.yaml.")]


def check(stack: Stack = "sandbox") -> None:
    """What `pulumi up` would refuse for its settings, price or lease, said without the engine; exit code 1 then."""
    try:
        environment = read_environment(_project(), stack, Path(FOLDER))
        refused = _refused(environment)
    except (SettingsError, RehearsalError, SelectionError, AcceleratorError, LeaseError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if refused is not None:
        typer.echo(refused, err=True)
        raise typer.Exit(1)


def _refused(environment: Environment) -> str | None:
    settings = environment.settings
    if settings.lease is None:
        return None
    standing = stand(environment.store, environment.lease_id, settings.lease, environment.now)
    placements = place(settings, standing.record.terms.workloads if standing.record else {})
    check_cap(settings, placements, standing.expiry.ttl)
    for each in placements:
        typer.echo(f"{each.workload}: {each.reason}")
    return refusal(environment.stack, standing, environment.now)


def _project() -> str:
    try:
        data = yaml.safe_load(Path("Pulumi.yaml").read_text(encoding="utf-8"))
        return str(data["name"])
    except (OSError, KeyError, TypeError, yaml.YAMLError):
        typer.echo("no Pulumi.yaml with a name in this folder; run in the project's folder.", err=True)
        raise typer.Exit(1) from None
