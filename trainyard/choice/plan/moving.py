"""What it means for a workload to run on one cloud rather than another: image, data and price go along with it."""

from __future__ import annotations

from dataclasses import dataclass

from trainyard.choice.plan.shape import shape
from trainyard.facts.price import Price
from trainyard.settings.candidates import Accepted
from trainyard.settings.data_places import place_of
from trainyard.settings.kinds import data_of
from trainyard.settings.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Move:
    """One of the clouds that a workload may come to run on."""

    cloud: str
    image: str
    data: tuple[str, ...]  # "checkpoints: bucket in europe-west4": the copy that it would use
    first: str  # its machine type that is tried first
    price: Price  # of that, one node


def moves(settings: Settings, found: Accepted) -> tuple[Move, ...]:
    """In the order in which they are tried; none where the candidates are of one cloud."""
    clouds = dict.fromkeys(each.offer.cloud for each in found.candidates)
    if len(clouds) == 1:
        return ()
    machine = settings.workloads[found.workload]
    told = []
    for cloud in clouds:
        first = next(each for each in found.candidates if each.offer.cloud == cloud)
        held = settings.base_settings.data(cloud) if settings.base_settings else {}
        told.append(
            Move(
                cloud=cloud,
                image=shape(machine, first).image,
                data=tuple(
                    f"{name}: {held[name].kind} in {place_of(cloud, held[name]) or 'a place that no file tells'}"
                    for name in data_of(machine)
                    if name in held
                ),
                first=first.offer.machine_type,
                price=first.price,
            )
        )
    return tuple(told)
