"""The key by which a record, a plan file or an attempt names one candidate of a workload."""

from __future__ import annotations

from collections.abc import Sequence

from trainyard.facts.capacity import Block, Capacity, Queued, Reserved, name
from trainyard.facts.selection import Candidate


def key(candidate: Candidate) -> str:
    """Cloud, place, machine type and capacity: "gcp/europe-west4-a/a2-highgpu-1g/spot"; one candidate has it."""
    offer = candidate.offer
    return f"{offer.cloud}/{offer.place}/{offer.machine_type}/{way(candidate.capacity)}"


def way(capacity: Capacity) -> str:
    """How it is bought, with the reservation that it comes out of: "spot", "reserved:h100-pool"."""
    match capacity:
        case Reserved(id=id_) | Block(id=id_) | Queued(reservation=str() as id_):
            return f"{name(capacity)}:{id_}"
        case Queued(spot=True):
            return f"{name(capacity)}:spot"
        case _:
            return name(capacity)


def find(candidates: Sequence[Candidate], named: str) -> Candidate | None:
    """The candidate of that key; None when its offer has gone."""
    return next((each for each in candidates if key(each) == named), None)
