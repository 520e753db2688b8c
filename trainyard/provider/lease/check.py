"""Check: without network, before any child is touched; keeps a lease's identity and times what they were."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from trainyard.provider.lease.inputs import LOST, REWRITE, TIMES_ARE_THE_STATES, parse
from trainyard.provider.resource import InputsError, Problem
from trainyard.servicer import has_unknown, reveal

_FIXED = ("origin", "start", "hardEnd")


def check(urn: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The inputs to go on with, and what forbids it. `olds` is empty for a new lease."""
    inputs = {key: reveal(value) for key, value in news.items() if value is not None}
    if unknown := [
        Problem(key, "must be known in every preview; give a plain value")
        for key, value in inputs.items()
        if has_unknown(value)
    ]:
        return inputs, tuple(unknown)
    if olds and inputs.get("leaseId") != olds.get("leaseId"):
        return inputs, (_renamed(olds, inputs),)
    if inputs.get("seenRecord") == "ending" or (olds and inputs.get("seenRecord") == "ended"):
        return inputs, (_at_end(inputs),)
    if olds and inputs.get("seenRecord") in TIMES_ARE_THE_STATES:
        inputs |= {"start": olds["start"], "hardEnd": olds["hardEnd"]}
    if olds and inputs.get("seenRecord") in LOST:
        inputs[REWRITE] = uuid.uuid4().hex[:8]
    problems = [_changed(key, olds, inputs) for key in _FIXED if olds and inputs.get(key) != olds.get(key)]
    if problems:
        return inputs, tuple(problems)
    try:
        parsed = parse(inputs)
    except InputsError as error:
        return inputs, error.problems
    return inputs, _of_another_stack(urn, parsed.project, parsed.stack)


def _renamed(olds: Mapping[str, Any], news: Mapping[str, Any]) -> Problem:
    text = (
        f'this state holds the lease "{olds.get("leaseId")}", the program means "{news.get("leaseId")}": the stack, '
        f"its project or the store of leases ({olds.get('store')}) was renamed, and its machines carry the old name. "
        f"Rename back (`pulumi stack rename {olds.get('stack')}`, or the old `leases:` line), or destroy first"
    )
    return Problem("leaseId", text)


def _at_end(news: Mapping[str, Any]) -> Problem:
    lease = news.get("leaseId")
    if news["seenRecord"] == "ended":
        text = f"lease {lease} has ended; tidy the state with `pulumi destroy`, then `pulumi up` begins a new lease"
    else:
        text = (
            f"lease {lease} is ending: a destroy began and is not complete, and nothing is made under a lease that "
            f"ends. Finish it with `pulumi destroy`, then run `pulumi up`"
        )
    return Problem("seenRecord", text)


def _changed(key: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Problem:
    text = (
        f'is "{olds.get(key)}" in the state and never changes, given was "{news.get(key)}"; run again in the origin '
        f"and with the record that the lease began with, or destroy first"
    )
    return Problem(key, text)


def _of_another_stack(urn: str, project: str, stack: str) -> tuple[Problem, ...]:
    _, _, rest = urn.partition("urn:pulumi:")
    urn_stack, _, rest = rest.partition("::")
    urn_project = rest.partition("::")[0]
    if (urn_project, urn_stack) == (project, stack):
        return ()
    text = (
        f'the lease names project "{project}" and stack "{stack}", but the engine runs "{urn_project}" and '
        f'"{urn_stack}"; give the lease what pulumi.get_project() and pulumi.get_stack() say'
    )
    return (Problem("stack", text),)
