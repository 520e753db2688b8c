"""Which offer each workload takes: the one that its lease's record names while it still fits, else the first one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from stacks.standing import Standing
from trainyard.facts.candidate_key import find
from trainyard.facts.capacity import name
from trainyard.facts.cost import cap_error, dearest
from trainyard.facts.persistent_resource import INCLUDED
from trainyard.facts.selection import Candidate
from trainyard.lease.record import Workload
from trainyard.settings.candidates import accepted
from trainyard.settings.problem import Problem, SettingsError
from trainyard.settings.settings import Settings
from trainyard.settings.training_job import TrainingJob


@dataclass(frozen=True, kw_only=True)
class Placement:
    """One workload's machine, and the others that would do."""

    workload: str
    nodes: int
    candidate: Candidate
    accepted: tuple[Candidate, ...]  # in order, those with a known price where there is one
    reason: str


def placed(settings: Settings, standing: Standing) -> tuple[Placement, ...]:
    """The placements of a lease as it stands; SettingsError when its cap does not hold them."""
    record = standing.record
    placements = place(settings, record.terms.workloads if record else {}, (record.placement if record else None) or {})
    check_cap(settings, placements, standing.expiry.ttl)
    return placements


def place(
    settings: Settings, held: Mapping[str, Workload], moved: Mapping[str, str] | None = None
) -> tuple[Placement, ...]:
    """A placement for each workload in the order of the file; `held`: what the living lease was granted.

    `moved`: the keys of the candidates that `trainyard up` moved on to, which outweigh what was granted before.
    """
    placements = []
    for found in accepted(settings):
        granted = find(found.candidates, (moved or {}).get(found.workload, "")) or next(
            (each for each in found.candidates if _is(each, held.get(found.workload))), None
        )
        reason = f"{granted.words}: held by the lease" if granted else found.reason
        placements.append(
            Placement(
                workload=found.workload,
                nodes=found.nodes,
                candidate=granted or found.candidates[0],
                accepted=found.candidates,
                reason="; ".join([reason, *found.left_out]),
            )
        )
    return tuple(_paid(settings, each, placements) for each in placements)


def _paid(settings: Settings, placement: Placement, placements: list[Placement]) -> Placement:
    """A job on a persistent resource runs on that one's machines, and pays nothing for them."""
    job = settings.workloads[placement.workload]
    if not isinstance(job, TrainingJob) or job.runs_on is None:
        return placement
    on = next(each for each in placements if each.workload == job.runs_on)
    candidate = replace(on.candidate, price=INCLUDED)
    reason = f"{candidate.words}: the machines of {job.runs_on}"
    return replace(placement, candidate=candidate, accepted=(candidate,), reason=reason)


def check_cap(settings: Settings, placements: tuple[Placement, ...], span: timedelta) -> None:
    """SettingsError when the cap does not hold the dearest accepted candidates over the span."""
    if settings.lease is None:
        return
    needs = {each.workload: dearest(each.accepted, span, nodes=each.nodes) for each in placements}
    if error := cap_error(needs, settings.lease.cap_usd):
        raise SettingsError([Problem(file=settings.file, line=0, key="lease.cap_usd", message=error)])


def _is(candidate: Candidate, held: Workload | None) -> bool:
    offer = candidate.offer
    return held is not None and (held.cloud, held.place, held.machine_type, held.capacity) == (
        offer.cloud,
        offer.place,
        offer.machine_type,
        name(candidate.capacity),
    )
