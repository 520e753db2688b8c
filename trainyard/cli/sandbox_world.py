"""`trainyard sandbox world`: what is on the simulated clouds already and in no stack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trainyard.cli.sandbox_parts import FolderOption, errors, folder_at, made_store


def world(
    file: Annotated[Path | None, typer.Argument(help="A YAML list of {type, project, name, …}.")] = None,
    folder: FolderOption = None,
    clear: Annotated[bool, typer.Option("--clear", help="Take away what was declared.")] = False,
) -> None:
    """Declare what exists on the clouds in no stack; without FILE: print it. `start` reads stacks/world.yaml."""
    from trainyard.sandbox import world_file  # the SDKs, which other commands do without

    with errors(), made_store(folder_at(folder)) as store:
        if file is not None:
            world_file.load(store, file)
        elif clear:
            world_file.clear(store)
        for thing in world_file.declared(store):
            typer.echo(f"{thing.type} {thing.id}")
