"""What a section's check found, in sentences: what was given, what is expected, and the nearest name."""

from __future__ import annotations

from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from trainyard.settings.problem import Path, Wrong, listed, near, shown
from trainyard.settings.shape import Section, choices, field_at, is_tag, keys, section_at

Kind = TypeVar("Kind", bound=Section)

_NEVER_SHOWN = {"secrets", "webhook", "env"}  # a file may hold a secret by mistake; its error must not spread it
_ENCRYPTED = "is an encrypted secret; settings hold none. Name it by reference: gcp-secret://<project>/<name>."


def check(section: type[Kind], value: object, at: Path) -> tuple[Kind | None, list[Wrong]]:
    """The section read from a value, or all that is wrong with it; paths begin with `at`."""
    try:
        return section.model_validate(value), []
    except ValidationError as error:
        found = [_wrong(section, each, at) for each in error.errors(include_url=False)]
        # A list whose items are wrong is also "too short" to pydantic.
        inner = {path[:depth] for path, _ in found for depth in range(len(path))}
        return None, [(path, text) for path, text in found if path not in inner]


def unknown_key(key: str, allowed: tuple[str, ...]) -> str:
    """The sentence about a key that is not there."""
    if key == "secure":
        return _ENCRYPTED
    return f"is no key here; allowed are {listed(allowed)}.{near(key, allowed)}"


def missing(description: str | None) -> str:
    """The sentence about a key that must be there."""
    return f"is missing; expected {description}."


def _wrong(section: type[Section], error: ErrorDetails, at: Path) -> Wrong:
    raw: Path = tuple(part for part in error["loc"] if part != "[key]")
    path = (*at, *(part for part in raw if not is_tag(part)))
    return path, _sentence(section, error, raw)


def _sentence(section: type[Section], error: ErrorDetails, raw: Path) -> str:
    field = field_at(section, raw)
    description = field.description if field else f"a mapping with {listed(keys(section))}"
    match error["type"]:
        case "missing":
            return missing(description)
        case "extra_forbidden":
            owner = section_at(section, raw[:-1])
            return unknown_key(str(raw[-1]), tuple(keys(owner)) if owner else ())
        case "value_error":
            return str(error["ctx"]["error"])
    given = error["input"]
    if isinstance(given, dict) and given.keys() == {"secure"}:
        return _ENCRYPTED
    what = "what is given (not shown, for it may be secret)" if _NEVER_SHOWN & set(raw) else shown(given)
    words = choices(field.annotation) if field else ()
    entry = "an entry of " if _is_entry(section, raw) else ""
    return (
        f"{what} is not allowed; expected {entry}{description}.{near(given, words) if isinstance(given, str) else ''}"
    )


def _is_entry(section: type[Section], raw: Path) -> bool:
    """Whether the path leads to an item of a list or mapping rather than to a key of a section."""
    return section_at(section, raw[:-1]) is None
