"""The candidates of each workload, as the program, the plan and failover all take them: one list, in one order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from trainyard.facts.offer import load_offers
from trainyard.facts.persistent_resource import INCLUDED
from trainyard.facts.price import usd
from trainyard.facts.selection import Candidate, Rejected, Selection, select
from trainyard.settings.kinds import nodes
from trainyard.settings.requests import lacking, requests
from trainyard.settings.settings import Settings
from trainyard.settings.training_job import TrainingJob


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """What one workload may take."""

    workload: str
    nodes: int  # machines of one candidate
    candidates: tuple[Candidate, ...]  # in the order in which they are tried, those with a known price where one has
    reason: str  # why the first is first
    left_out: tuple[str, ...]  # places of `where` that are none, with why
    rejected: tuple[Rejected, ...]
    runs_on: str | None = None  # the persistent resource whose machines a job uses, which alone pays for them


def accepted(settings: Settings) -> tuple[Accepted, ...]:
    """For each workload in the order of the file; SelectionError when nothing fits one."""
    selections: dict[object, tuple[Selection, ...]] = {}
    found = []
    for workload in settings.workloads:
        asked = requests(settings, workload)
        if asked not in selections:
            selections[asked] = tuple(
                select(
                    request,
                    load_offers(request.cloud),
                    allowed_regions=settings.environment.limits.regions,
                    price_factor=_price_factor(settings, request.cloud),
                )
                for request in asked
            )
        found.append(_accepted(settings, workload, selections[asked]))
    return tuple(_paid(settings, each, found) for each in found)


def _accepted(settings: Settings, workload: str, selections: tuple[Selection, ...]) -> Accepted:
    machine = settings.workloads[workload]
    candidates = tuple(candidate for selection in selections for candidate in selection.candidates)
    left_out = (lacking(machine, where, settings.base_settings) for where in machine.where)
    return Accepted(
        workload=workload,
        nodes=nodes(machine),
        candidates=tuple(each for each in candidates if usd(each.price) is not None) or candidates,
        reason=selections[0].reason,
        left_out=tuple(dict.fromkeys(each for each in left_out if each)),
        rejected=tuple(dict.fromkeys(each for selection in selections for each in selection.rejected)),
    )


def _paid(settings: Settings, own: Accepted, all_of_them: list[Accepted]) -> Accepted:
    """A job on a persistent resource runs on that one's machines, and pays nothing for them."""
    job = settings.workloads[own.workload]
    if not isinstance(job, TrainingJob) or job.runs_on is None:
        return own
    on = next(each for each in all_of_them if each.workload == job.runs_on)
    return replace(own, candidates=tuple(replace(each, price=INCLUDED) for each in on.candidates), runs_on=job.runs_on)


def _price_factor(settings: Settings, cloud: str) -> Decimal:
    account = settings.environment.at(cloud)
    return account.price_factor if account else Decimal(1)
