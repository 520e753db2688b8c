"""What the commands of `trainyard sandbox` share: the folder, the store, errors and the console."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from trainyard.sandbox import environment, lifecycle, running
from trainyard.sandbox.folder import VARIABLE, Folder, SandboxError, checkout, find_folder
from trainyard.sandbox.lifecycle import Life
from trainyard.sandbox.running import Running

if TYPE_CHECKING:
    from trainyard.sandbox.store import Store

FolderOption = Annotated[
    Path | None,
    typer.Option("--folder", help=f"The sandbox's folder; default: {VARIABLE}, else .sandbox in the checkout."),
]


def folder_at(given: Path | None) -> Folder:
    """The folder that is meant: the one given, the variable's, else the checkout's."""
    return find_folder(given, os.environ, Path.cwd())


def started(at: Folder, life: Life) -> Running:
    """The sandbox that runs there, started where none did."""
    with errors():
        begun = lifecycle.start(at, life=life, world=world_of(Path.cwd()))
    if begun.fresh:
        typer.echo(f"The sandbox of {at.root} was started.", err=True)
    return begun.running


def world_of(cwd: Path) -> Path | None:
    """The checkout's world file, where it has one."""
    found = checkout(cwd) / "stacks" / "world.yaml"
    return found if found.exists() else None


def not_running(at: Folder) -> str:
    """Why none runs, in words."""
    stale = running.read(at)
    return "does not run" if stale is None else f"does not run: pid {stale.pid} ended without a word; see {at.log}"


def not_found(program: str, path: str) -> str:
    """Why a program cannot be run, and for `pulumi` what to do."""
    engine = environment.engine_folder()
    if program == "pulumi" and isinstance(engine, str):
        return engine
    return f"{program} was not found; looked in {path}"


@contextmanager
def store_of(at: Folder) -> Iterator[Store | None]:
    """The folder's store, opened; None where there is none."""
    if at.store.exists():
        with made_store(at) as store:
            yield store
    else:
        yield None


@contextmanager
def made_store(at: Folder) -> Iterator[Store]:
    """The folder's store, opened, and made where there is none."""
    at.make()
    from trainyard.sandbox.opening import open_clouds  # half a second that `exec` does without
    from trainyard.sandbox.store import StoreError

    try:
        store = open_clouds(at.store)
    except StoreError as error:
        raise SandboxError(str(error)) from error
    try:
        yield store
    except StoreError as error:
        raise SandboxError(str(error)) from error
    finally:
        store.close()


@contextmanager
def errors() -> Iterator[None]:
    """Ends the command with exit code 1 and the error's text, without a traceback."""
    try:
        yield
    except SandboxError as error:
        fail(str(error), 1)


def fail(message: str, code: int) -> NoReturn:
    """Says what is wrong and ends the command."""
    typer.echo(f"error: {message}", err=True)
    raise typer.Exit(code)


def console() -> Console:
    """Where tables go."""
    # Piped, a table must not be cut at 80 columns.
    return Console() if sys.stdout.isatty() else Console(width=200)
