"""A candidate as a stack file: one lease with one workload, at the prices and hours of the advice."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from trainyard.choice.advice.advise import what
from trainyard.choice.advice.candidates import KINDS, Candidate
from trainyard.choice.advice.run import Run
from trainyard.choice.advice.words import amount, hours
from trainyard.facts.expiry import format_duration, ttl_limit

WRITABLE = ("VM", "TPU")  # a managed job has a container, which no advice knows
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Whose stack it is, and its lease."""

    environment: str
    owner: str
    cost_center: str
    ttl: timedelta
    extend_to: timedelta
    cap_usd: Decimal


def spans(each: Candidate, longest: timedelta) -> tuple[timedelta, timedelta]:
    """The time until the soft and the hard end: the hours at the low end, and twice as many if the cloud allows.

    `longest`: what the environment allows; ValueError where that is too short for the run.
    """
    limit = ttl_limit(KINDS[each.way], each.offered.cloud, each.offered.capacity)
    most = min(longest, limit.longest) if limit else longest
    ttl = max(1, math.ceil(each.hours.most)) * _HOUR
    if ttl > most:
        message = f"it may take {format_duration(ttl)}, and at most {format_duration(most)} are allowed"
        raise ValueError(message)
    return ttl, min(2 * ttl, most)


def stack_file(run: Run, each: Candidate, terms: Terms) -> str:
    """The whole file; ValueError for a way that is not written."""
    if each.way not in WRITABLE:
        message = f"a {each.way} is not written as a stack file; {' and '.join(WRITABLE)} are"
        raise ValueError(message)
    row, cap = each.offered, f"{terms.cap_usd:f}"
    lines = [
        "# yaml-language-server: $schema=../schemas/stack.schema.json",
        f"# {run.model.name}, {run.method}, {amount(run.tokens)} tokens: {what(each)}.",
        f"# {hours(each.hours)} hours of training at a utilisation of {each.utilisation.low:.0%} to "
        f"{each.utilisation.high:.0%}; the lease holds the longer.",
        "config:",
        "  trainyard:settings:",
        f"    stack: {{schema: 1, environment: {terms.environment}, layer: compute, owner: {terms.owner}, "
        f"cost_center: {terms.cost_center}}}",
        f"    lease: {{ttl: {format_duration(terms.ttl)}, extend_to: {format_duration(terms.extend_to)}, "
        f"cap_usd: {cap}, at_limit: stop, hook: {{checkpoint: 10m}}}}",
        "    workloads:",
        "      train:",
        f"        kind: {KINDS[each.way]}",
        f"        accelerator: {row.accelerator.chip}:{row.count:g}",
        *(_machine(each) if each.way == "VM" else ()),
        f"        where: [{{cloud: {row.cloud}, regions: [{row.region}]}}]",
        f"        capacity: [{row.capacity}]",
        "        # Who may log in, and which data sets of the base it reads and writes:",
        '        # access: ["group:…"]',
        "        # data: {training-corpus: read, checkpoints: write}",
    ]
    return "\n".join(lines) + "\n"


def _machine(each: Candidate) -> list[str]:
    chip = each.offered.accelerator
    lines = [f"        memory_gib: {chip.memory_gib}", f"        machine_type: {each.offered.machine_type}"]
    if each.machines > 1:
        lines += [f"        nodes: {each.machines}", f"        fabric: {chip.fabric}"]
    return lines
