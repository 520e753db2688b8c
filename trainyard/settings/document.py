"""One YAML file, read: its plain values, the line of each key, and what YAML itself would make a trap of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import yaml

from trainyard.settings.build import Builder, UnreadableError
from trainyard.settings.problem import Path, Problem, Wrong, dotted


@dataclass(frozen=True, kw_only=True)
class Document:
    """The values of one file with their lines; a value that was refused is None, and its path is in `unread`."""

    file: str
    value: object = None
    lines: dict[int, dict[str | int, int]] = field(default_factory=dict)  # id of a container in value -> key -> line
    traps: tuple[tuple[Path, int, str], ...] = ()
    unread: frozenset[Path] = frozenset()
    broken: tuple[Problem, ...] = ()  # why there is nothing to read: no file, not text, not YAML

    def line(self, path: Path) -> int:
        """The line of the deepest part of the path that is in the file; 0 where nothing of it is."""
        line, value = 0, self.value
        for part in path:
            found = self.lines.get(id(value), {}).get(part)
            if found is None:
                break
            line, value = found, value[part]  # type: ignore[index]
        return line

    def problems(self, found: Iterable[Wrong], *, inside: Path = ()) -> list[Problem]:
        """What could not be read, and of `found` what lies elsewhere; keys are named from `inside` on."""
        if self.broken:
            return list(self.broken)
        elsewhere = [(path, text) for path, text in found if not self._is_unread(path)]
        placed = [*self.traps, *((path, self.line(path), text) for path, text in elsewhere)]
        return [
            Problem(file=self.file, line=line, key=dotted(_within(inside, path)), message=text)
            for path, line, text in placed
        ]

    def _is_unread(self, path: Path) -> bool:
        return bool(self.unread) and any(path[:depth] in self.unread for depth in range(1, len(path) + 1))


def _within(inside: Path, path: Path) -> Path:
    return path[len(inside) :] if len(path) > len(inside) and path[: len(inside)] == inside else path


def read(path: FilePath, file: str) -> Document:
    """The document of a file; `file` is what its problems call it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        return _broken(file, 0, f"is not UTF-8 text (byte {error.start}); save it as UTF-8.")
    except OSError as error:
        return _broken(file, 0, f"cannot be read: {error.strerror}.")
    return parse(text, file)


def parse(text: str, file: str) -> Document:
    """The document of a text at hand."""
    builder = Builder()
    try:
        builder.build(text)
    except UnreadableError as error:
        return _broken(file, error.line, str(error))
    except yaml.reader.ReaderError as error:
        return _broken(file, text.count("\n", 0, error.position) + 1, "has a control character; remove it.")
    except yaml.MarkedYAMLError as error:
        return _not_yaml(file, text, error)
    except (yaml.YAMLError, UnicodeError) as error:
        return _broken(file, 0, f"is not YAML: {error}.".replace("\n", " "))
    return Document(
        file=file,
        value=builder.root,
        lines=builder.lines,
        traps=tuple(builder.traps),
        unread=frozenset(builder.unread),
    )


def _broken(file: str, line: int, message: str) -> Document:
    return Document(file=file, broken=(Problem(file=file, line=line, key="", message=message),))


def _not_yaml(file: str, text: str, error: Any) -> Document:
    mark = error.problem_mark or error.context_mark
    lines = text.splitlines() or [""]
    line = min(mark.line + 1, len(lines)) if mark else 1  # an end of file is a line too many to libyaml
    here = lines[line - 1]
    if "\t" in here[: len(here) - len(here.lstrip())]:
        return _broken(file, line, "is indented with a tab; YAML takes spaces only.")
    begun = f" (begun on line {error.context_mark.line + 1})" if error.context_mark else ""
    why = f"is not YAML here: {error.problem or 'it cannot be parsed'}{begun}"
    return _broken(file, line, f"{why}. Check indentation, quotes and brackets on this line and the one before.")
