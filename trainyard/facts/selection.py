"""Which offers a workload may use, the best first, and why each other one was not taken; pure and deterministic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from trainyard.facts import capacity as buying
from trainyard.facts.capacity import Capacity
from trainyard.facts.kinds import not_built, not_sold, priced
from trainyard.facts.offer import Offer
from trainyard.facts.places import covered
from trainyard.facts.price import Agreed, AtMost, Known, Price, Unknown, scaled, text, usd
from trainyard.facts.request import Request
from trainyard.facts.selection_errors import (
    SelectionError,
    check,
    in_places,
    lacks_fabric,
    lacks_zone,
    nothing_fits,
    zoned,
)

__all__ = ["Candidate", "Rejected", "Selection", "SelectionError", "select"]

_LIST_PRICE_ONLY = Decimal(1)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One offer, bought one way, at its price after the environment's factor."""

    offer: Offer
    capacity: Capacity
    price: Price

    @property
    def words(self) -> str:
        """Machine, place, capacity and price, as people read them."""
        return f"{self.offer.machine_type} in {self.offer.place}, {buying.name(self.capacity)}, {text(self.price)}"


class Rejected(NamedTuple):
    """A group of offers that were not taken, and why."""

    what: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The candidates in the order in which they are tried."""

    candidates: tuple[Candidate, ...]
    rejected: tuple[Rejected, ...]

    @property
    def first(self) -> Candidate:
        """The one to take; there always is one."""
        return self.candidates[0]

    @property
    def reason(self) -> str:
        """Why the first is first, in one sentence."""
        way = buying.name(self.first.capacity)
        found = self.first.words
        same = [candidate for candidate in self.candidates if candidate.capacity == self.first.capacity]
        unknown = isinstance(self.first.price, Unknown)
        if len(same) == 1:
            return f"{found}: the only {way} offer that fits{', and no price is known of it' if unknown else ''}"
        if unknown:
            return f"{found}: first by name, for no price is known of the {len(same)} that fit"
        return f"{found}: cheapest of the {len(same)} {way} offers that fit"


def select(
    request: Request,
    offers: Sequence[Offer],
    *,
    allowed_regions: Sequence[str] = (),
    price_factor: Decimal = _LIST_PRICE_ONLY,
) -> Selection:
    """Candidates by capacity as asked, then price, then zone; without a known price last.

    `allowed_regions`: the environment's limit, regions or parts of the world; empty allows all.
    SelectionError when nothing fits, with the nearest that would.
    """
    matching = list(zoned(request, check(request, offers)))
    candidates: list[Candidate] = []
    groups: dict[str, list[Offer]] = {}
    for offer in matching:
        why = _misfit(request, offer, allowed_regions)
        if why:
            groups.setdefault(why, []).append(offer)
            continue
        for capacity in request.capacities:
            way = buying.name(capacity)
            if unsold := not_sold(request.kind, offer.cloud, offer.machine_type, way):
                groups.setdefault(unsold, []).append(offer)
                continue
            price = scaled(priced(request.kind, offer.cloud, _price(offer, capacity), way), price_factor)
            candidates.append(Candidate(offer=offer, capacity=capacity, price=price))
    rejected = tuple(Rejected(_summary(group), why) for why, group in groups.items())
    if not candidates:
        raise SelectionError(nothing_fits(request, matching, allowed_regions))
    wishes = {capacity: place for place, capacity in reversed(list(enumerate(request.capacities)))}
    candidates.sort(key=lambda candidate: _order(candidate, wishes[candidate.capacity]))
    return Selection(candidates=tuple(candidates), rejected=rejected)


def _misfit(request: Request, offer: Offer, allowed_regions: Sequence[str]) -> str | None:
    if offer.accelerator_count != request.count:
        return f"has {offer.accelerator_count} of them, {request.count} were asked for"
    if request.machine_type and offer.machine_type != request.machine_type:
        return f"{request.machine_type} was asked for"
    if not in_places(request, offer):
        return "outside of the places asked for"
    if allowed_regions and not covered(offer.cloud, allowed_regions, offer.region):
        return f"outside of the environment's regions ({', '.join(allowed_regions)})"
    if lacks_zone(request, offer):
        return "its zones are not in the catalogue; name one under zones"
    if apart := lacks_fabric(request, offer):
        return apart
    return not_built(request.kind, offer.cloud, offer.machine_type)


def _price(offer: Offer, capacity: Capacity) -> Price:
    if not isinstance(capacity, buying.Queued) and capacity.usd_hour is not None:
        return Agreed(usd_hour=capacity.usd_hour)
    match capacity:
        case buying.OnDemand():
            return offer.on_demand
        case buying.Spot():
            return offer.spot
        case buying.FlexStart():
            return _no_more_than(offer.on_demand, "flex-start is a discount on it")
        case buying.Reserved(bound=False):
            return _no_more_than(offer.on_demand, "what the reservation bills for it, used or not")
        case buying.Reserved():
            return Unknown("it is paid with its reservation, at the contract's price; give usd_hour beside the id")
        case buying.Queued(reservation=str()):
            return _no_more_than(offer.on_demand, "what the reservation bills for it, used or not")
        case buying.Queued(spot=spot):
            return offer.spot if spot else offer.on_demand  # the queue itself costs nothing
        case buying.Block():
            return Unknown("it is paid with its block, at the contract's price; give usd_hour beside the id")


def _no_more_than(price: Price, why: str) -> Price:
    """A list price as the bound of another way to buy the same machine; unknown where it is not known whole."""
    if isinstance(price, Known):
        return AtMost(usd_hour=price.usd_hour, date=price.date, source=price.source, why=why)
    return Unknown("no whole on-demand price bounds it; give usd_hour beside the capacity's kind")


def _order(candidate: Candidate, wish: int) -> tuple[bool, int, Decimal, str, str]:
    known = usd(candidate.price)
    offer = candidate.offer
    return known is None, wish, known or Decimal(0), offer.place, offer.machine_type


def _summary(offers: Sequence[Offer]) -> str:
    types = sorted({offer.machine_type for offer in offers})
    places = sorted({offer.place for offer in offers})
    return f"{_few(types)} in {_few(places)}"


def _few(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 4 else f"{', '.join(names[:3])} and {len(names) - 3} more"
