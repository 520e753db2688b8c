"""`trainyard preflight`: quotas, APIs and features of a stack's accounts, read before anything is made."""

import json
import logging
import warnings
from typing import Annotated

import typer

Stack = Annotated[str, typer.Argument(help="The stack's name, as in stacks/Pulumi.<name>.yaml.")]
Json = Annotated[bool, typer.Option("--json", help="The same as JSON.")]


def preflight(stack: Stack = "sandbox", *, as_json: Json = False) -> None:
    """What the clouds would refuse, with the request that would help; exit code 1 then, 2 for bad input."""
    from trainyard.choice.preflight import words  # Pulumi takes half a second, and most commands need none of it
    from trainyard.choice.preflight.finding import Level
    from trainyard.cli.planned import NoPlanError, preflighted

    warnings.filterwarnings("ignore", category=FutureWarning, module="google")  # about old Pythons
    logging.getLogger("azure").setLevel(logging.CRITICAL)  # what it logs is told in one line, as a finding
    try:
        findings = preflighted(stack)
    except NoPlanError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps(words.as_json(stack, findings), indent=2))
    else:
        for line in words.lines(findings):
            typer.echo(line)
    if any(each.level is Level.REFUSED for each in findings):
        raise typer.Exit(1)
