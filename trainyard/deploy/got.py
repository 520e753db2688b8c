"""What was got, held against what was asked for: a cloud may give something else without an error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trainyard.deploy.inventory import MACHINES
from trainyard.deploy.moving import Wanted
from trainyard.facts.billable import Billable
from trainyard.facts.capacity import name
from trainyard.facts.price import text
from trainyard.facts.selection import Candidate

# A reservation's machines are on-demand ones by their own word; what is queued is bought in one of several ways.
_ALSO = {
    "reserved": ("on-demand", "block"),
    "block": ("reserved", "on-demand"),
    "queued": ("spot", "on-demand", "reserved"),
}


def differences(wanted: Wanted, asked: Candidate, things: Sequence[Billable]) -> Iterator[str]:
    """A sentence for each machine that is not as asked, and for machines too many."""
    machines = [each for each in things if each.kind in MACHINES and each.billing]
    if len(machines) > wanted.nodes:
        names = ", ".join(f"{each.name} ({text(each.price)})" for each in machines)
        yield f"{len(machines)} machines bill where {wanted.nodes} were asked for: {names}"
    for machine in machines:
        yield from _differences(asked, machine)


def _differences(asked: Candidate, machine: Billable) -> Iterator[str]:
    way, offer = name(asked.capacity), asked.offer
    bought = machine.bought
    if bought is not None and bought != way and bought not in _ALSO.get(way, ()):
        yield (
            f"{machine.name} was asked for as {way} and is {bought}: it bills {text(machine.price)}, asked for was "
            f"{text(asked.price)}"
        )
    if machine.machine_type and machine.machine_type.lower() != offer.machine_type.lower():
        yield f"{machine.name} is a {machine.machine_type}, asked for was {offer.machine_type}"
    if machine.kind == "machine" and not _is_there(machine.place, offer.zone, offer.region):
        yield f"{machine.name} is in {machine.place}, asked for was {offer.place}"


def _is_there(place: str, zone: str, region: str) -> bool:
    """Amazon names an account's zones in its own way ("eu-west-1a" is any of them), and Azure tells regions only."""
    names_alike = zone.startswith(region)  # Google Cloud's
    return place in (zone, region) or (not names_alike and place.startswith(region))
