"""Compares inputs leaf by leaf as their provider does: defaults, order, and what differs only as text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from trainyard.sandbox.changes import Facts, alike
from trainyard.servicer.values import has_unknown

_INDEX: Final = re.compile(r"\[\d+\]")
_MISSING: Final = object()


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """One change: where, what kind, and the two values."""

    path: str
    kind: Literal["add", "delete", "update"]
    old: Any
    new: Any
    below: tuple[str, ...] = field(default=())  # bare paths within an object that came or went

    @property
    def bare(self) -> str:
        return _INDEX.sub("", self.path)


def changed(facts: Facts, old: Mapping[str, Any], new: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[Leaf]:
    """Every leaf that differs; `told` is what the cloud says, for what the program leaves to it."""
    yield from _Comparison(facts).objects(old, new, told, "")


@dataclass(frozen=True)
class _Comparison:
    facts: Facts

    def objects(self, old: Mapping[str, Any], new: Mapping[str, Any], told: Any, path: str) -> Iterator[Leaf]:
        silent = {name: None for name in self.facts.read_back if not path and _in(told, name) is not _MISSING}
        for key in {**old, **new, **silent}:
            at = f"{path}.{key}" if path else key
            yield from self.values(_in(old, key), _in(new, key), _in(told, key), at)

    def values(self, old: Any, new: Any, told: Any, path: str) -> Iterator[Leaf]:
        bare = _INDEX.sub("", path)
        if old is _MISSING and bare in self.facts.kept | self.facts.read_back and told is not _MISSING:
            old = _as_given(told, new)
        if self._same(bare, old, new):
            return
        if isinstance(old, dict) and isinstance(new, dict):
            yield from self.objects(old, new, told, path)
        elif isinstance(old, list) and isinstance(new, list):
            yield from self._lists(old, new, told, path)
        elif old is _MISSING:
            yield Leaf(path=path, kind="add", old=None, new=new, below=tuple(_below(new, bare)))
        elif new is _MISSING:
            yield Leaf(path=path, kind="delete", old=old, new=None, below=tuple(_below(old, bare)))
        else:
            yield Leaf(path=path, kind="update", old=old, new=new)

    def _same(self, bare: str, old: Any, new: Any) -> bool:
        if has_unknown(new):
            return False
        if new is _MISSING and (old is _MISSING or bare in self.facts.kept) and bare not in self.facts.read_back:
            return True
        before, after = self._filled(bare, old), self._filled(bare, new)
        if before == after and isinstance(before, bool) == isinstance(after, bool):
            return True
        if self.facts.bridged and _MISSING in (old, new) and _zero(before) and _zero(after):
            return True
        how = self.facts.same.get(bare)
        return bool(how) and alike(str(how), before, after)

    def _filled(self, bare: str, value: Any) -> Any:
        if value is not _MISSING:
            return value
        return self.facts.default.get(bare)

    def _lists(self, old: list[Any], new: list[Any], told: Any, path: str) -> Iterator[Leaf]:
        if _INDEX.sub("", path) in self.facts.set:
            yield from self._sets(old, new, path)
            return
        for number in range(max(len(old), len(new))):
            yield from self.values(_at(old, number), _at(new, number), _at(told, number), f"{path}[{number}]")

    def _sets(self, old: list[Any], new: list[Any], path: str) -> Iterator[Leaf]:
        """What is in one and not in the other, whatever its place."""
        left = list(enumerate(old))
        fresh = []
        for number, item in enumerate(new):
            match = next((pair for pair in left if self._equal(pair[1], item, f"{path}[{number}]")), None)
            if match is None:
                fresh.append((number, item))
            else:
                left.remove(match)
        for (number, item), (_, before) in zip(fresh, left, strict=False):
            yield from self.values(before, item, _MISSING, f"{path}[{number}]")
        for number, item in fresh[len(left) :]:
            yield from self.values(_MISSING, item, _MISSING, f"{path}[{number}]")
        for number, before in left[len(fresh) :]:
            yield from self.values(before, _MISSING, _MISSING, f"{path}[{number}]")

    def _equal(self, old: Any, new: Any, path: str) -> bool:
        return not has_unknown(new) and next(self.values(old, new, _MISSING, path), None) is None


def _in(value: Any, key: str) -> Any:
    found = value.get(key) if isinstance(value, Mapping) else None
    return _MISSING if found is None else found


def _at(items: Any, number: int) -> Any:
    return items[number] if isinstance(items, list) and number < len(items) and items[number] is not None else _MISSING


def _as_given(told: Any, new: Any) -> Any:
    """What the cloud tells, as far as the program speaks of it: an object in it has more than a program gives."""
    if isinstance(told, dict) and isinstance(new, dict):
        return {key: _as_given(item, new[key]) for key, item in told.items() if new.get(key) is not None}
    if isinstance(told, list) and isinstance(new, list) and len(told) == len(new):
        return [_as_given(item, other) for item, other in zip(told, new, strict=True)]
    return told


def _zero(value: Any) -> bool:
    return value is None or value is _MISSING or value in ("", 0, False) or value in ([], {})


def _below(value: Any, bare: str) -> Iterator[str]:
    """Bare paths of everything that is given within a value."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if item is not None:
                yield f"{bare}.{key}"
                yield from _below(item, f"{bare}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from _below(item, bare)
