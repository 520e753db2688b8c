"""The `trainyard` command: thin, one module a sub-command."""

from typing import Annotated

import typer

from trainyard.cli import sandbox
from trainyard.cli.advise import advise
from trainyard.cli.check import check
from trainyard.cli.doctor import doctor
from trainyard.cli.offers import main as offers_main
from trainyard.cli.plan import plan
from trainyard.cli.preflight import preflight
from trainyard.cli.schema import schema
from trainyard.cli.show import show
from trainyard.cli.up import up

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(sandbox.app, name="sandbox")
app.command()(check)
app.command()(advise)
app.command()(plan)
app.command()(preflight)
app.command()(up)
app.command()(show)
app.command()(doctor)
app.command()(schema)


@app.callback()
def trainyard() -> None:
    """AI-training compute as reviewed code: chosen, priced, built and ended on time."""


@app.command("offers", context_settings={"ignore_unknown_options": True, "help_option_names": []})
def offers(arguments: Annotated[list[str] | None, typer.Argument(metavar="…")] = None) -> None:
    """All offers that fit, over all clouds, cheapest first, with price, date and source."""
    raise typer.Exit(offers_main(arguments or []))
