"""Plain values and lines out of the C parser's events: one pass, and no recursion for a deep file to break."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from trainyard.settings.problem import Path
from trainyard.settings.scalars import Trap, plain

_MOST_LEVELS = 40

_Container = dict[str, Any] | list[Any]
_Key = str | int | None


class UnreadableError(Exception):
    """The file says something that leaves nothing to go on with, at this line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class _Frame:
    """A container that is being filled, and the key its next value goes under."""

    __slots__ = ("container", "discard", "key", "lines")

    def __init__(self, container: _Container, lines: dict[str | int, int]) -> None:
        self.container = container
        self.lines = lines
        self.key: _Key = 0 if isinstance(container, list) else None
        self.discard = False  # the next value belongs to a refused key


class Builder:
    """Call build once; then root, lines (id of a container -> key -> line), traps and unread paths are there."""

    def __init__(self) -> None:
        self.root: object = None
        self.lines: dict[int, dict[str | int, int]] = {}
        self.traps: list[tuple[Path, int, str]] = []
        self.unread: set[Path] = set()
        self._frames: list[_Frame] = []
        self._containers: list[_Container] = []  # keeps discarded ones alive, for ids are keys of lines

    def build(self, text: str) -> None:
        """Raises UnreadableError, or PyYAML's error where the text is no YAML."""
        documents = 0
        events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
        for event in events:
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._scalar(event)
            elif kind is yaml.MappingStartEvent:
                self._start({}, event)
            elif kind is yaml.SequenceStartEvent:
                self._start([], event)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._put(self._frames.pop().container)
            elif kind is yaml.AliasEvent:
                why = f"*{event.anchor} is a YAML alias; write the value out, so that a reviewer sees it in its place."
                raise UnreadableError(_line(event), why)
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    raise UnreadableError(_line(event), "a second document begins here; a file holds one.")
        if not isinstance(self.root, dict):
            raise UnreadableError(1, "is empty or no mapping; write `key: value` lines.")

    def _start(self, container: _Container, event: Any) -> None:
        if self._frames and self._frames[-1].key is None:
            raise UnreadableError(_line(event), "a list or mapping stands where a key belongs; write `key: value`.")
        if len(self._frames) >= _MOST_LEVELS:
            raise UnreadableError(_line(event), f"is nested more than {_MOST_LEVELS} levels deep.")
        if event.tag is not None:
            self._refuse(_line(event), f"has the YAML tag {event.tag}; remove the tag.")
        if self._frames:
            self._note(_line(event))
        self._containers.append(container)
        lines = self.lines[id(container)] = {}
        self._frames.append(_Frame(container, lines))

    def _scalar(self, event: Any) -> None:
        if not self._frames:
            raise UnreadableError(_line(event), "is empty or no mapping; write `key: value` lines.")
        frame = self._frames[-1]
        if frame.key is None:
            self._key(frame, event)
            return
        value: object = event.value
        if event.implicit[0]:
            value = plain(event.value)
        elif event.tag is not None:
            value = Trap(f"has the YAML tag {event.tag}; remove the tag.")
        line = _line(event)
        self._note(line)
        if isinstance(value, Trap):
            self._refuse(line, value.message)
            value = None
        self._put(value)

    def _key(self, frame: _Frame, event: Any) -> None:
        key: str = event.value
        line = _line(event)
        frame.key = key
        trap = _key_trap(event)
        if trap is None and key in frame.lines:
            trap = f"stands twice, first on line {frame.lines[key]}; remove one."
            frame.discard = True
        elif trap is not None:
            frame.discard = True
        if trap is None:
            frame.lines[key] = line
        else:
            self.traps.append((self._path(), line, trap))

    def _note(self, line: int) -> None:
        frame = self._frames[-1]
        if isinstance(frame.key, int):
            frame.lines[frame.key] = line

    def _put(self, value: object) -> None:
        if not self._frames:
            self.root = value
            return
        frame = self._frames[-1]
        if isinstance(frame.container, list):
            frame.container.append(value)
            frame.key = len(frame.container)
            return
        if not frame.discard:
            frame.container[frame.key] = value  # type: ignore[index]
        frame.key, frame.discard = None, False

    def _refuse(self, line: int, message: str) -> None:
        path = self._path()
        self.traps.append((path, line, message))
        self.unread.add(path)

    def _path(self) -> Path:
        return tuple(frame.key for frame in self._frames if frame.key is not None)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _key_trap(event: Any) -> str | None:
    if event.tag is not None:
        return f"has the YAML tag {event.tag}; remove the tag."
    if not event.implicit[0]:
        return None
    if event.value == "<<":
        return "is a YAML merge; write the keys out, so that a reviewer sees them in their place."
    if isinstance(plain(event.value), str):
        return None
    return f'as a key is no text to some YAML readers; write "{event.value}" in quotes.'
