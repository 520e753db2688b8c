"""What is wrong in a settings file, and the one error that carries all of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

Path = tuple[str | int, ...]
Wrong = tuple[Path, str]  # where in the file, and what is wrong there


@dataclass(frozen=True, kw_only=True, order=True)
class Problem:
    file: str
    line: int  # 1-based; 0 where the file itself is the problem
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class SettingsError(Exception):
    """All problems of the files that one stack reads, sorted by file and line; str() has one line each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def dotted(path: Path) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def near(given: object, names: Iterable[str]) -> str:
    """` Did you mean "x"?` for a near miss of one of the names, else nothing."""
    matches = get_close_matches(str(given), list(names), n=1, cutoff=0.6)
    return f' Did you mean "{matches[0]}"?' if matches else ""


def shown(value: object) -> str:
    """The value as its author wrote it, short enough for one line."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            return f'"{value if len(value) <= 80 else value[:77] + "..."}"'.replace("\n", "\\n")
        case dict():
            return "a mapping" if value else "an empty mapping"
        case _:
            return "a list" if value else "an empty list"
