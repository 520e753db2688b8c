"""`trainyard check`: a stack's files, places, prices and cap, before any engine starts."""

from typing import Annotated

import typer

Stack = Annotated[str, typer.Argument(help="The stack's name, as in stacks/Pulumi.<name>.yaml.")]


def check(stack: Stack = "sandbox") -> None:
    """What `pulumi up` would refuse for its settings, price or lease, said without the engine; exit code 1 then."""
    from stacks.checking import CheckError, check_stack  # Pulumi takes half a second, and most commands need none of it
    from trainyard.choice.plan.written import PlanFileError
    from trainyard.cli.reviewed import since_review

    try:
        for line in check_stack(stack):
            typer.echo(line)
        for line in since_review(stack):
            typer.echo(line)
    except (CheckError, PlanFileError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
