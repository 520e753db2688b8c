"""A plan held against the quotas of its accounts: what is taken now first, then what else may come to be taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from trainyard.choice.plan.plan import Option, Plan, WorkloadPlan
from trainyard.choice.preflight.accounts import Reader
from trainyard.choice.preflight.finding import Finding, Level
from trainyard.choice.preflight.request import request
from trainyard.clouds.scope import ScopeUnreadable
from trainyard.facts.capacity import name
from trainyard.facts.quotas import Quota, QuotaNeed, needs

_Key = tuple[str, str, str]  # service, metric, place


@dataclass(frozen=True, kw_only=True)
class _Asked:
    need: QuotaNeed
    taken: bool  # by what `up` takes now
    workloads: tuple[str, ...]


def quotas(plan: Plan, reader: Reader) -> Iterator[Finding]:
    """A finding for each quota that a candidate meets, those of the taken ones first and together."""
    for each in _asked(plan, reader):
        yield _finding(each, reader)


def _asked(plan: Plan, reader: Reader) -> Iterator[_Asked]:
    taken: dict[_Key, _Asked] = {}
    for each in plan.workloads:
        if each.runs_on is None and not each.held:  # what is held is counted in what is used
            for need in _needs(each, each.chosen):
                _add(taken, _key(need, reader), need, each.workload, taken=True)
    others: dict[_Key, _Asked] = {}
    for each in plan.workloads:
        for option in each.options if each.runs_on is None else ():
            for need in _needs(each, option) if option.key != each.taken else ():
                key = _key(need, reader)
                if key not in taken:
                    _add(others, key, need, each.workload, taken=False)
    yield from (*taken.values(), *others.values())


def _needs(each: WorkloadPlan, option: Option) -> tuple[QuotaNeed, ...]:
    return needs(each.kind, option.candidate.offer, name(option.candidate.capacity), each.nodes)


def _key(need: QuotaNeed, reader: Reader) -> _Key:
    """Sizes of one family share its quota on Azure; where the family is not told, each size stands for itself."""
    try:
        return need.service, reader.family(need), need.place
    except ScopeUnreadable:
        return need.service, f"family of {need.machine_type}", need.place


def _add(found: dict[_Key, _Asked], key: _Key, need: QuotaNeed, workload: str, *, taken: bool) -> None:
    """Taken needs add up over the workloads; of the others the smallest counts."""
    known = found.get(key)
    if known is None:
        found[key] = _Asked(need=need, taken=taken, workloads=(workload,))
        return
    amount = known.need.amount + need.amount if taken else min(known.need.amount, need.amount)
    workloads = tuple(dict.fromkeys((*known.workloads, workload)))
    found[key] = _Asked(need=replace(known.need, amount=amount), taken=taken, workloads=workloads)


def _finding(asked: _Asked, reader: Reader) -> Finding:
    need = asked.need
    about = " ".join(part for part in (need.service, need.place or "all regions", need.metric) if part)
    who = ", ".join(asked.workloads)
    if need.unread:
        return _unread(about, f"{who} needs {_figure(need.amount)}", need.unread)
    try:
        name = reader.family(need) if need.service in ("azure", "azure-ml") else need.metric
        quota = reader.quota(need)
    except ScopeUnreadable as error:
        return _unread(about, f"{who} needs {_figure(need.amount)}", error.reason)
    about = " ".join((need.service, need.place or "all regions", name))
    if quota is None:
        text = f"{who} needs {_figure(need.amount)}: the cloud tells no quota of that name, so that none may be granted"
        return Finding(level=Level.WARNING, about=about, text=text)
    return _held_against(asked, reader, quota, about, name)


def _unread(about: str, text: str, reason: str) -> Finding:
    return Finding(level=Level.WARNING, about=about, text=text, unread=reason)


def _held_against(asked: _Asked, reader: Reader, quota: Quota, about: str, name: str) -> Finding:
    need, who = asked.need, ", ".join(asked.workloads)
    used = quota.used or 0.0
    state = f"limit {_figure(quota.limit)}" + (
        f", {_figure(quota.used)} used" if quota.used is not None else ", what runs is not told"
    )
    if used + need.amount <= quota.limit:
        return Finding(level=Level.FITS, about=about, text=f"{who} needs {_figure(need.amount)}; {state}")
    code = reader.amazon(need.place).sagemaker_code(name) if need.service == "sagemaker" else ""
    return Finding(
        level=Level.REFUSED if asked.taken else Level.WARNING,
        about=about,
        text=f"{who} needs {_figure(need.amount)}: {state}",
        remedy=request(need, reader.accounts, used + need.amount, name, code),
    )


def _figure(amount: float) -> str:
    return f"{amount:.0f}" if amount.is_integer() else f"{amount:g}"
