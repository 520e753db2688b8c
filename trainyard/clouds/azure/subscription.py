"""What a lease has in an Azure subscription; data services are never asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import cached_property
from typing import Any, Final

from trainyard.clouds.azure import priced
from trainyard.clouds.azure.client import Arm
from trainyard.clouds.azure.priced import Json, tags_of
from trainyard.clouds.scope import UnknownScopeError
from trainyard.facts.billable import Billable
from trainyard.facts.labels import LEASE_KEY
from trainyard.facts.origin import Sandbox

# Not from Microsoft, who names no figure: the window in which simulated lists may omit a new machine is 60 s, and half
# as much again is waited.
LIST_LAG = timedelta(seconds=90)
_GUID: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# Versions of Resource Manager's API: github.com/Azure/azure-rest-api-specs
_COMPUTE, _DISKS, _NETWORK, _LEARNING = "2024-07-01", "2024-03-02", "2024-05-01", "2024-10-01"
_VIEW: Final = "Microsoft.Compute/virtualMachines/instanceView/read"
_WORKSPACES: Final = "/providers/Microsoft.MachineLearningServices/workspaces"
_PLAIN: Final[Mapping[str, tuple[str, Callable[[str, Json], Billable]]]] = {
    "Microsoft.Compute/disks": (_DISKS, priced.disk),
    "Microsoft.Compute/snapshots": (_DISKS, lambda scope, item: priced.thing(scope, "snapshot", item, "")),
    "Microsoft.Network/publicIPAddresses": (_NETWORK, priced.address),
    "Microsoft.Network/natGateways": (
        _NETWORK,
        lambda scope, item: priced.thing(scope, "nat gateway", item, ""),
    ),
    "Microsoft.Network/bastionHosts": (
        _NETWORK,
        lambda scope, item: priced.thing(scope, "bastion", item, ""),
    ),
}
_BY_HAND: Final[Mapping[str, str]] = {
    "machine": "az vm delete --resource-group {0} --name {1} --yes",
    "scale set": "az vmss delete --resource-group {0} --name {1}",
    "disk": "az disk delete --resource-group {0} --name {1} --yes",
    "snapshot": "az snapshot delete --resource-group {0} --name {1}",
    "address": "az network public-ip delete --resource-group {0} --name {1}",
    "nat gateway": "az network nat gateway delete --resource-group {0} --name {1}",
    "bastion": "az network bastion delete --resource-group {0} --name {1}",
    "ml compute": "az ml compute delete --resource-group {0} --workspace-name {1} --name {2} --yes",
    "ml deployment": "az ml online-deployment delete --resource-group {0} --workspace-name {1} --endpoint-name {2} "
    "--name {3} --yes",
    "ml job": "az ml job cancel --resource-group {0} --workspace-name {1} --name {2}",
}


class AzureSubscription:
    """One subscription."""

    list_lag = LIST_LAG

    def __init__(self, subscription: str, sandbox: Sandbox | None) -> None:
        if not re.fullmatch(_GUID, subscription, re.IGNORECASE):
            message = (
                f'scope "azure:{subscription}": "{subscription}" is no subscription id; give the one that '
                '`az account show --query id` tells, for example "azure:1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed".'
            )
            raise UnknownScopeError(message)
        self._subscription = subscription
        self._sandbox = sandbox
        self.scope = f"azure:{subscription}"

    def list_billable(self, lease_id: str) -> tuple[Billable, ...]:
        """All kinds, all pages, all regions; ScopeUnreadable when any part did not answer."""
        labelled = _Labelled(lease_id)
        found: dict[str, Billable] = {}
        machines = [item for item in self._list("Microsoft.Compute/virtualMachines", _COMPUTE) if labelled(item)]
        held: dict[str, Json] = {}  # by id in lower case: interfaces of the lease's machines
        for item in machines:
            view = self._arm.get(f"{item['id']}/instanceView", _COMPUTE, _VIEW)
            if view is None:  # gone since it was listed
                continue
            found[_key(item)] = made = priced.machine(self.scope, item, view)
            # What a machine that does not run holds goes on billing, with a tag of its own or not.
            if not made.billing:
                found |= {_key(disk): priced.disk(self.scope, disk) for disk in _disks(item)}
                held |= {nic: item for nic in _interfaces(item)}
        for item in self._list("Microsoft.Compute/virtualMachineScaleSets", _COMPUTE):
            if labelled(item):
                found[_key(item)] = priced.scale_set(self.scope, item, self._views(item))
        for kind, (version, make) in _PLAIN.items():
            for item in self._list(kind, version):
                machine = held.get(_holder(item)) if kind.endswith("publicIPAddresses") else None
                if labelled(item) or machine is not None or _key(item) in found:
                    found[_key(item)] = make(self.scope, item)
        for item, make in self._learning(labelled):
            found[_key(item)] = make(self.scope, item)
        return tuple(found.values())

    def end_by_hand(self, thing: Billable) -> str:
        """The `az` command that deletes it."""
        return f"{_BY_HAND[thing.kind].format(*thing.name.split('/'))} --subscription {self._subscription}"

    def _list(self, kind: str, version: str) -> Iterator[Json]:
        return self._arm.read(f"/providers/{kind}", version)

    def _views(self, item: Json) -> list[Json] | None:
        """The machines' views of a uniform set; a flexible set's machines are machines of their own."""
        if str((item.get("properties") or {}).get("orchestrationMode", "")).lower() == "flexible":
            return None
        path = _below_subscription(item) + "/virtualMachines"
        machines = self._arm.read(path, _COMPUTE, **{"$expand": "instanceView"})
        return [(one.get("properties") or {}).get("instanceView") or {} for one in machines]

    def _learning(self, labelled: _Labelled) -> Iterator[tuple[Json, Callable[[str, Json], Billable]]]:
        for workspace in self._arm.read(_WORKSPACES, _LEARNING):
            path = _below_subscription(workspace)
            for item in self._arm.read(f"{path}/computes", _LEARNING):
                if labelled(item):
                    yield item, priced.compute
            for endpoint in self._arm.read(f"{path}/onlineEndpoints", _LEARNING):
                below = f"{_below_subscription(endpoint)}/deployments"
                for item in self._arm.read(below, _LEARNING):
                    if labelled(item) or labelled(endpoint):
                        yield item, priced.deployment
            for item in self._arm.read(f"{path}/jobs", _LEARNING, tag=LEASE_KEY):
                if labelled(item):
                    yield {"location": workspace.get("location", ""), **item}, priced.job

    @cached_property
    def _arm(self) -> Arm:
        return Arm(self.scope, self._subscription, self._sandbox)


class _Labelled:
    """Whether a thing carries the lease's tag."""

    def __init__(self, lease_id: str) -> None:
        self._lease = lease_id

    def __call__(self, item: Json) -> bool:
        return tags_of(item).get(LEASE_KEY) == self._lease


def _key(item: Json) -> str:
    return str(item["id"]).lower()


def _below_subscription(item: Json) -> str:
    return "/" + str(item["id"]).strip("/").split("/", 2)[2]


def _disks(machine: Json) -> Iterator[dict[str, Any]]:
    """A machine's managed disks, in the shape of the disks' list."""
    profile = (machine.get("properties") or {}).get("storageProfile") or {}
    for part in (profile.get("osDisk") or {}, *(profile.get("dataDisks") or ())):
        managed = part.get("managedDisk") or {}
        if managed.get("id"):
            yield {
                "id": managed["id"],
                "location": machine.get("location", ""),
                "tags": machine.get("tags") or {},
                "sku": {"name": managed.get("storageAccountType", "")},
                "properties": {"diskSizeGB": part.get("diskSizeGB"), "diskState": "Reserved"},
            }


def _interfaces(machine: Json) -> Iterator[str]:
    profile = (machine.get("properties") or {}).get("networkProfile") or {}
    return (str(nic.get("id", "")).lower() for nic in profile.get("networkInterfaces") or ())


def _holder(address: Json) -> str:
    """The id, in lower case, of the interface that holds an address."""
    configuration = (address.get("properties") or {}).get("ipConfiguration") or {}
    return str(configuration.get("id", "")).lower().partition("/ipconfigurations/")[0]
