"""Groups of arguments that Google's provider says of itself: which exclude each other, and which need each other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.conflict import Conflict, Given, plain
from trainyard.servicer.values import LATER

DATA: Final = Path(__file__).parent / "groups.json"


def conflicts() -> tuple[Conflict, ...]:
    """The four kinds of groups, each over the types that have one."""
    return tuple(
        Conflict(name=name, types=_types(kind), says=says, source=_source(), find=find)
        for name, kind, says, find in (
            ("only-one-of-a-group", "one", "exactly one of a group of arguments is given", _one),
            ("one-of-a-group-is-needed", "some", "at least one of a group of arguments is given", _some),
            ("not-together", "apart", "an argument excludes others", _apart),
            ("only-along-with", "along", "an argument needs others beside it", _along),
        )
    )


def _one(given: Given) -> Iterator[Problem]:
    for group in _there(given, "one"):
        paths = group["paths"]
        set_ = [path for path in paths if _given(given, path)]
        if len(set_) > 1:
            text = f"only one of `{','.join(paths)}` can be specified, but `{','.join(set_)}` were specified."
            yield Problem(set_[1], f'Invalid combination of arguments: "{set_[1]}": {text}')
        elif not set_:
            yield from _missing(given, group)


def _some(given: Given) -> Iterator[Problem]:
    for group in _there(given, "some"):
        yield from _missing(given, group)


def _missing(given: Given, group: Mapping[str, Any]) -> Iterator[Problem]:
    paths = group["paths"]
    if not group.get("part") and not any(_given(given, path, empty=True) for path in paths):
        yield Problem(
            paths[0], f'Missing required argument: "{paths[0]}": one of `{",".join(paths)}` must be specified'
        )


def _apart(given: Given) -> Iterator[Problem]:
    for group in _groups(given, "apart"):
        others = [path for path in group["paths"] if _given(given, path)] if _given(given, group["of"]) else []
        for other in others:
            text = f'Conflicting configuration arguments: "{group["of"]}": conflicts with {other}; give one of them'
            yield Problem(group["of"], text)


def _along(given: Given) -> Iterator[Problem]:
    for group in _groups(given, "along"):
        if _given(given, group["of"]):
            lacking = [path for path in group["paths"] if not _given(given, path, empty=True)]
            if lacking:
                everything = ",".join([group["of"], *group["paths"]])
                text = f'Missing required argument: "{group["of"]}": all of `{everything}` must be specified'
                yield Problem(lacking[0], text)


def _there(given: Given, kind: str) -> Iterator[Mapping[str, Any]]:
    """The groups whose own place is given; each once, though every member of a group names it."""
    for group in _groups(given, kind):
        value = _value(given, group["at"])
        if isinstance(value, Mapping):
            yield group


def _given(given: Given, path: str, *, empty: bool = False) -> bool:
    """Whether a value is set; with `empty`, one that is only known later, or is an empty list, counts as well."""
    value = _value(given, path)
    if value is None:
        return False
    if isinstance(value, LATER):
        return empty
    return empty or not (isinstance(value, list | dict) and not value)


def _value(given: Given, path: str) -> Any:
    value: Any = given.inputs
    for step in path.split(".") if path else ():
        if not isinstance(value, dict):
            return value if isinstance(value, LATER) else None
        value = plain(value.get(step))
    return value


def _groups(given: Given, kind: str) -> Sequence[Mapping[str, Any]]:
    return _of_kind(given.type.token, kind)


@cache
def _of_kind(token: str, kind: str) -> Sequence[Mapping[str, Any]]:
    return [group for group in _table()["types"][token] if group["kind"] == kind]


def _types(kind: str) -> frozenset[str]:
    return frozenset(
        token for token, groups in _table()["types"].items() if any(group["kind"] == kind for group in groups)
    )


def _source() -> str:
    source: str = _table()["source"]
    return source


@cache
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return table
