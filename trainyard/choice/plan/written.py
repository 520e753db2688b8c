"""`stacks/<stack>.plan.yaml`: the candidates that were reviewed, with their prices, and what has changed since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from trainyard.choice.plan.as_json import price_json
from trainyard.choice.plan.candidates import find, key
from trainyard.facts.expiry import format_duration, format_time, parse_time
from trainyard.facts.price import usd
from trainyard.facts.selection import Candidate
from trainyard.settings.candidates import Accepted

SCHEMA = 1
_HEAD = """\
# Written by `trainyard plan {stack} --write`: what was reviewed. `trainyard plan` and `trainyard check` say what has
# changed since, and change nothing; write it anew to agree to that.
"""
_TAKEN = ("env", "Pulumi")  # their plans would be taken for an environment's or a stack's file


class PlanFileError(Exception):
    """The file is no plan; the text says where and why."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One candidate as it was written; `usd_hour` of one node, None: no price was known."""

    candidate: str
    usd_hour: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Written:
    """What the file holds."""

    file: str
    at: datetime
    workloads: Mapping[str, tuple[Row, ...]]


def path_of(folder: Path, stack: str) -> Path:
    """Where a stack's plan lies; PlanFileError for a stack of a name that files of another kind have."""
    if stack in _TAKEN:
        message = f'a plan of stack "{stack}" would be taken for another kind of file; give the stack another name.'
        raise PlanFileError(message)
    return folder / f"{stack}.plan.yaml"


def text_of(stack: str, at: datetime, ttl_words: Mapping[str, str], found: tuple[Accepted, ...]) -> str:
    """The file's text: the same candidates, prices and moment make the same text."""
    lines = [
        _HEAD.format(stack=stack).rstrip("\n"),
        f"schema: {SCHEMA}",
        f"stack: {stack}",
        f'written: "{format_time(at)}"',
        "currency: USD",
        f"lease: {{ {', '.join(f'{name}: {value}' for name, value in ttl_words.items())} }}",
        "workloads:",
    ]
    for each in found:
        lines += [f"  {each.workload}:", f"    nodes: {each.nodes}", "    candidates:"]
        lines += [f"      - {_row(candidate)}" for candidate in each.candidates]
    return "\n".join(lines) + "\n"


def terms(ttl: Any, extend_to: Any, cap_usd: Decimal) -> dict[str, str]:
    """The lease's terms as the file shows them."""
    return {"ttl": format_duration(ttl), "extend_to": format_duration(extend_to), "cap_usd": str(cap_usd)}


def read(path: Path) -> Written | None:
    """The plan that lies there; None where there is none, PlanFileError for what is no plan."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read: {error}; write it anew with --write."
        raise PlanFileError(message) from error
    try:
        return _written(path, yaml.safe_load(text))
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
        message = f"{path}: is no plan of schema {SCHEMA} ({error}); write it anew with --write, or delete it."
        raise PlanFileError(message) from error


def changes(written: Written, found: tuple[Accepted, ...]) -> Iterator[str]:
    """What is not as it was reviewed, one line each, the gravest first."""
    now = {each.workload: each for each in found}
    for name, rows in written.workloads.items():
        if name not in now:
            yield f"{name}: is no workload any more"
            continue
        yield from _changes(name, rows, now[name].candidates)
    yield from (f"{name}: is new, and was not reviewed" for name in now if name not in written.workloads)


def _changes(name: str, rows: tuple[Row, ...], candidates: tuple[Candidate, ...]) -> Iterator[str]:
    keys = [each.candidate for each in rows]
    for row in rows:
        candidate = find(candidates, row.candidate)
        if candidate is None:
            yield f"{name}: {row.candidate} has gone; {_next(row.candidate, keys, candidates)}"
        elif usd(candidate.price) != row.usd_hour:
            yield f"{name}: {row.candidate} was {_figure(row.usd_hour)}, is {_figure(usd(candidate.price))}"
    fresh = [key(each) for each in candidates if key(each) not in keys]
    if fresh:
        more = f" and {len(fresh) - 1} more" if len(fresh) > 1 else ""
        yield f"{name}: {fresh[0]}{more} came to it, and was not reviewed"
    stayed = [each for each in keys if find(candidates, each)]
    if stayed and stayed != [key(each) for each in candidates if key(each) in keys]:
        yield f"{name}: the order has changed; first was {stayed[0]}, first is {key(candidates[0])}"


def _next(gone: str, keys: list[str], candidates: tuple[Candidate, ...]) -> str:
    """The reviewed one that follows, else the first there is."""
    behind = keys[keys.index(gone) + 1 :]
    reviewed = next((found for each in behind if (found := find(candidates, each))), None)
    if reviewed is not None:
        return f"next is {key(reviewed)} at {_figure(usd(reviewed.price))}"
    first = candidates[0]
    return f"no later one that was reviewed is left; the first of today is {key(first)} at {_figure(usd(first.price))}"


def _figure(amount: Decimal | None) -> str:
    return "of unknown price" if amount is None else f"{amount.normalize():f} USD/h"


def _row(candidate: Candidate) -> str:
    told = price_json(candidate.price)
    figure = told["usd_hour"]
    date = f", date: {told['date']}" if told["date"] else ""
    amount = f'"{figure}"' if figure is not None else "null"
    return f"{{ candidate: {key(candidate)!r}, usd_hour: {amount}, price: {told['kind']}{date} }}"


def _written(path: Path, value: Any) -> Written:
    if value["schema"] != SCHEMA:
        message = f"its schema is {value['schema']}"
        raise ValueError(message)
    return Written(
        file=str(path),
        at=parse_time(value["written"]),
        workloads={
            str(name): tuple(
                Row(
                    candidate=str(row["candidate"]),
                    usd_hour=None if row["usd_hour"] is None else Decimal(row["usd_hour"]),
                )
                for row in each["candidates"]
            )
            for name, each in value["workloads"].items()
        },
    )
