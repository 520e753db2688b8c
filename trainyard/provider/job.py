"""What holds for a job on every cloud: one run of one container, and nothing but a raised `run` starts another.

A job is told by `run`, by its spec (what it runs, and on what) and by `waitFor`. A spec never changes without a raised
`run`; a raised one makes the job anew. A job that has ended is no difference, whatever its end was. These are plain
functions: a cloud's resource gives its own words to them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from trainyard.provider.resource import Difference, Problem
from trainyard.servicer import has_unknown, reveal

WAIT_FOR = ("submitted", "running", "finished")
ENDED = ("succeeded", "failed", "cancelled", "expired")
STATES = ("queued", "running", "cancelling", "paused", *ENDED, "deleted")
_SHORTEST_LOOK_SECONDS, _LONGEST_LOOK_SECONDS = 5.0, 30.0
_UNTIL_RUNNING = timedelta(minutes=15)  # longer than that nobody waits at a terminal; a queued job is good


class CancelledWaitError(Exception):
    """The engine was interrupted while it waited."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """A job as its cloud tells it."""

    state: str  # of STATES
    error: str = ""  # the cloud's own text


def check_run(olds: Mapping[str, Any], news: Mapping[str, Any], spec: Sequence[str]) -> Iterator[Problem]:
    """What forbids these inputs after the old ones; `spec` names the inputs that a job cannot change."""
    before, after = reveal(olds.get("run")), reveal(news.get("run"))
    if not isinstance(before, int) or not isinstance(after, int):
        return
    if after < before:
        text = f"is {before} in the state and {after} was given; a run is never taken back: give {before}, or more"
        yield Problem("run", text)
    elif after == before and (changed := spec_changes(olds, news, spec)):
        text = (
            f"run {before} was started already, and a job cannot be changed: {', '.join(changed)} "
            f"differ{'s' if len(changed) == 1 else ''} from what it was started with. Raise `run` to {before + 1} to "
            f"run again with that, or put it back"
        )
        yield Problem(changed[0].partition(".")[0].partition("[")[0], text)


def check(
    olds: Mapping[str, Any],
    news: Mapping[str, Any],
    problems: Callable[[Mapping[str, Any]], Iterator[Problem]],
    spec: Sequence[str],
) -> tuple[dict[str, Any], list[Problem]]:
    """The inputs to go on with, and what forbids it; `olds` is empty for a new job."""
    inputs = {key: value for key, value in news.items() if value is not None}
    found = list(problems(inputs))
    if olds and not found:
        found += check_run(olds, inputs, spec)
        if reveal(olds.get("origin")) != reveal(inputs.get("origin")):
            text = f'is "{olds.get("origin")}" in the state and never changes; run again where the job was started'
            found.append(Problem("origin", text))
    return inputs, found


def difference(olds: Mapping[str, Any], news: Mapping[str, Any], spec: Sequence[str]) -> Difference:
    """A raised `run` replaces; another `waitFor` is an update; the rest `check_run` has refused."""
    if reveal(olds.get("run")) != reveal(news.get("run")):
        changed = {path.partition(".")[0].partition("[")[0] for path in spec_changes(olds, news, spec)}
        return Difference(replaces=("run", *sorted(changed)))
    return Difference(updates=("waitFor",) if reveal(olds.get("waitFor")) != reveal(news.get("waitFor")) else ())


def spec_changes(olds: Mapping[str, Any], news: Mapping[str, Any], spec: Sequence[str]) -> list[str]:
    """Dotted paths that differ; a value that is not known yet differs from nothing."""
    return [path for key in spec for path in _paths(plain(olds.get(key)), plain(news.get(key)), key)]


def plain(value: Any) -> Any:
    """A value for comparison: secrets opened, nothing where nothing is said, numbers as the clouds' texts of them."""
    value = reveal(value)
    if has_unknown(value) and not isinstance(value, Mapping | list):
        return value
    if isinstance(value, Mapping):
        said = {key: plain(item) for key, item in value.items()}
        return {key: item for key, item in said.items() if item not in (None, "", [], {})} or None
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value or None  # false is what the clouds leave out
    return str(value)


def digest(spec: Mapping[str, Any]) -> str:
    """Of all that a job cannot change, 16 hexadecimal digits: it tells a job of another spec."""
    return hashlib.sha256(json.dumps(plain(spec), sort_keys=True).encode()).hexdigest()[:16]


def bound(wait_for: str, longest_wait: timedelta, timeout: timedelta) -> timedelta:
    """How long to wait at most: for a run a quarter of an hour, for its end as long as the job may wait and run."""
    if wait_for == "finished":
        return longest_wait + timeout + _UNTIL_RUNNING
    return min(longest_wait, _UNTIL_RUNNING)


def wait_until(
    wait_for: str,
    look: Callable[[], Look],
    *,
    until: datetime,
    now: Callable[[], datetime],
    pause: Callable[[float], bool],
) -> Look:
    """Look until the job is what is waited for, has ended, or the time is over; CancelledWaitError on Cancel."""
    seconds = _SHORTEST_LOOK_SECONDS
    while True:
        seen = look()
        if has_reached(wait_for, seen.state) or seen.state in (*ENDED, "deleted") or now() >= until:
            return seen
        if pause(seconds):
            raise CancelledWaitError
        seconds = min(seconds * 1.5, _LONGEST_LOOK_SECONDS)


def has_reached(wait_for: str, state: str) -> bool:
    """Whether that is what was waited for."""
    match wait_for:
        case "submitted":
            return True
        case "running":
            return state in ("running", "succeeded")
        case _:
            return state == "succeeded"


def unmet(wait_for: str, seen: Look, name: str, run: int) -> str | None:
    """Why the command must fail: the job ended otherwise than was waited for; None where it did not."""
    if has_reached(wait_for, seen.state) or seen.state not in ENDED:
        return None  # one that still waits for room is as good as a running one
    own = f": {seen.error}" if seen.error else ""
    return (
        f"job {name} {_HOW[seen.state]}{own}\nIt stays in the state as it is, and `pulumi up` says this again; raise "
        f"`run` to {run + 1} to run it again, for nothing else does."
    )


_HOW = {"failed": "failed", "cancelled": "was cancelled", "expired": "expired"}


def _paths(old: Any, new: Any, path: str) -> Iterator[str]:
    if has_unknown(new) and not isinstance(new, Mapping | list):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(set(old) | set(new)):
            yield from _paths(old.get(key), new.get(key), f"{path}.{key}")
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _paths(before, after, f"{path}[{index}]")
    elif old != new:
        yield path
