"""What a property of a Google discovery document allows, in the words of `description.Said`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}
_KINDS: Final[Mapping[str, str]] = {
    "int32": "number",
    "uint32": "number",
    "int64": "number",
    "uint64": "number",
    "google-duration": "seconds",
    "google-datetime": "date-time",
    "date-time": "date-time",
}
# How the documents mark the value that stands for "not given" as one that must not be sent.
_REFUSED: Final = re.compile(
    r"not be used|n't be used|do not use|unused|invalid|not valid|not allowed|must be (specified|set)|not a valid"
    r"|never be|not supported|unsupported",
    re.IGNORECASE,
)
_LISTED: Final = re.compile(
    r"(?:possible|valid|supported|allowed|acceptable) (?:values?|types?|options?)[^`\"\n]{0,40}"
    r"((?:[`\"][A-Z][A-Z0-9_]+[`\"](?:,|\s|and\b|or\b)*)+)",
    re.IGNORECASE,
)
_LINES: Final = re.compile(r"possible values:((?:\s*\n\s*[A-Z][A-Z0-9_]+(?=\s*\n))+)", re.IGNORECASE)
_WORD: Final = re.compile(r"[A-Z][A-Z0-9_]+")
_UNSPECIFIED: Final = re.compile(r"(^|_)(UNSPECIFIED|UNDEFINED)(_|$)|^(UNKNOWN|INVALID)$|_INVALID$")


def limits_of(api: Mapping[str, Any], plain: str, doc: str = "", *, optional: bool = True) -> dict[str, Any]:
    """The limits of a field for an SDK's value that is text, a whole number, a number or bool.

    A bridged provider sends no empty text of an optional property.
    """
    if api.get("readOnly") or not plain or plain == "bool":
        return {}
    if plain != "text":
        return _of_number(api)
    found = _of_text(api)
    if "enum" in found:
        found["enum"] = [*with_listed(found["enum"], doc), *([""] if optional else [])]
    return found


def with_listed(enum: Sequence[Any], doc: str) -> list[Any]:
    """The choices and those that the SDK's own words name: an API's newer ones, a provider's of its beta."""
    passages = [*_LISTED.findall(doc), *_LINES.findall(doc)]
    listed = [word for words in passages for word in _WORD.findall(words)]
    return [*enum, *dict.fromkeys(word for word in listed if word not in enum)]


def merged(entry: Mapping[str, Any], limits: Mapping[str, Any]) -> dict[str, Any]:
    """An entry with the limits of a nearer source over its own; that source's own vocabulary replaces the other's."""
    if "decided" in limits:
        return {"api": entry["api"], **limits}
    words = {"enum", "pattern", "kind"} if {"enum", "pattern", "kind"} & set(limits) else set()
    numbers = {"kind"} if {"min", "max"} & set(limits) else set()
    return {**{key: value for key, value in entry.items() if key not in words | numbers}, **limits}


def _of_text(api: Mapping[str, Any]) -> dict[str, Any]:
    if api.get("type") == "boolean":
        return {"kind": "bool"}
    if api.get("enum"):
        return {"enum": _taken(api)}
    if api.get("pattern"):
        # Google's patterns are of the whole text; those of full resource names are of no short name.
        pattern = api["pattern"]
        return {} if "/" in pattern else {"pattern": f"^(?:{pattern.removeprefix('^').removesuffix('$')})$"}
    kind = _KINDS.get(api.get("format", ""), "")
    return {"kind": kind} if kind else {}


def _of_number(api: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, float] = {}
    if api.get("format") in _RANGES:
        least, most = _RANGES[api["format"]]
        found = {"min": least, "max": most}
    for key, ours in (("minimum", "min"), ("maximum", "max")):
        if key in api:
            found[ours] = float(api[key]) if "." in str(api[key]) else int(api[key])
    return found


def _taken(api: Mapping[str, Any]) -> list[str]:
    described = zip(api["enum"], api.get("enumDescriptions", [""] * len(api["enum"])), strict=True)
    return [name for name, text in described if not (_UNSPECIFIED.search(name) and _REFUSED.search(text))]
