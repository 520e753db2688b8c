"""What a candidate reads from another region than its own, and what that costs by the GiB."""

from __future__ import annotations

from dataclasses import dataclass

from trainyard.facts.egress import GibPrice, egress
from trainyard.facts.price import Unknown
from trainyard.facts.selection import Candidate
from trainyard.settings.base import Base
from trainyard.settings.data_places import elsewhere
from trainyard.settings.kinds import Workload


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One data set that lies elsewhere; how much of it a run reads, no file tells."""

    data: str
    place: str | None  # None: the files do not tell where it lies
    price: GibPrice | Unknown


def readings(workload: Workload, candidate: Candidate, base: Base | None) -> tuple[Reading, ...]:
    """All that the candidate reads over its region's border."""
    offer = candidate.offer
    return tuple(
        Reading(
            data=each.name,
            place=each.place,
            price=egress(offer.cloud, each.place, offer.region)
            if each.place
            else Unknown("the files do not tell where it lies"),
        )
        for each in elsewhere(workload, base, offer.cloud, offer.region)
    )
