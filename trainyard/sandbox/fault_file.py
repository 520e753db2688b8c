"""The faults file: which call of a simulated cloud goes wrong, how, and how often."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import yaml

from trainyard.sandbox.faults import KINDS, Fault
from trainyard.sandbox.folder import SandboxError
from trainyard.sandbox.packages import installed

VERBS = ("create", "read", "update", "delete")
_TIMED = ("slow", "lag", "hang")
_KEYS = ("call", "kind", "seconds", "code", "message", "times")


def load(path: Path, calls: Collection[str], tokens: Collection[str]) -> tuple[Fault, ...]:
    """The faults of a file; SandboxError with every mistake at once."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read ({error}); give a YAML file with a list of faults"
        raise SandboxError(message) from error
    try:
        return parse(yaml.safe_load(text), calls, tokens)
    except yaml.YAMLError as error:
        message = f"{path}: is no YAML: {error}"
        raise SandboxError(message) from error
    except SandboxError as error:
        message = f"{path}: {error}"
        raise SandboxError(message) from error


def tokens() -> frozenset[str]:
    """Every resource type of the installed SDKs."""
    return frozenset(token for package in installed().values() for token in package.types)


def parse(value: Any, calls: Collection[str], tokens: Collection[str]) -> tuple[Fault, ...]:
    """Faults out of plain values; `calls` are the API's, `tokens` the types of the provider side."""
    if value is None:
        return ()
    if not isinstance(value, list):
        message = f"a list of faults was expected, not {type(value).__name__}; write `- call: … / kind: …` entries"
        raise SandboxError(message)
    problems: list[str] = []
    faults: list[Fault] = []
    for number, entry in enumerate(value, start=1):
        found = _problems(entry, calls, tokens)
        problems += [f"fault {number}: {problem}" for problem in found]
        if not found:
            faults.append(_fault(entry))
    if problems:
        raise SandboxError("\n".join(problems))
    return tuple(faults)


def _fault(entry: dict[str, Any]) -> Fault:
    return Fault(
        call=entry["call"],
        kind=entry["kind"],
        seconds=float(entry.get("seconds", 0)),
        code=entry.get("code", 503),
        message=entry.get("message", ""),
        times=entry.get("times"),
    )


def _problems(entry: Any, calls: Collection[str], tokens: Collection[str]) -> list[str]:
    if not isinstance(entry, dict):
        return [f"{entry!r} is no mapping; its keys are {', '.join(_KEYS)}"]
    found = [f"unknown key {key!r}{_near(str(key), _KEYS)}" for key in entry if key not in _KEYS]
    found += _call(entry.get("call"), calls, tokens)
    kind = str(entry.get("kind"))
    if kind not in KINDS:
        return [*found, f"kind {kind!r} is not known{_near(kind, KINDS)}; known: {', '.join(KINDS)}"]
    found += _fits(kind, str(entry.get("call")))
    if kind in _TIMED and not _is_positive(entry.get("seconds")):
        found.append(f"kind {kind!r} needs `seconds`, a number above 0, not {entry.get('seconds')!r}")
    code = entry.get("code", 503)
    if type(code) is not int or not 400 <= code <= 599:
        found.append(f"code {code!r} is no HTTP error; give a number from 400 to 599")
    if not isinstance(entry.get("message", ""), str):
        found.append(f"message {entry['message']!r} is no text")
    times = entry.get("times")
    if times is not None and (type(times) is not int or times < 1):
        found.append(f"times {times!r} is no count; give 1 or more, or leave it out for every time")
    return found


def _fits(kind: str, call: str) -> list[str]:
    if kind == "lag" and not call.lower().endswith("list"):
        return [f"kind 'lag' is for list calls of the API, not for {call!r}"]
    if kind == "partial" and not call.endswith((" create", " update")):
        return [f"kind 'partial' is for a provider's create or update, not for {call!r}"]
    return []


def _call(call: Any, calls: Collection[str], tokens: Collection[str]) -> list[str]:
    if not isinstance(call, str):
        return [f"call {call!r} is missing or no text, for example `compute.instances.aggregatedList`"]
    if call in calls:
        return []
    token, _, verb = call.rpartition(" ")
    if not token:
        return [f"call {call!r} is not known{_near(call, calls) or _near(call, tokens)}"]
    if token not in tokens:
        return [f"resource type {token!r} is not known{_near(token, tokens)}"]
    return [] if verb in VERBS else [f"verb {verb!r} is not known{_near(verb, VERBS)}; known: {', '.join(VERBS)}"]


def _is_positive(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def _near(given: str, known: Collection[str]) -> str:
    nearest = difflib.get_close_matches(given, known, n=1, cutoff=0.4)
    return f"; did you mean {nearest[0]!r}?" if nearest else ""
