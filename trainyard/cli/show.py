"""`trainyard show`: what a stack has running, what it costs until it is gone, and how to end it."""

import json
import subprocess
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

Stack = Annotated[str, typer.Argument(help="The stack's name, as in stacks/Pulumi.<name>.yaml.")]
Json = Annotated[bool, typer.Option("--json", help="The same as JSON.")]


def show(stack: Stack = "sandbox", *, as_json: Json = False) -> None:
    """Offer, price, cap, ends and login command of a compute stack that is up."""
    outputs = _outputs(stack)
    if as_json:
        typer.echo(json.dumps(outputs, indent=2))
        return
    if "lease" not in outputs:
        typer.echo(
            f'stack "{stack}" has no lease to show: it is not up, or not a compute stack; '
            f'bring it up with "pulumi up --stack {stack}".',
            err=True,
        )
        raise typer.Exit(1)
    console = Console(soft_wrap=True)
    console.print(_title(stack, outputs), highlight=False)
    console.print(_table(outputs))
    for line in _lines(outputs):
        console.print(line, highlight=False)


def _outputs(stack: str) -> dict[str, Any]:
    command = ["pulumi", "stack", "output", "--json", "--stack", stack]
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        typer.echo('the Pulumi CLI is not on PATH; run "make setup", then "trainyard sandbox exec -- …".', err=True)
        raise typer.Exit(1) from None
    if result.returncode != 0:
        typer.echo(result.stderr.strip(), err=True)
        raise typer.Exit(result.returncode)
    outputs: dict[str, Any] = json.loads(result.stdout)
    return outputs


def _title(stack: str, outputs: dict[str, Any]) -> str:
    lease = outputs["lease"]
    place = "sandbox: simulated clouds, nothing bills" if lease["origin"] == "sandbox" else "real clouds"
    return f"[bold]{stack}[/bold]  ({place})  lease {lease['id']}"


def _table(outputs: dict[str, Any]) -> Table:
    table = Table()
    for column in ("workload", "offer", "price per hour", "to the soft end", "to the hard end"):
        table.add_column(column, justify="right" if "end" in column or "price" in column else "left", overflow="fold")
    for name, workload in sorted(outputs["workloads"].items()):
        table.add_row(name, workload["offer"], workload["price"], workload["to_soft_end"], workload["to_hard_end"])
    if len(outputs["workloads"]) > 1:
        cost = outputs["cost"]
        table.add_row("all", "", cost["price"], cost["to_soft_end"], cost["to_hard_end"], style="bold")
    return table


def _who(who: str, workloads: list[tuple[str, dict[str, Any]]]) -> str:
    """Who ends the lease's things then, and what it does not end."""
    without = [name for name, workload in workloads if who not in workload.get("ends", ())]
    if len(without) == len(workloads):
        return f"no end by the {who}: destroy the stack in time"
    return f"the {who} itself" + (f", but not {', '.join(without)}: destroy in time" if without else "")


def _lines(outputs: dict[str, Any]) -> list[str]:
    lease = outputs["lease"]
    workloads = sorted(outputs["workloads"].items())
    lines = [
        f"cap       {lease['cap_usd']} USD, then {lease['at_limit']}",
        f"soft end  {lease['soft_end']}  ({_who('node', workloads)}; the guard is not built yet)",
        f"hard end  {lease['hard_end']}  ({_who('cloud', workloads)})",
    ]
    lines += [f"late      {name}: {workload['late_end']}" for name, workload in workloads if workload.get("late_end")]
    for key, words in (("login", "log in"), ("state", "state"), ("follow", "follow")):
        lines += [
            f"{words:<9} {workload[key]}{f'  # {name}' if len(workloads) > 1 else ''}"
            for name, workload in workloads
            if workload.get(key)
        ]
    lines.append(f"remove    {outputs['remove']}")
    return lines
