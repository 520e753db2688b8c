"""The calls that tell what there is: locations, sizes, and how much of a family is in use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from trainyard.facts.offer import Offer, load_machine_offers
from trainyard.sandbox.api.azure import inventory, pages
from trainyard.sandbox.api.azure.arm_error import ArmError
from trainyard.sandbox.api.azure.call import Answer, Call, Route
from trainyard.sandbox.api.azure.kinds import VM
from trainyard.sandbox.api.azure.things import SUBSCRIPTION
from trainyard.servicer.values import reveal

_LIMIT: Final = 1_000_000  # the sandbox enforces no quota; Azure's own limits differ by subscription
_BY_LOCATION: Final = re.compile(r"location\s+eq\s+'([^']*)'", re.IGNORECASE)


def routes() -> tuple[Route, ...]:
    """The rows of the table of calls."""
    compute = f"{SUBSCRIPTION}/providers/Microsoft.Compute"
    return (
        Route(
            id="Microsoft.Resources/subscriptions.listLocations",
            method="GET",
            path=f"{SUBSCRIPTION}/locations",
            answer=_list_locations,
        ),
        Route(id="Microsoft.Compute/skus.list", method="GET", path=f"{compute}/skus", answer=_list_skus),
        Route(
            id="Microsoft.Compute/locations/usages.list",
            method="GET",
            path=f"{compute}/locations/{{location}}/usages",
            answer=_list_usages,
        ),
    )


def _list_locations(call: Call) -> Answer:
    inventory.check_subscription(call)
    return pages.whole(
        {
            "id": f"/subscriptions/{call.subscription}/locations/{name}",
            "name": name,
            "type": "Region",
            "displayName": name,
            "regionalDisplayName": name,
            "metadata": {"regionType": "Physical"},
        }
        for name in _locations()
    )


def _list_skus(call: Call) -> Answer:
    inventory.check_subscription(call)
    given = call.query.get("$filter", "")
    only = _BY_LOCATION.fullmatch(given.strip()) if given else None
    if given and only is None:
        message = f"Invalid $filter '{given}'; only location eq 'NAME' is supported."
        raise ArmError(400, "InvalidFilterInQueryString", message)
    return pages.whole(_sku(offer) for offer in _offers() if only is None or offer.region == only[1].lower())


def _list_usages(call: Call) -> Answer:
    inventory.check_subscription(call)
    location = call.places["location"].lower()
    if location not in _locations():
        text = f"The location '{location}' was not found or is not one that has sizes the sandbox knows."
        raise ArmError(404, "LocationNotFound", text)
    used: dict[str, int] = {}
    machines = [one for one in call.store.list(type=VM, project=call.subscription) if one.place == location]
    for machine in machines:
        if machine.status != "stopped":
            offer = _by_size().get(
                str((reveal(machine.outputs.get("hardwareProfile")) or {}).get("vmSize", "")).lower()
            )
            if offer is not None:
                used[family_of(offer)] = used.get(family_of(offer), 0) + (offer.vcpus or 0)
    families = sorted({family_of(offer) for offer in _offers() if offer.region == location})
    return pages.whole(
        [
            _usage("cores", "Total Regional vCPUs", sum(used.values())),
            _usage("virtualMachines", "Virtual Machines", len(machines)),
            *(_usage(family, family, used.get(family, 0)) for family in families),
        ]
    )


def family_of(offer: Offer) -> str:
    """A size's family as quotas name it, made of its name: "standardNDisrH100v5Family" of Standard_ND96isr_H100_v5."""
    words = offer.machine_type.removeprefix("Standard_").split("_")
    return f"standard{re.sub(r'[0-9]+', '', words[0])}{''.join(words[1:])}Family"


def _usage(name: str, shown: str, value: int) -> dict[str, Any]:
    return {
        "unit": "Count",
        "currentValue": value,
        "limit": _LIMIT,
        "name": {"value": name, "localizedValue": shown},
    }


def _sku(offer: Offer) -> dict[str, Any]:
    able = {"vCPUs": offer.vcpus, "MemoryGB": offer.memory_gib, "GPUs": offer.accelerator_count}
    return {
        "resourceType": "virtualMachines",
        "name": offer.machine_type,
        "tier": "Standard",
        "size": offer.machine_type.removeprefix("Standard_"),
        "family": family_of(offer),
        "locations": [offer.region],
        "locationInfo": [{"location": offer.region, "zones": [], "zoneDetails": []}],
        "capabilities": [
            {"name": name, "value": f"{value:g}" if isinstance(value, float) else str(value)}
            for name, value in able.items()
            if value is not None
        ],
        "restrictions": [],
    }


@cache
def _offers() -> Sequence[Offer]:
    found = {(offer.machine_type, offer.region): offer for offer in load_machine_offers("azure")}
    return [found[key] for key in sorted(found)]


@cache
def _by_size() -> Mapping[str, Offer]:
    return {offer.machine_type.lower(): offer for offer in _offers()}


@cache
def _locations() -> Sequence[str]:
    return sorted({offer.region for offer in _offers()})
