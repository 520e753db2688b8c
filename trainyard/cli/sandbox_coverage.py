"""`trainyard sandbox coverage`: how far the vendors' descriptions reach."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from trainyard.cli.sandbox_parts import console, fail

JsonOption = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]


def coverage(
    type: Annotated[str | None, typer.Argument(help="A type, such as gcp:compute:Instance.")] = None,
    cloud: Annotated[str | None, typer.Option(help="gcp, aws or azure; default: all three.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Tell which properties the vendors' descriptions know, and how many they limit; takes a minute for all types."""
    from trainyard.sandbox.values import coverage as found  # loads Pulumi, which other commands do without

    if type is not None:
        named = found.find(type)
        if named is None:
            fail(f'no installed SDK has the type "{type}"; give it as gcp:compute:Instance', 2)
        properties = found.properties(*named)
        if as_json:
            typer.echo(json.dumps(found.as_json(properties), indent=2))
            return
        table = Table("property", "API field", "limit", box=None, pad_edge=False)
        for one in sorted(properties, key=lambda one: not one.api):
            table.add_row(escape(one.path), escape(one.api or "not reached"), escape(one.limit or "-"))
        console().print(table)
        return
    if cloud is not None and cloud not in found.PACKAGES:
        fail(f'no cloud is "{cloud}"; give one of {", ".join(found.PACKAGES)}', 2)
    rows = {one: found.rows(one) for one in ([cloud] if cloud else found.PACKAGES)}
    sums = [found.total(one, types) for one, types in rows.items()]
    every = [row for types in rows.values() for row in types]
    if as_json:
        typer.echo(json.dumps({"types": found.as_json(every), "totals": found.as_json(sums)}, indent=2))
        return
    table = Table("type", "properties", "reached", "with a limit", box=None, pad_edge=False)
    for row in [*every, *sums]:
        table.add_row(row.type, str(row.properties), str(row.reached), str(row.limited))
    console().print(table)
