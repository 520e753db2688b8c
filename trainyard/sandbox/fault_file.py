"""The faults file: which call of a simulated cloud goes wrong, how, where, when and how often."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import yaml

from trainyard.sandbox.clock import parse_step
from trainyard.sandbox.faults import ABOUT, KINDS, Fault
from trainyard.sandbox.folder import SandboxError
from trainyard.sandbox.packages import installed

VERBS: Final = ("create", "read", "update", "delete", "run")
_TIMED: Final = ("slow", "lag", "hang", "linger")
KEYS: Final = (
    "call",
    "kind",
    "where",
    "after",
    "for",
    "times",
    "skip",
    "chance",
    "seed",
    "seconds",
    "code",
    "message",
    "made",
)


def load(path: Path, calls: Collection[str], tokens: Collection[str], now: float) -> tuple[Fault, ...]:
    """The faults of a file, for a simulated time; SandboxError with every mistake at once."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read ({error}); give a YAML file with a list of faults"
        raise SandboxError(message) from error
    try:
        return parse(yaml.safe_load(text), calls, tokens, now)
    except yaml.YAMLError as error:
        message = f"{path}: is no YAML: {error}"
        raise SandboxError(message) from error
    except SandboxError as error:
        message = f"{path}: {error}"
        raise SandboxError(message) from error


def tokens() -> frozenset[str]:
    """Every resource type of the installed SDKs."""
    return frozenset(token for package in installed().values() for token in package.types)


def parse(value: Any, calls: Collection[str], tokens: Collection[str], now: float) -> tuple[Fault, ...]:
    """Faults out of plain values; `calls` are the API's, `tokens` the types of the provider side."""
    if value is None:
        return ()
    if not isinstance(value, list):
        message = f"a list of faults was expected, not {type(value).__name__}; write `- call: … / kind: …` entries"
        raise SandboxError(message)
    problems: list[str] = []
    faults: list[Fault] = []
    for number, entry in enumerate(value, start=1):
        found = list(_problems(entry, calls, tokens))
        problems += [f"fault {number}: {problem}" for problem in found]
        if not found:
            faults.append(_fault(entry, now))
    if problems:
        raise SandboxError("\n".join(problems))
    return tuple(faults)


def _fault(entry: Mapping[str, Any], now: float) -> Fault:
    since = now + _span(entry["after"]) if "after" in entry else 0.0
    return Fault(
        call=entry["call"],
        kind=entry["kind"],
        seconds=float(entry.get("seconds", 0)),
        code=entry.get("code", 503),
        message=entry.get("message", ""),
        times=entry.get("times"),
        skip=entry.get("skip", 0),
        where=dict(entry.get("where") or {}),
        since=since,
        until=(since or now) + _span(entry["for"]) if "for" in entry else None,
        chance=float(entry.get("chance", 1)),
        seed=entry.get("seed", 0),
        made=entry.get("made", 0),
    )


def _problems(entry: Any, calls: Collection[str], tokens: Collection[str]) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield f"{entry!r} is no mapping; its keys are {', '.join(KEYS)}"
        return
    yield from (f"unknown key {key!r}{_near(str(key), KEYS)}" for key in entry if key not in KEYS)
    yield from _call(entry.get("call"), calls, tokens)
    kind = str(entry.get("kind"))
    if kind not in KINDS:
        yield f"kind {kind!r} is not known{_near(kind, KINDS)}; known: {', '.join(KINDS)}"
        return
    yield from _fits(kind, str(entry.get("call")))
    if kind in _TIMED and not _is_positive(entry.get("seconds")):
        yield f"kind {kind!r} needs `seconds`, a number above 0, not {entry.get('seconds')!r}"
    yield from _numbers(entry)
    yield from _times(entry)
    yield from _where(entry.get("where"))


def _numbers(entry: Mapping[str, Any]) -> Iterator[str]:
    code = entry.get("code", 503)
    if type(code) is not int or not 400 <= code <= 599:
        yield f"code {code!r} is no HTTP error; give a number from 400 to 599"
    if not isinstance(entry.get("message", ""), str):
        yield f"message {entry['message']!r} is no text"
    times = entry.get("times")
    if times is not None and (type(times) is not int or times < 1):
        yield f"times {times!r} is no count; give 1 or more, or leave it out for every time"
    for name in ("skip", "seed", "made"):
        if type(entry.get(name, 0)) is not int or entry.get(name, 0) < 0:
            yield f"{name} {entry[name]!r} is no count; give 0 or more"
    chance = entry.get("chance", 1)
    if isinstance(chance, bool) or not isinstance(chance, int | float) or not 0 < chance <= 1:
        yield f"chance {chance!r} is no share; give a number above 0 and up to 1"


def _times(entry: Mapping[str, Any]) -> Iterator[str]:
    for name in ("after", "for"):
        if name in entry:
            try:
                _span(entry[name])
            except SandboxError:
                yield f"{name} {entry[name]!r} is no span of time; give for example 30s, 90m, 12h or 2d"


def _where(where: Any) -> Iterator[str]:
    if where is None:
        return
    if not isinstance(where, dict):
        yield f"where {where!r} is no mapping; its keys are {', '.join(ABOUT)}"
        return
    for key, value in where.items():
        if key not in ABOUT:
            yield f"where: unknown key {key!r}{_near(str(key), ABOUT)}; known: {', '.join(ABOUT)}"
        elif not isinstance(value, str):
            yield f"where: {key} {value!r} is no text"


def _fits(kind: str, call: str) -> Iterator[str]:
    listing = call.lower().endswith(("list", "listall", "*")) or any(
        verb in call.lower() for verb in (".describe", ".list", ".getresources")
    )
    if kind in ("lag", "cut-list") and not listing:
        yield f"kind {kind!r} is for list calls of the API, not for {call!r}"
    if kind == "partial" and not call.endswith((" create", " update")):
        yield f"kind 'partial' is for a provider's create or update, not for {call!r}"
    if kind == "linger" and "delete" not in call.lower() and "terminate" not in call.lower() and not call.endswith("*"):
        yield f"kind 'linger' is for a delete, not for {call!r}"
    if (kind == "preempt") != call.endswith(" run"):
        yield f"kind 'preempt' goes with a type's `run`, and nothing else does: not {kind!r} with {call!r}"


def _call(call: Any, calls: Collection[str], tokens: Collection[str]) -> Iterator[str]:
    if not isinstance(call, str):
        yield f"call {call!r} is missing or no text, for example `compute.instances.aggregatedList`"
        return
    if call in calls:
        return
    token, _, verb = call.rpartition(" ")
    if not token:
        if "*" not in call or not any(fnmatchcase(known, call) for known in calls):
            yield f"call {call!r} is not known{_near(call, calls) or _near(call, tokens)}"
        return
    if token not in tokens and not ("*" in token and any(fnmatchcase(known, token) for known in tokens)):
        yield f"resource type {token!r} is not known{_near(token, tokens)}"
    elif verb not in VERBS:
        yield f"verb {verb!r} is not known{_near(verb, VERBS)}; known: {', '.join(VERBS)}"


def _span(value: Any) -> float:
    return parse_step(f"+{value}")


def _is_positive(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def _near(given: str, known: Collection[str]) -> str:
    nearest = difflib.get_close_matches(given, known, n=1, cutoff=0.4)
    return f"; did you mean {nearest[0]!r}?" if nearest else ""
