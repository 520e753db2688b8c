"""Which part of a service a private endpoint leads to, and what a load balancer's rules lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.azure.words import AZURERM, LEARN, conflict, known, low, missing, objects, types, whole
from trainyard.sandbox.conflicts.conflict import Given

_ENDPOINT: Final = types("network:PrivateEndpoint")
_LB: Final = types("network:LoadBalancer")
_STORAGE: Final = ("blob", "file", "queue", "table", "web", "dfs")
# Subresources of services: https://learn.microsoft.com/azure/private-link/private-endpoint-overview#private-link-resource
_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "microsoft.storage/storageaccounts": (*_STORAGE, *(f"{part}_secondary" for part in _STORAGE)),
    "microsoft.keyvault/vaults": ("vault",),
    "microsoft.containerregistry/registries": ("registry",),
    "microsoft.machinelearningservices/workspaces": ("amlworkspace",),
    "microsoft.machinelearningservices/registries": ("amlregistry",),
    "microsoft.sql/servers": ("sqlserver",),
    "microsoft.documentdb/databaseaccounts": ("sql", "mongodb", "cassandra", "gremlin", "table", "analytical"),
    "microsoft.containerservice/managedclusters": ("management",),
    "microsoft.compute/diskaccesses": ("disks",),
    "microsoft.servicebus/namespaces": ("namespace",),
    "microsoft.eventhub/namespaces": ("namespace",),
    "microsoft.search/searchservices": ("searchservice",),
    "microsoft.cognitiveservices/accounts": ("account",),
    "microsoft.automation/automationaccounts": ("webhook", "dscandhybridworker"),
    "microsoft.appconfiguration/configurationstores": ("configurationstores",),
    "microsoft.dbforpostgresql/flexibleservers": ("postgresqlserver",),
    "microsoft.dbformysql/flexibleservers": ("mysqlserver",),
    "microsoft.insights/privatelinkscopes": ("azuremonitor",),
    "microsoft.cache/redis": ("rediscache",),
}


@conflict(
    "an-endpoint-leads-to-one-part",
    _ENDPOINT,
    "A private endpoint has one connection, to one subresource that its target has; a private link service has none.",
    f"{LEARN}/private-link/private-endpoint-overview; {AZURERM}/network/private_endpoint_resource.go",
)
def part(given: Given) -> Iterator[Problem]:
    names = ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections")
    found = [given.at(name) for name in names]
    if not any(given.unknown(name) for name in names) and not any(found):
        yield Problem(
            names[0], "PrivateEndpointMustHaveConnection: a private endpoint has one connection; none is given"
        )
    for name in names:
        for at, connection in given.each(name):
            target, groups = known(connection, "privateLinkServiceId"), known(connection, "groupIds")
            parts = _PARTS.get(_kind(target)) if isinstance(target, str) else None
            if isinstance(groups, list) and len(groups) > 1:
                yield Problem(
                    f"{at}.groupIds", f"InvalidGroupId: {len(groups)} group ids; a connection leads to one subresource"
                )
            elif parts and (missing(connection, "groupIds") or groups == []):
                yield Problem(f"{at}.groupIds", f"GroupIdRequired: give one of {', '.join(parts)}")
            elif parts and isinstance(groups, list) and isinstance(groups[0], str) and groups[0].lower() not in parts:
                yield Problem(
                    f"{at}.groupIds[0]",
                    f"InvalidGroupId: The group ID '{groups[0]}' is not valid for {_kind(target)}; it has"
                    f" {', '.join(parts)}",
                )


def _kind(id: Any) -> str:
    parts = id.lower().rpartition("/providers/")[2].split("/") if isinstance(id, str) else []
    return f"{parts[0]}/{parts[1]}" if len(parts) == 3 else ""


@conflict(
    "a-balancer-s-rules-lead-to-its-parts",
    _LB,
    "A rule names a front end, a pool and a probe that the load balancer itself has.",
    f"{LEARN}/load-balancer/components; error code InvalidResourceReference",
)
def own_parts(given: Given) -> Iterator[Problem]:
    name = given.at("loadBalancerName")
    for kind in ("loadBalancingRules", "inboundNatRules", "inboundNatPools", "outboundRules"):
        for at, rule in given.each(kind):
            for wire in ("frontendIPConfiguration", "backendAddressPool", "probe"):
                id = known(rule, f"{wire}.id")
                parts = id.split("/") if isinstance(id, str) else []
                if len(parts) != 11 or not isinstance(name, str) or parts[8].lower() != name.lower():
                    continue
                there = given.at(parts[9])
                named = [low(known(one, "name")) for _, one in objects(there, "")]
                told = not given.unknown(parts[9]) and (there is None or (whole(there) and "" not in named))
                if told and low(parts[10]) not in named:
                    yield Problem(
                        f"{at}.{wire}.id",
                        f"InvalidResourceReference: Resource {id} referenced by resource {name} was not found: the"
                        f" load balancer has no {parts[9]} of that name",
                    )


CONFLICTS: Final = (part, own_parts)
