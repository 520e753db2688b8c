"""Where a workload goes when the place that it stands on has no room for it; pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from trainyard.facts.candidate_key import find, key, way
from trainyard.facts.capacity import name
from trainyard.facts.lease_id import group_name, machine_name
from trainyard.facts.selection import Candidate
from trainyard.lease import Record, Workload


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One workload, and what it may take, in the order of the stack file."""

    workload: str
    nodes: int
    candidates: tuple[Candidate, ...]


@dataclass(kw_only=True)
class Course:
    """What one command has tried for one workload."""

    wanted: Wanted
    tried: set[str] = field(default_factory=set)  # keys of candidates
    refused: list[Candidate] = field(default_factory=list)  # for a quota of their region
    refused_everywhere: list[Candidate] = field(default_factory=list)  # for a quota that is said to be over all regions
    throttled: int = 0
    unseen: int = 0  # lost answers of the candidate in use after which the cloud held nothing

    def no_room(self, at: Candidate) -> None:
        """The place has no capacity left."""
        self._leave(at)

    def no_quota(self, at: Candidate, *, everywhere: bool) -> None:
        """The quota of the place's region is used up."""
        self._leave(at)
        self.refused.append(at)
        self.refused_everywhere += [at] if everywhere else []

    def next(self) -> Candidate | None:
        """The first in order that was not tried and whose quota did not refuse twice; None when none is left."""
        return next(
            (each for each in self.wanted.candidates if key(each) not in self.tried and not self._shut(each)), None
        )

    def _leave(self, at: Candidate) -> None:
        self.tried.add(key(at))
        self.throttled = self.unseen = 0

    def _shut(self, candidate: Candidate) -> bool:
        """Clouds count by region and by way of buying. What was ended a moment ago may still be counted, and new
        accelerators have quotas beside the one over all regions that speaks: so the second refusal decides, not the
        first, which costs nothing but a call."""
        cloud, region = candidate.offer.cloud, candidate.offer.region
        here = [each for each in self.refused if _counted_together(each, candidate) and each.offer.region == region]
        over_all = [each for each in self.refused_everywhere if each.offer.cloud == cloud]
        return len(here) > 1 or len(over_all) > 1


def _counted_together(one: Candidate, other: Candidate) -> bool:
    return one.offer.cloud == other.offer.cloud and way(one.capacity) == way(other.capacity)


def standing(wanted: Wanted, record: Record | None) -> Candidate:
    """The candidate that a run of the program would take now."""
    if record is not None:
        named = (record.placement or {}).get(wanted.workload, "")
        granted = record.terms.workloads.get(wanted.workload)
        if found := find(wanted.candidates, named) or _granted(wanted.candidates, granted):
            return found
    return wanted.candidates[0]


def _granted(candidates: Sequence[Candidate], granted: Workload | None) -> Candidate | None:
    if granted is None:
        return None
    there = (granted.cloud, granted.place, granted.machine_type, granted.capacity)
    return next(
        (
            each
            for each in candidates
            if (each.offer.cloud, each.offer.place, each.offer.machine_type, name(each.capacity)) == there
        ),
        None,
    )


def workload_of(resource: str, lease_id: str, workloads: Collection[str]) -> str | None:
    """The workload that a resource's logical name belongs to; None for what all workloads of a lease share.

    Names begin with a machine's or a group's; of several workloads that fit it is the one with the longest name.
    """
    for workload in sorted(workloads, key=len, reverse=True):
        machine = machine_name(lease_id, workload, 0).removesuffix("-0")
        if any(resource == own or resource.startswith(f"{own}-") for own in (machine, group_name(lease_id, workload))):
            return workload
    return None
