"""The candidates of each workload, as the program, the plan and failover all take them: one list, in one order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from trainyard.facts.offer import load_offers
from trainyard.facts.persistent_resource import INCLUDED
from trainyard.facts.price import usd
from trainyard.facts.selection import Candidate, Rejected, Selection, SelectionError, select
from trainyard.settings.data_places import elsewhere
from trainyard.settings.kinds import Workload, egress, nodes
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
    far: dict[str, None] = {}
    near = [_near(settings, machine, selection, far) for selection in selections]
    candidates = tuple(candidate for each in near for candidate in each)
    if not candidates:
        message = f"{workload}: no place is left: {'; '.join(far)}; give its data a copy there, or egress: allowed."
        raise SelectionError(message)
    left_out = (lacking(machine, where, settings.base_settings) for where in machine.where)
    first = next(index for index, each in enumerate(near) if each)
    return Accepted(
        workload=workload,
        nodes=nodes(machine),
        candidates=tuple(each for each in candidates if usd(each.price) is not None) or candidates,
        reason=replace(selections[first], candidates=near[first]).reason,
        left_out=(*dict.fromkeys(each for each in left_out if each), *far),
        rejected=tuple(dict.fromkeys(each for selection in selections for each in selection.rejected)),
    )


def _near(settings: Settings, machine: Workload, selection: Selection, far: dict[str, None]) -> tuple[Candidate, ...]:
    """Those that need not read their data from another region, unless that is allowed; `far` takes the others' why."""
    if egress(machine) == "allowed":
        return selection.candidates
    kept = []
    for candidate in selection.candidates:
        offer = candidate.offer
        found = [each for each in elsewhere(machine, settings.base_settings, offer.cloud, offer.region) if each.refused]
        if not found:
            kept.append(candidate)
        for each in found:
            far[f"{offer.region} on {offer.cloud} would read {each.name} from {each.place}"] = None
    return tuple(kept)


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
