"""How a candidate ends, and what of it stays behind and goes on billing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trainyard.choice.plan.shape import Shape
from trainyard.facts.capacity import name
from trainyard.facts.ends import ends_for, late_end
from trainyard.facts.extras import rate
from trainyard.facts.price import Unknown, usd
from trainyard.facts.selection import Candidate
from trainyard.settings.base import Base
from trainyard.settings.ends import ends_as
from trainyard.settings.kinds import Workload, data_of

# Nothing of ours makes them: a machine has no public address, and nobody takes snapshots of it.
_NEVER_MADE = ("reserved addresses", "snapshots")


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """One end that holds with neither guard nor pipeline alive."""

    who: str  # "node" or "cloud"
    means: str
    stays: tuple[str, ...]  # goes on billing until `pulumi destroy` or the guard


def leavings(workload: Workload, candidate: Candidate, shape: Shape, base: Base | None) -> tuple[Leaving, ...]:
    """The ends that count, each with what it leaves."""
    ends = ends_for(ends_as(workload, candidate), candidate.offer.cloud, name(candidate.capacity))
    return tuple(
        Leaving(
            who=end.who.value,
            means=end.means,
            stays=tuple(_stays(end.what_stays, workload, candidate, shape, base)),
        )
        for end in ends
        if end.independent
    )


def late(workload: Workload, candidate: Candidate) -> str | None:
    """Why the cloud's own end may come after the hard end; None where it does not."""
    return late_end(ends_as(workload, candidate), candidate.offer.cloud, name(candidate.capacity))


def _stays(
    table: tuple[str, ...], workload: Workload, candidate: Candidate, shape: Shape, base: Base | None
) -> Iterator[str]:
    """What of the table's words this workload has, by its name here."""
    held = base.data(candidate.offer.cloud) if base else {}
    kinds = {name: held[name].kind for name in data_of(workload) if name in held}
    for what in table:
        if what == "boot disk":
            yield f"boot disk ({shape.boot_disk}, {_boot_price(candidate, shape)})"
        elif what in ("data disks", "data sets"):
            names = [name for name, kind in kinds.items() if what == "data sets" or kind == "disk"]
            if names:
                yield f"data of the base ({', '.join(names)})"
        elif what not in _NEVER_MADE:
            yield what


def _boot_price(candidate: Candidate, shape: Shape) -> str:
    offer = candidate.offer
    if shape.boot_gib is None or shape.boot_kind is None:
        return "price unknown"
    found = rate(offer.cloud, shape.boot_kind, offer.region)
    price = found if isinstance(found, Unknown) else found.per_hour(shape.boot_gib)
    per_hour = usd(price)
    return "price unknown" if per_hour is None else f"{per_hour * 24:.2f} USD a day"
