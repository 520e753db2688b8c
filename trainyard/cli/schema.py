"""`trainyard schema`: the JSON Schema of a settings file, by which editors complete it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class FileKind(StrEnum):
    """The two kinds of settings file."""

    ENV = "env"
    STACK = "stack"


def schema(kind: Annotated[FileKind, typer.Argument(help="env or stack")]) -> None:
    """Print the JSON Schema of a whole env or stack file; schemas/ holds the same text."""
    from trainyard.settings.schema import schema_text  # pydantic takes a quarter second, and other commands need it not

    typer.echo(schema_text(kind.value), nl=False)
