"""`trainyard sandbox bill` and `feed`: what the simulated clouds charge, and their own messages about it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from trainyard.cli.sandbox_parts import FolderOption, console, errors, fail, folder_at, store_of
from trainyard.sandbox.clock import parse_step
from trainyard.sandbox.folder import SandboxError

if TYPE_CHECKING:
    from trainyard.sandbox.money.bill import Bill, Line

_SHORT = {"gcp": "gcp", "aws": "aws", "azure": "azure-native"}


def bill(
    folder: FolderOption = None,
    by: Annotated[str, typer.Option("--by", help="Sums by lease, owner, cost-center, cloud or project.")] = "lease",
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of tables.")] = False,
) -> None:
    """What everything on the simulated clouds has cost until now, gone things too."""
    from trainyard.sandbox.money.bill import GROUPS
    from trainyard.sandbox.money.bill import as_json as plain  # the store and the offers, which others do without
    from trainyard.sandbox.money.bill import bill as bill_of

    if by not in GROUPS:
        fail(f"--by {by} is not known; give one of {', '.join(GROUPS)}", 2)
    with errors(), store_of(folder_at(folder)) as store:
        whole = bill_of(store) if store is not None else None
    if as_json:
        typer.echo(json.dumps(plain(whole) if whole else {"usd": "0.00", "whole": True, "lines": []}, indent=2))
    elif whole is None or not whole.lines:
        typer.echo("Nothing has billed on the sandbox.")
    else:
        _print(whole, by)


def feed(
    cloud: Annotated[str, typer.Argument(help="gcp, aws or azure.")],
    folder: FolderOption = None,
    late: Annotated[str, typer.Option(help="How old what they tell is, for example 49h.")] = "0s",
    doubled: Annotated[bool, typer.Option("--doubled", help="Every third message comes twice.")] = False,
    disordered: Annotated[bool, typer.Option("--disordered", help="Later ones overtake earlier ones.")] = False,
    seed: Annotated[int, typer.Option(help="Another seed, another disorder.")] = 0,
) -> None:
    """The cloud's own messages about its budgets, a line of JSON each, as they were delivered until now."""
    from trainyard.sandbox.money import feeds

    if cloud not in _SHORT:
        fail(f"{cloud} has no billing feed; give one of {', '.join(_SHORT)}", 2)
    with errors(), store_of(folder_at(folder)) as store:
        weather = feeds.Weather(late=_span(late), doubled=doubled, disordered=disordered, seed=seed)
        for message in feeds.messages(store, _SHORT[cloud], weather) if store is not None else ():
            typer.echo(json.dumps({"delivered": message.delivered.isoformat(), "message": message.body}))


def _span(given: str) -> timedelta:
    try:
        return timedelta(seconds=parse_step(f"+{given}"))
    except SandboxError as error:
        message = f"--late {given} is no span of time; give for example 49h, 90m or 2d"
        raise SandboxError(message) from error


def _print(whole: Bill, by: str) -> None:
    table = Table("thing", "name", "place", "since", "hours", "price", "USD", box=None, pad_edge=False)
    for column in (4, 6):
        table.columns[column].justify = "right"
    for line in whole.lines:
        table.add_row(*_cells(line))
    console().print(table)
    sums = Table(by, "USD until now", "USD/h now", box=None, pad_edge=False)
    for name, part in whole.by(by).items():
        sums.add_row(name or "-", _at_least(part), f"{part.usd_hour_now}")
    sums.add_row("sum", _at_least(whole), f"{whole.usd_hour_now}")
    console().print()
    console().print(sums)
    if whole.unpriced:
        kinds = sorted({f"{line.what.kind} {line.what.shape}".strip() for line in whole.unpriced})
        console().print(f"Not in the sums, for the catalogue has no price: {', '.join(kinds)}", highlight=False)


def _cells(line: Line) -> tuple[str, ...]:
    from trainyard.facts.price import text

    shape = f"{line.what.kind} {line.what.shape}".strip()
    count = f"{line.what.count} × " if line.what.count > 1 else ""
    capacity = "" if line.what.capacity == "on-demand" else f" {line.what.capacity}"
    going = "" if line.running else f" to {line.until:%m-%d %H:%M}"
    cost = str(line.usd) if line.whole else f"≥ {line.usd}" if line.usd else "?"
    since = f"{line.since:%m-%d %H:%M}{going}"
    return f"{count}{shape}{capacity}", line.name, line.place, since, f"{line.hours:.2f}", text(line.price), cost


def _at_least(part: Bill) -> str:
    return f"at least {part.usd}" if part.unpriced else str(part.usd)
