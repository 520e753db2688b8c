"""The lease's inputs off the wire: every field checked, and turned into the record's terms."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from trainyard.facts.expiry import parse_time
from trainyard.facts.labels import check_slug
from trainyard.facts.origin import Origin
from trainyard.lease import Record, StoreUrlError, Terms, Workload
from trainyard.lease.place import parse as parse_place
from trainyard.provider.resource import InputsError, Problem

SEEN = ("seenRecord", "seenPriceDate", "seenSpendUsd")
TIMES_ARE_THE_STATES = ("absent", "damaged", "unread")  # seenRecord: the program could not know the lease's times
LOST = ("absent", "damaged")
REWRITE = "rewrite"  # what Check adds where a living lease's record is lost: new each time, so that Update is called
_RECORDS = ("absent", "held", "damaged", "unread", "ending", "ended")
_LIMITS = ("stop", "end")
_WORKLOAD = ("kind", "nodes", "cloud", "scope", "place", "machine_type", "capacity", "usd_hour")


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What the program gave."""

    lease_id: str
    project: str
    stack: str
    environment: str
    store: str
    origin: Origin
    terms: Terms
    scopes: tuple[str, ...]
    seen_record: str

    def scoped(self, scope: Callable[[str], str]) -> Inputs:
        """The inputs with each scope as the run uses it, `Run.scope`."""
        return replace(self, scopes=tuple(scope(each) for each in self.scopes))

    def record(self, *, holder: str, backend: str) -> Record:
        """The record of a lease that begins, or that is written again from its state."""
        return Record(
            id=self.lease_id,
            origin=self.origin,
            project=self.project,
            stack=self.stack,
            environment=self.environment,
            backend=backend,
            holder=holder,
            terms=self.terms,
            scopes=self.scopes,
        )


def _text(value: object) -> str:
    if isinstance(value, str) and value:
        return value
    message = f"{value!r} given; give a text"
    raise ValueError(message)


def _slug(value: object) -> str:
    if (error := check_slug(_text(value))) is not None:
        raise ValueError(error)
    return str(value)


def _minute(value: object) -> datetime:
    when = parse_time(_text(value))
    if when.second or when.microsecond:
        message = f'"{value}" has seconds; the lease\'s times are whole minutes'
        raise ValueError(message)
    return when


def _span(value: object) -> timedelta:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return timedelta(minutes=value)
    message = f"{value!r} given; give whole minutes"
    raise ValueError(message)


def _money(value: object) -> Decimal:
    text = _text(value)
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        message = f'"{text}" given; give US dollars as a decimal text, for example "1600" or "0.85"'
        raise ValueError(message)
    return amount


def _store(value: object) -> str:
    try:
        return parse_place(_text(value)).url
    except StoreUrlError as error:
        raise ValueError(str(error)) from error


def _one_of(allowed: tuple[str, ...]) -> Callable[[object], str]:
    def check(value: object) -> str:
        if value in allowed:
            return str(value)
        message = f"{value!r} given; allowed: {', '.join(allowed)}"
        raise ValueError(message)

    return check


def _scopes(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) and re.fullmatch(r"[a-z]+:\S+", item) for item in value):
        return tuple(dict.fromkeys(value))
    message = f'{value!r} given; give a list of scopes, for example ["gcp:acme-ml-dev"]'
    raise ValueError(message)


def _workloads(value: object) -> dict[str, Workload]:
    if isinstance(value, Mapping):
        return {str(name): _workload(str(name), item) for name, item in value.items()}
    message = f"{value!r} given; give a mapping of workloads"
    raise ValueError(message)


def _workload(name: str, value: object) -> Workload:
    if not isinstance(value, Mapping):
        message = f"{name} is {value!r}; give a mapping with {', '.join(_WORKLOAD)}"
        raise ValueError(message)
    unknown = sorted(set(value) - set(_WORKLOAD))
    missing = [key for key in _WORKLOAD if key not in value and key != "usd_hour"]
    if unknown or missing:
        what = f"has the unknown key {unknown[0]}" if unknown else f"lacks {missing[0]}"
        message = f"{name} {what}; its keys are {', '.join(_WORKLOAD)}"
        raise ValueError(message)
    nodes = value["nodes"]
    if not isinstance(nodes, int) or isinstance(nodes, bool) or nodes < 1:
        message = f"{name}.nodes is {nodes!r}; give a whole number from 1"
        raise ValueError(message)
    usd_hour = value.get("usd_hour")
    return Workload(
        nodes=nodes,
        usd_hour=None if usd_hour is None else _money(usd_hour),
        **{key: _text(value[key]) for key in _WORKLOAD if key not in ("nodes", "usd_hour")},
    )


_FIELDS: dict[str, Callable[[object], object]] = {
    "leaseId": _slug,
    "project": _text,
    "stack": _text,
    "environment": _text,
    "owner": _slug,
    "costCenter": _slug,
    "store": _store,
    "origin": lambda value: Origin(_one_of(tuple(Origin))(value)),
    "start": _minute,
    "hardEnd": _minute,
    "ttlMinutes": _span,
    "extendToMinutes": _span,
    "capUsd": _money,
    "atLimit": _one_of(_LIMITS),
    "graceMinutes": _span,
    "workloads": _workloads,
    "scopes": _scopes,
    "seenRecord": _one_of(_RECORDS),
}
KEYS = (*_FIELDS, "seenPriceDate", "seenSpendUsd", REWRITE)


def parse(wire: Mapping[str, Any]) -> Inputs:
    """The inputs; InputsError with all problems. Secrets must be opened, and nothing may be unknown."""
    values: dict[str, Any] = {}
    problems = [Problem(key, _near(key)) for key in wire if key not in KEYS]
    for key, read in _FIELDS.items():
        if wire.get(key) is None:
            problems.append(Problem(key, "is required"))
            continue
        try:
            values[key] = read(wire[key])
        except ValueError as error:
            problems.append(Problem(key, str(error)))
    if not problems:
        problems = _times(values)
    if problems:
        raise InputsError(tuple(problems))
    return Inputs(
        lease_id=values["leaseId"],
        project=values["project"],
        stack=values["stack"],
        environment=values["environment"],
        store=values["store"],
        origin=values["origin"],
        scopes=values["scopes"],
        seen_record=values["seenRecord"],
        terms=Terms(
            start=values["start"],
            ttl=values["ttlMinutes"],
            extend_to=values["extendToMinutes"],
            hard_end=values["hardEnd"],
            cap_usd=values["capUsd"],
            at_limit=values["atLimit"],
            grace=values["graceMinutes"],
            owner=values["owner"],
            cost_center=values["costCenter"],
            workloads=values["workloads"],
        ),
    )


def _near(key: str) -> str:
    near = difflib.get_close_matches(key, KEYS, 1)
    hint = f'; did you mean "{near[0]}"?' if near else f"; known are {', '.join(KEYS)}"
    return f"is no input of a lease{hint}"


def _times(values: Mapping[str, Any]) -> list[Problem]:
    ttl, extend_to = values["ttlMinutes"], values["extendToMinutes"]
    if not timedelta() < ttl <= extend_to:
        return [Problem("ttlMinutes", "must be over 0 and at most extendToMinutes; raise extend_to or lower ttl")]
    if values["start"] + extend_to != values["hardEnd"]:
        text = (
            f"the hard end is start + extend_to and never changes, but {values['start']:%Y-%m-%dT%H:%MZ} + "
            f"{extend_to // timedelta(minutes=1)} minutes is not {values['hardEnd']:%Y-%m-%dT%H:%MZ}; put extend_to "
            f"back to what it was when the lease began, or destroy first"
        )
        return [Problem("extendToMinutes", text)]
    return []
