"""What an Azure subscription may still use in a location, and what it has registered; only read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

from trainyard.clouds.azure.client import Arm
from trainyard.clouds.scope import ScopeUnreadable
from trainyard.facts.origin import Sandbox
from trainyard.facts.quotas import Quota

_COMPUTE, _SKUS, _LEARNING, _FEATURES, _PROVIDERS = "2024-07-01", "2021-07-01", "2024-10-01", "2021-07-01", "2021-04-01"
# Azure ML docs, Manage and increase quotas, has the two of clusters
_TOTALS: Final[Mapping[str, str]] = {
    "total regional": "cores",
    "total regional low-priority": "lowprioritycores",
    "total cluster dedicated regional": "cores",
    "total cluster low priority regional": "lowprioritycores",
}
_USAGES: Final[Mapping[str, tuple[str, str]]] = {
    "azure": ("Microsoft.Compute", _COMPUTE),
    "azure-ml": ("Microsoft.MachineLearningServices", _LEARNING),
}


class AzureQuotas:
    """One subscription's; ScopeUnreadable where Azure does not tell."""

    def __init__(self, subscription: str, sandbox: Sandbox | None) -> None:
        self.scope = f"azure:{subscription}"
        self._subscription = subscription
        self._sandbox = sandbox

    def of_location(self, service: str, location: str) -> Mapping[str, Quota]:
        """Machines' quotas ("azure") or Azure Machine Learning's ("azure-ml"), by name as `same` spells it."""
        namespace, version = _USAGES[service]
        found: dict[str, Quota] = {}
        for one in self._arm.read(f"/providers/{namespace}/locations/{location}/usages", version):
            quota = Quota(limit=float(one["limit"]), used=float(one.get("currentValue", 0)))
            name: Mapping[str, Any] = one.get("name") or {}
            for word in (name.get("value"), name.get("localizedValue")):
                if word:
                    found.setdefault(same(str(word)), quota)
        return found

    def family(self, machine_type: str, location: str) -> str:
        """The quota's name of a size's family; ScopeUnreadable where the location does not sell it."""
        asked = {"$filter": f"location eq '{location}'"}
        for one in self._arm.read("/providers/Microsoft.Compute/skus", _SKUS, **asked):
            if one.get("resourceType") == "virtualMachines" and one.get("name") == machine_type:
                return str(one.get("family", ""))
        raise ScopeUnreadable(self.scope, f"{location} lists no size {machine_type}")

    def feature(self, namespace: str, name: str) -> str:
        """The state of a feature: "Registered", "NotRegistered", …; "" where Azure knows none such."""
        path = f"/subscriptions/{self._subscription}/providers/Microsoft.Features/providers/{namespace}/features/{name}"
        found = self._arm.get(path, _FEATURES, "Microsoft.Features/providers/features/read")
        return str(((found or {}).get("properties") or {}).get("state", ""))

    def registration(self, namespace: str) -> str:
        """Whether the subscription may make anything of a namespace: "Registered", "NotRegistered", …"""
        path = f"/subscriptions/{self._subscription}/providers/{namespace}"
        found = self._arm.get(path, _PROVIDERS, "Microsoft.Resources/subscriptions/providers/read")
        return str((found or {}).get("registrationState", ""))

    @cached_property
    def _arm(self) -> Arm:
        return Arm(self.scope, self._subscription, self._sandbox)


def same(name: str) -> str:
    """A quota's name without what its spellings differ in: "Standard NCASv3_T4 Family vCPUs" and its short form."""
    short = re.sub(r"(cluster dedicated )?v?cpus$", "", name.strip().lower())
    return _TOTALS.get(short.strip(), re.sub(r"[\s_-]", "", short))
