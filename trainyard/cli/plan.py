"""`trainyard plan`: what a stack may take, in order, with what it costs and leaves; no engine, no cloud."""

import json
from pathlib import Path
from typing import Annotated

import typer

Stack = Annotated[str, typer.Argument(help="The stack's name, as in stacks/Pulumi.<name>.yaml.")]
Json = Annotated[bool, typer.Option("--json", help="The same as JSON, all candidates.")]
Write = Annotated[bool, typer.Option("--write", help="Write stacks/<stack>.plan.yaml, for review.")]
Every = Annotated[bool, typer.Option("--all", help="Show all candidates.")]


def plan(stack: Stack = "sandbox", *, as_json: Json = False, write: Write = False, every: Every = False) -> None:
    """Candidates in order with price, shape, ends and room; exit code 1 when they do not fit, 2 for bad input."""
    from stacks.environment import FOLDER  # Pulumi takes half a second, and most commands need none of it
    from trainyard.choice.plan import as_json as plain
    from trainyard.choice.plan import written
    from trainyard.choice.plan.words import lines
    from trainyard.cli.planned import NoPlanError, planned
    from trainyard.cli.reviewed import told
    from trainyard.settings.candidates import accepted

    try:
        settings, made = planned(stack)
        path = written.path_of(Path(FOLDER), stack)
        before = None if write else written.read(path)
    except (NoPlanError, written.PlanFileError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    found = accepted(settings)
    if as_json:
        file = {"file": str(path), "changes": list(written.changes(before, found))} if before else None
        typer.echo(json.dumps({**plain.as_json(made), "written": file}, indent=2))
    else:
        for line in lines(made, every=every):
            typer.echo(line)
        for line in told(path, before, found) if before else ():
            typer.echo(line)
    if write:
        expiry = made.expiry
        words = written.terms(expiry.ttl, expiry.extend_to, made.cap.cap_usd)
        path.write_text(written.text_of(stack, made.at, words, found), encoding="utf-8")
        typer.echo(f"review  {path} written; commit it beside the stack's file.", err=as_json)
    if made.misfits:
        raise typer.Exit(1)
