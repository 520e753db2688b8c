"""`trainyard sandbox faults`, `quotas` and `kill`: what goes wrong on the simulated clouds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from trainyard.cli.sandbox_parts import FolderOption, console, errors, fail, folder_at, made_store
from trainyard.sandbox import fault_file, lifecycle
from trainyard.sandbox import faults as sandbox_faults
from trainyard.sandbox.faults import KINDS, Fault


def faults(
    file: Annotated[
        Path | None, typer.Argument(help=f"A YAML list of {{{', '.join(fault_file.KEYS)}}}; call and kind are needed.")
    ] = None,
    folder: FolderOption = None,
    clear: Annotated[bool, typer.Option("--clear", help="Let nothing go wrong any more.")] = False,
    kinds: Annotated[bool, typer.Option("--kinds", help="Print what can go wrong.")] = False,
    calls: Annotated[bool, typer.Option("--calls", help="Print the calls of the clouds' APIs that can.")] = False,
) -> None:
    """Let calls of the simulated clouds go wrong; without FILE: print what waits."""
    from trainyard.sandbox.api.control import known_calls  # the API side, which others do without

    if kinds:
        table = Table("kind", "what happens", box=None, pad_edge=False)
        for kind, meaning in KINDS.items():
            table.add_row(kind, meaning)
        console().print(table)
        return
    if calls:
        typer.echo("\n".join(known_calls()))
        return
    with errors(), made_store(folder_at(folder)) as store:
        if file is not None:
            found = fault_file.load(file, known_calls(), fault_file.tokens(), store.now())
            sandbox_faults.replace(store, found)
        elif clear:
            sandbox_faults.replace(store, ())
        for fault in sandbox_faults.all_of(store):
            typer.echo(_line(fault))


def quotas(
    file: Annotated[Path | None, typer.Argument(help="A YAML list of {cloud, metric, place, limit}.")] = None,
    folder: FolderOption = None,
    clear: Annotated[bool, typer.Option("--clear", help="Let nothing be limited any more.")] = False,
) -> None:
    """Set quotas that count; without FILE: print the limits and what is used of them."""
    from trainyard.sandbox.quotas import limits

    with errors(), made_store(folder_at(folder)) as store:
        if file is not None:
            limits.replace(store, limits.load(file))
        elif clear:
            limits.replace(store, ())
        usage = limits.usage(store)
    if not usage:
        typer.echo("No quota is set: everything fits.")
        return
    table = Table("cloud", "quota", "place", "limit", "used", box=None, pad_edge=False)
    for limit, places in usage.items():
        for place, used in places or [(limit.place, 0.0)]:
            table.add_row(limit.cloud, limit.metric, place or "everywhere", f"{limit.limit:g}", f"{used:g}")
    console().print(table)


def kill(
    what: Annotated[str, typer.Argument(help="provider: its processes die, and come back on the same ports.")],
    folder: FolderOption = None,
) -> None:
    """Cut off every call that runs on the providers; what a call had begun goes on in the cloud."""
    if what != "provider":
        fail(f"{what} cannot be killed; give provider", 2)
    at = folder_at(folder)
    with errors():
        there = lifecycle.kill_providers(at)
    typer.echo(f"The providers of the sandbox of {at.root} (pid {there.pid}) were cut off and serve again.")


def _line(fault: Fault) -> str:
    parts = ["every time" if fault.times is None else f"{fault.times} times"]
    parts += [f"{name} {value}" for name, value in fault.where.items()]
    parts += [f"after {fault.skip} calls"] if fault.skip else []
    parts += [f"chance {fault.chance:g}"] if fault.chance < 1 else []
    parts += [f"from {_moment(fault.since)}"] if fault.since else []
    parts += [f"until {_moment(fault.until)}"] if fault.until is not None else []
    return f"{fault.call}: {fault.kind}, {', '.join(parts)}"


def _moment(when: float) -> str:
    return datetime.fromtimestamp(int(when), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
