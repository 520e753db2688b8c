"""Finds the thing that a text means, by the store's indexes; never a scan, but where it is about to be refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from trainyard.sandbox.store import Store, Thing
from trainyard.servicer.values import LATER, Secret

_COLUMNS: Final = "type, id, project, place, name, status, ends, end_action"
GIVES: Final = "gives "  # begins the path of a row in `refs` that tells what came along with a thing
PART: Final = "in "  # begins the path of a row that tells what a thing is a part of: it goes along, it blocks nothing


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A thing of the store or of the world, without what it holds."""

    type: str
    id: str
    project: str = ""
    place: str = ""
    name: str = ""
    status: str = "live"

    @classmethod
    def of(cls, thing: Thing) -> Hit:
        return cls(
            type=thing.type,
            id=thing.id,
            project=thing.project,
            place=thing.place,
            name=thing.name,
            status=thing.status,
        )


def by_id(store: Store, types: Sequence[str], id: str) -> Hit | None:
    """The thing of that id, unless it is deleted."""
    for type in types:
        for row in store.rows(f"SELECT {_COLUMNS} FROM resources WHERE type=? AND id=?", type, id):  # noqa: S608
            hit = _hit(store, row)
            if hit is not None:
                return hit
    return None


def by_name(store: Store, types: Sequence[str], name: str) -> list[Hit]:
    """Every thing of that name that is not deleted."""
    found = (
        row
        for type in types
        for row in store.rows(
            f"SELECT {_COLUMNS} FROM resources WHERE type=? AND name=? AND status<>'deleted'",  # noqa: S608
            type,
            name,
        )
    )
    return [hit for row in found if (hit := _hit(store, row)) is not None]


def by_path(store: Store, id: str) -> Hit | None:
    """The Azure thing of that path; Azure does not tell capitals from small letters."""
    query = f"SELECT {_COLUMNS} FROM resources WHERE package='azure-native' AND id=? COLLATE NOCASE"  # noqa: S608
    return next((hit for row in store.rows(query, id) if (hit := _hit(store, row)) is not None), None)


def by_text(store: Store, types: Sequence[str], text: str) -> Hit | None:
    """A thing of the types that holds the text as a value; reads all of the types, so it is the last resort."""
    quoted = f'"{text}"'
    for type in types:
        query = (
            f"SELECT {_COLUMNS} FROM resources WHERE type=? AND status<>'deleted' "  # noqa: S608
            "AND (instr(outputs, ?) OR instr(inputs, ?))"
        )
        for row in store.rows(query, type, quoted, quoted):
            hit = _hit(store, row)
            if hit is not None:
                return hit
    return None


def given_by(store: Store, types: Sequence[str], id: str) -> Hit | None:
    """What came along with a thing that is there, such as a network's own security group."""
    for type in types:
        rows = store.rows("SELECT type, id, path FROM refs WHERE to_type=? AND to_id=?", type, id)
        for giver, giver_id, path in rows:
            there = by_id(store, [giver], giver_id) if path.startswith(GIVES) else None
            if there is not None:
                return Hit(type=type, id=id, project=there.project, place=there.place, name=id, status=there.status)
    return None


def users_of(store: Store, type: str, id: str) -> Iterator[Hit]:
    """What still points at a thing, the first found first."""
    for user, user_id, path in store.rows("SELECT type, id, path FROM refs WHERE to_type=? AND to_id=?", type, id):
        there = None if path.startswith((GIVES, PART)) else by_id(store, [user], user_id)
        if there is not None:
            yield there


def parts_of(store: Store, type: str, id: str) -> Iterator[Hit]:
    """What is a part of a thing and goes along with it."""
    for part, part_id, path in store.rows("SELECT type, id, path FROM refs WHERE to_type=? AND to_id=?", type, id):
        there = by_id(store, [part], part_id) if path.startswith(PART) else None
        if there is not None:
            yield there


def values_at(value: Any, steps: Sequence[str], path: str = "") -> Iterator[tuple[str, str]]:
    """Every text at the steps, with its own path: ("networkInterfaces[0].subnetwork", "…"); nothing that is unknown."""
    if isinstance(value, Secret):
        value = value.value
    if value is None or isinstance(value, LATER):
        return
    if not steps:
        if isinstance(value, str) and value:
            yield path, value
        return
    head, rest = steps[0], steps[1:]
    if head == "[]":
        for number, item in enumerate(value if isinstance(value, list) else ()):
            yield from values_at(item, rest, f"{path}[{number}]")
    elif isinstance(value, dict):
        yield from values_at(value.get(head), rest, f"{path}.{head}" if path else head)


def _hit(store: Store, row: Sequence[Any]) -> Hit | None:
    type, id, project, place, name, status, ends, action = row
    if status == "deleted" or (ends is not None and action == "DELETE" and ends <= store.now()):
        return None
    return Hit(type=type, id=id, project=project, place=place, name=name, status=status)
