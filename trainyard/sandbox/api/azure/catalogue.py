"""The calls that tell what there is: locations, sizes, and how much of a family is in use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from trainyard.facts.offer import Offer, load_machine_offers
from trainyard.sandbox import registered
from trainyard.sandbox.api.azure import inventory, pages
from trainyard.sandbox.api.azure.arm_error import ArmError
from trainyard.sandbox.api.azure.call import Answer, Call, Route
from trainyard.sandbox.api.azure.kinds import VM
from trainyard.sandbox.api.azure.things import SUBSCRIPTION
from trainyard.sandbox.quotas import limits
from trainyard.sandbox.quotas.charges import charges, family, metrics

_UNLIMITED: Final = 1_000_000  # Azure's own limits differ by subscription
_SHORT: Final = {"Total Regional vCPUs": "cores", "Total Regional Low-priority vCPUs": "lowPriorityCores"}
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
        Route(
            id="Microsoft.MachineLearningServices/locations/usages.list",
            method="GET",
            path=f"{SUBSCRIPTION}/providers/Microsoft.MachineLearningServices/locations/{{location}}/usages",
            answer=_list_learning_usages,
        ),
        Route(
            id="Microsoft.Features/features.get",
            method="GET",
            path=f"{SUBSCRIPTION}/providers/Microsoft.Features/providers/{{namespace}}/features/{{name}}",
            answer=_get_feature,
        ),
        Route(
            id="Microsoft.Resources/providers.get",
            method="GET",
            path=f"{SUBSCRIPTION}/providers/{{namespace}}",
            answer=_get_provider,
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
    machines = [one for one in call.store.list(type=VM, project=call.subscription) if one.place == location]
    used = Counter[str]()
    for charge in (one for machine in machines for one in charges(machine)):
        used[charge.metric] += int(charge.amount)
    names = [name for name in metrics("azure") if used[name] or _limit(call, name, location) < _UNLIMITED]
    return pages.whole(
        [
            _usage("virtualMachines", "Virtual Machines", len(machines), _UNLIMITED),
            *(
                _usage(_SHORT.get(name, _family_value(name)), name, used[name], _limit(call, name, location))
                for name in names
            ),
        ]
    )


def _list_learning_usages(call: Call) -> Answer:
    """Azure Machine Learning's own quotas, which count apart from those of machines."""
    inventory.check_subscription(call)
    location = call.places["location"].lower()
    if location not in _locations():
        text = f"The location '{location}' was not found or is not one that has sizes the sandbox knows."
        raise ArmError(404, "LocationNotFound", text)
    used = limits.used_in(call.store, "azure-ml")
    return pages.whole(
        _usage(_SHORT.get(name, _family_value(name)), name, int(used.get((name, location), 0)), limit)
        for name in metrics("azure-ml")
        if (limit := int(limits.limit_of(call.store, "azure-ml", name, location))) < _UNLIMITED
        or used.get((name, location))
    )


def _get_feature(call: Call) -> Answer:
    inventory.check_subscription(call)
    namespace, name = call.places["namespace"], call.places["name"]
    features = f"/subscriptions/{call.subscription}/providers/Microsoft.Features"
    there = registered.has_feature(call.store, call.subscription, namespace, name)
    return Answer(
        body={
            "id": f"{features}/providers/{namespace}/features/{name}",
            "name": f"{namespace}/{name}",
            "type": "Microsoft.Features/providers/features",
            "properties": {"state": "Registered" if there else "NotRegistered"},
        }
    )


def _get_provider(call: Call) -> Answer:
    inventory.check_subscription(call)
    namespace = call.places["namespace"]
    there = registered.has_namespace(call.store, call.subscription, namespace)
    return Answer(
        body={
            "id": f"/subscriptions/{call.subscription}/providers/{namespace}",
            "namespace": namespace,
            "registrationState": "Registered" if there else "NotRegistered",
        }
    )


def _limit(call: Call, metric: str, location: str) -> int:
    """What was set for the sandbox, else no limit that anybody meets."""
    return int(limits.limit_of(call.store, "azure", metric, location))


def _family_value(shown: str) -> str:
    """A family's own name of the one that people read: "standardNDSH100v5Family"."""
    return shown.removesuffix(" vCPUs").replace("Standard ", "standard", 1).replace(" ", "")


def family_of(offer: Offer) -> str:
    """A size's family as quotas name it; made of its name where none is known: "standardNDisrH100v5Family"."""
    if known := family(offer.machine_type):
        return _family_value(known)
    words = offer.machine_type.removeprefix("Standard_").split("_")
    return f"standard{re.sub(r'[0-9]+', '', words[0])}{''.join(words[1:])}Family"


def _usage(name: str, shown: str, value: int, limit: int) -> dict[str, Any]:
    return {
        "unit": "Count",
        "currentValue": value,
        "limit": limit,
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
def _locations() -> Sequence[str]:
    return sorted({offer.region for offer in _offers()})
