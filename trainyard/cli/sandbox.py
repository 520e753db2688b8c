"""`trainyard sandbox …`: the simulated clouds of one folder."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from trainyard.cli import sandbox_bad_days, sandbox_coverage, sandbox_money, sandbox_world
from trainyard.cli.sandbox_parts import (
    FolderOption,
    console,
    errors,
    fail,
    folder_at,
    made_store,
    not_found,
    not_running,
    started,
    store_of,
    world_of,
)
from trainyard.sandbox import clock as sandbox_clock
from trainyard.sandbox import environment, lifecycle, listing, running
from trainyard.sandbox.lifecycle import Life

app = typer.Typer(no_args_is_help=True, help="Simulated clouds for the real Pulumi engine.")
app.command()(sandbox_bad_days.faults)
app.command()(sandbox_bad_days.quotas)
app.command()(sandbox_bad_days.kill)
app.command()(sandbox_money.bill)
app.command()(sandbox_world.world)
app.command()(sandbox_coverage.coverage)
app.command()(sandbox_money.feed)

ParentOption = Annotated[int | None, typer.Option("--parent-pid", help="End the sandbox with this process.")]
MaxSecondsOption = Annotated[float | None, typer.Option("--max-seconds", help="End the sandbox after this time.")]


@app.command()
def start(
    folder: FolderOption = None,
    port: Annotated[int, typer.Option(help="Port of the API side on loopback; 0: any free one.")] = 0,
    parent_pid: ParentOption = None,
    max_seconds: MaxSecondsOption = None,
) -> None:
    """Start the sandbox; says so when it runs already."""
    at = folder_at(folder)
    with errors():
        life = Life(parent_pid=parent_pid, max_seconds=max_seconds)
        begun = lifecycle.start(at, port=port, life=life, world=world_of(Path.cwd()))
    how = "runs" if begun.fresh else "runs already"
    typer.echo(f"The sandbox of {at.root} {how}: pid {begun.running.pid}, API {begun.running.api['gcp']}")


@app.command()
def stop(folder: FolderOption = None) -> None:
    """End the sandbox and wait until it is gone; what it holds stays."""
    at = folder_at(folder)
    with errors():
        ended = lifecycle.stop(at)
    typer.echo(f"The sandbox of {at.root} does not run." if ended is None else f"The sandbox of {at.root} has ended.")


@app.command()
def status(folder: FolderOption = None) -> None:
    """Tell whether the sandbox runs (exit 0) or not (exit 1), and what it holds."""
    at = folder_at(folder)
    there = running.find(at)
    table = Table.grid(padding=(0, 2))
    table.add_row("sandbox", f"runs, pid {there.pid}" if there else not_running(at))
    for cloud, url in (there.api if there else {}).items():
        table.add_row(f"API {cloud}", url)
    for package, number in sorted((there.providers if there else {}).items()):
        table.add_row(f"provider {package}", f"127.0.0.1:{number}")
    with errors(), store_of(at) as store:
        if store is not None:
            table.add_row("simulated time", f"{sandbox_clock.now(store):%Y-%m-%d %H:%M:%S} UTC")
            table.add_row("resources", str(len(store.list())))
    table.add_row("store", str(at.store))
    console().print(table)
    raise typer.Exit(0 if there else 1)


@app.command("ls")
def list_(
    folder: FolderOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """List what exists on the simulated clouds."""
    with errors(), store_of(folder_at(folder)) as store:
        found = listing.rows(store) if store is not None else ()
    if as_json:
        typer.echo(json.dumps(listing.as_json(found), indent=2))
        return
    if not found:
        typer.echo("Nothing exists on the sandbox.")
        return
    table = Table("kind", "name", "place", "status", "lease", "workload", "since", box=None, pad_edge=False)
    for row in found:
        table.add_row(*listing.cells(row))
    console().print(table)


@app.command()
def reset(
    folder: FolderOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Also while a stack is locked.")] = False,
) -> None:
    """Stop the sandbox and empty it: things, stacks, leases."""
    at = folder_at(folder)
    with errors():
        lifecycle.reset(at, even_if_locked=yes)
    typer.echo(f"The sandbox of {at.root} is empty.")


@app.command()
def clock(
    step: Annotated[str | None, typer.Argument(help="How far to move it on, for example +12h.")] = None,
    folder: FolderOption = None,
    waits: Annotated[str | None, typer.Option(help="instant: a wait moves the clock; real: it takes the time.")] = None,
    speed: Annotated[float | None, typer.Option(help="Simulated seconds in a real one, from 1 on.")] = None,
) -> None:
    """Print the simulated time, move it on, let it run faster, or choose how waits pass."""
    with errors(), made_store(folder_at(folder)) as store:
        if waits is not None:
            sandbox_clock.set_waits(store, waits)
        if speed is not None:
            sandbox_clock.set_speed(store, speed)
        if step is not None:
            sandbox_clock.move(store, sandbox_clock.parse_step(step))
        typer.echo(f"{sandbox_clock.now(store):%Y-%m-%dT%H:%M:%SZ}")


@app.command()
def env(folder: FolderOption = None, parent_pid: ParentOption = None, max_seconds: MaxSecondsOption = None) -> None:
    """Print a rehearsal's environment for `eval "$(trainyard sandbox env)"`; starts the sandbox."""
    at = folder_at(folder)
    there = started(at, Life(parent_pid=parent_pid, max_seconds=max_seconds))
    typer.echo(environment.exports(at, there, os.environ, Path.cwd()))


@app.command("exec", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def exec_(
    context: typer.Context,
    folder: FolderOption = None,
    parent_pid: ParentOption = None,
    max_seconds: MaxSecondsOption = None,
) -> None:
    """Run a command, here, as a rehearsal; starts the sandbox. Example: trainyard sandbox exec -- pulumi up"""
    if not context.args:
        fail("exec needs a command, for example `trainyard sandbox exec -- pulumi up`", 2)
    at = folder_at(folder)
    there = started(at, Life(parent_pid=parent_pid, max_seconds=max_seconds))
    sys.stdout.flush()
    sys.stderr.flush()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # which Python ignores, and a new program would inherit that
    program, environ = context.args[0], environment.rehearsal(at, there, os.environ, Path.cwd())
    try:
        # The command takes this process over, so exit code, terminal and signals are its own.
        os.execvpe(program, context.args, environ)  # noqa: S606  no shell on purpose
    except FileNotFoundError:
        fail(not_found(program, environ["PATH"]), 127)
    except OSError as error:
        fail(f"{program} cannot be run: {error.strerror}", 126)
