"""Checks of a job's inputs off the wire that are the same on every cloud; each yields what is wrong with a value."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from trainyard.facts.expiry import parse_time
from trainyard.facts.labels import LEASE_KEY
from trainyard.provider.resource import Problem
from trainyard.servicer import Unknown, has_unknown, reveal

Check = Callable[[Any], Iterator[str]]


def problems(
    wire: Mapping[str, Any],
    what: str,
    keys: Sequence[str],
    checks: Mapping[str, Check],
    *,
    optional: Sequence[str] = (),
    later: Sequence[str] = (),
) -> Iterator[Problem]:
    """What is wrong with the inputs of a `what`, as far as they are known; `later`: keys of others' outputs."""
    for key in wire:
        if key not in keys:
            near = difflib.get_close_matches(key, keys, 1)
            hint = f'; did you mean "{near[0]}"?' if near else f"; known are {', '.join(keys)}"
            yield Problem(key, f"is no input of a {what}{hint}")
    for key, check in checks.items():
        value = reveal(wire.get(key))
        if value is None:
            if key not in optional:
                yield Problem(key, "is required")
        elif isinstance(value, Unknown):
            if key not in later:
                yield Problem(key, "must be known in every preview; give a plain value")
        else:
            for reason in check(value):
                yield Problem(key, reason)


def opened(wire: Mapping[str, Any], problems: Callable[[Mapping[str, Any]], Iterator[Problem]]) -> Mapping[str, Any]:
    """The inputs with secrets opened; ValueError for any that is wrong. Nothing may be unknown."""
    plain: Mapping[str, Any] = reveal(wire)
    if wrong := list(problems(plain)):
        message = "; ".join(f"{problem.key}: {problem.reason}" for problem in wrong)
        raise ValueError(message)
    if has_unknown(plain):
        message = "a value is not known yet"
        raise ValueError(message)
    return plain


def text(value: Any) -> Iterator[str]:
    if not isinstance(value, str) or not value:
        yield f"{value!r} given; give a text"


def one_of(allowed: tuple[str, ...]) -> Check:
    def check(value: Any) -> Iterator[str]:
        if value not in allowed:
            yield f"{value!r} given; allowed: {', '.join(allowed)}"

    return check


def whole_from(least: int) -> Check:
    def check(value: Any) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            yield f"{value!r} given; give a whole number from {least}"

    return check


def room_for_run(value: str, longest: int) -> Iterator[str]:
    """A name that the number of its run still fits behind."""
    if len(value) > longest - 5:
        yield f"has {len(value)} characters; at most {longest - 5} leave room for the number of the run"


def of_a_lease(value: Any) -> Iterator[str]:
    """Labels or tags by which the lease finds it."""
    if not isinstance(value, Mapping) or not value.get(LEASE_KEY):
        yield f"must hold {LEASE_KEY}: a job without it is found by nobody, and bills on"


def time(value: Any) -> Iterator[str]:
    try:
        parse_time(value)
    except (ValueError, TypeError):
        yield f'{value!r} given; give a time such as "2026-11-24T14:00:00Z"'
