"""Findings as people read them, and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from trainyard.choice.plan.words import WIDTH
from trainyard.choice.preflight.finding import Finding, Level

SCHEMA = 1
_MARKS = {Level.REFUSED: "✗", Level.WARNING: "!", Level.FITS: "✓"}
_ORDER = (Level.REFUSED, Level.WARNING, Level.FITS)


def lines(findings: Sequence[Finding]) -> Iterator[str]:
    """The gravest first; a command stands on a line of its own, to be copied whole."""
    for level in _ORDER:
        for each in findings:
            if each.level is level and each.unread is None:
                yield from _wrapped(f"{_MARKS[level]} {each.about}: {each.text}", "  ")
                yield from (f"    {command}" for command in each.remedy)
        if level is Level.WARNING:
            yield from _not_read(findings)


def _not_read(findings: Sequence[Finding]) -> Iterator[str]:
    """What has one reason is told together."""
    reasons: dict[str, list[Finding]] = {}
    for each in findings:
        if each.unread is not None:
            reasons.setdefault(each.unread, []).append(each)
    for reason, found in reasons.items():
        yield from _wrapped(f"! not read: {reason.rstrip('.')}. Not known:", "  ")
        for each in found:
            yield from _wrapped(f"    {each.about}: {each.text}", "      ")


def _wrapped(text: str, further: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=further, break_long_words=False, break_on_hyphens=False)


def as_json(stack: str, findings: Sequence[Finding]) -> dict[str, Any]:
    """docs/plan.md names every key."""
    return {
        "schema": SCHEMA,
        "stack": stack,
        "refused": any(each.level is Level.REFUSED for each in findings),
        "findings": [
            {
                "level": each.level.value,
                "about": each.about,
                "text": each.text,
                "remedy": list(each.remedy),
                "unread": each.unread,
            }
            for each in findings
        ],
    }
