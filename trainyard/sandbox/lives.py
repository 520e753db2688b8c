"""What was when: a row for each time that a thing began, changed its status or its inputs; bills are made of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from trainyard.servicer.codec import from_marked

if TYPE_CHECKING:
    from trainyard.sandbox.store import Store

_SAME: Final = ""  # a row's inputs are those of the next row, of the last those of the thing itself


@dataclass(frozen=True, kw_only=True)
class Span:
    """A time in which a thing was one and the same."""

    type: str
    id: str
    since: float  # simulated seconds since 1970
    until: float | None  # None: it goes on
    status: str
    inputs: Mapping[str, Any]


def begin(connection: sqlite3.Connection, type: str, id: str, when: float, status: str) -> None:
    """A thing is new, or another one lies now under its id."""
    connection.execute("INSERT INTO lives VALUES (?, ?, ?, ?, ?)", (type, id, when, status, _SAME))


def change(
    connection: sqlite3.Connection, type: str, id: str, when: float, status: str, old_inputs: str | None
) -> None:
    """A thing's status changed, or its inputs did: then `old_inputs` is the stored text of those until now."""
    if old_inputs is not None:
        connection.execute("UPDATE lives SET inputs=? WHERE type=? AND id=? AND inputs=''", (old_inputs, type, id))
    begin(connection, type, id, when, status)


def spans(store: Store) -> Iterator[Span]:
    """Everything that ever was, thing by thing, in time's order; deleted times are left out."""
    store.settle()
    rows = store.rows(
        "SELECT l.type, l.id, l.at, l.status, CASE l.inputs WHEN '' THEN r.inputs ELSE l.inputs END "
        "FROM lives l JOIN resources r ON r.type=l.type AND r.id=l.id ORDER BY l.type, l.id, l.at, l.rowid"
    )
    for (type, id), of_one in groupby(rows, key=lambda row: (row[0], row[1])):
        steps = list(of_one)
        for step, following in zip(steps, [*steps[1:], None], strict=True):
            if step[3] != "deleted":
                yield Span(
                    type=type,
                    id=id,
                    since=step[2],
                    until=None if following is None else following[2],
                    status=step[3],
                    inputs=json.loads(step[4], object_hook=from_marked),
                )
