"""Kubernetes clusters and their pools, and container groups."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.azure.profiles import is_size
from trainyard.sandbox.conflicts.azure.words import AZURERM, LEARN, REST, conflict, known, low, missing, types, whole
from trainyard.sandbox.conflicts.conflict import Given

_CLUSTER: Final = types("containerservice:ManagedCluster")
_POOLS: Final = types("containerservice:ManagedCluster", "containerservice:AgentPool")
_NODES: Final = f"{AZURERM}/containers/kubernetes_cluster_node_pool_resource.go"
_POOL_PAGE: Final = f"{LEARN}/aks/use-system-pools"
_GROUP: Final = types("containerinstance:ContainerGroup")


def _pools(given: Given) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each pool with what its paths begin with."""
    if given.type.token.endswith(":ManagedCluster"):
        for at, pool in given.each("agentPoolProfiles"):
            yield f"{at}.", pool
    else:
        yield "", given.inputs


@conflict(
    "a-pool-scales-from-least-to-most",
    _POOLS,
    "A pool that scales by itself says its least and its most, and counts between; another says neither.",
    f"{_NODES}; {LEARN}/aks/cluster-autoscaler",
)
def scaling(given: Given) -> Iterator[Problem]:
    for at, pool in _pools(given):
        least, most, count = (known(pool, name) for name in ("minCount", "maxCount", "count"))
        on = known(pool, "enableAutoScaling")
        if on is True:
            for name in ("minCount", "maxCount"):
                if missing(pool, name):
                    yield Problem(
                        f"{at}{name}",
                        f"InvalidParameter: Required parameter {name} is missing: enableAutoScaling is true",
                    )
            if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
                yield Problem(f"{at}minCount", f"InvalidParameter: minCount {least:g} is more than maxCount {most:g}")
            if isinstance(count, int | float) and (
                (isinstance(least, int | float) and count < least) or (isinstance(most, int | float) and count > most)
            ):
                yield Problem(f"{at}count", f"InvalidParameter: count {count:g} must be between minCount and maxCount")
        elif not (on is None and not missing(pool, "enableAutoScaling")):
            for name in ("minCount", "maxCount"):
                if known(pool, name):
                    yield Problem(
                        f"{at}{name}", f"InvalidParameter: {name} is set where enableAutoScaling is true only"
                    )


@conflict(
    "a-system-pool-is-linux-and-regular",
    _POOLS,
    "A system pool has Linux nodes, at least one, and no spot ones.",
    _POOL_PAGE,
)
def system(given: Given) -> Iterator[Problem]:
    for at, pool in _pools(given):
        if low(pool.get("mode")) == "system":
            if low(pool.get("osType")) == "windows":
                yield Problem(f"{at}osType", "InvalidParameter: a system pool has Linux nodes")
            if low(pool.get("scaleSetPriority")) == "spot":
                yield Problem(
                    f"{at}scaleSetPriority", 'InvalidParameter: a spot pool is no system pool: give mode "User"'
                )
            if known(pool, "count") == 0:
                yield Problem(f"{at}count", "InvalidParameter: a system pool has at least one node")


@conflict(
    "pool-spot-parts-are-for-spot",
    _POOLS,
    "Eviction and the highest price are of spot pools.",
    f"{_NODES}; {LEARN}/aks/spot-node-pool",
)
def spot(given: Given) -> Iterator[Problem]:
    for at, pool in _pools(given):
        priority = pool.get("scaleSetPriority")
        if (isinstance(priority, str) or missing(pool, "scaleSetPriority")) and low(priority) != "spot":
            for name in ("scaleSetEvictionPolicy", "spotMaxPrice"):
                value = known(pool, name)
                if value is not None and value != -1:
                    yield Problem(
                        f"{at}{name}", f'InvalidParameter: {name} is of spot pools: give scaleSetPriority "Spot"'
                    )


@conflict(
    "a-windows-pool-has-a-short-name",
    _POOLS,
    "A pool of Windows nodes has a name of at most six characters.",
    f"{LEARN}/aks/create-node-pools, Limitations",
)
def windows(given: Given) -> Iterator[Problem]:
    for at, pool in _pools(given):
        name, key = (known(pool, "name"), "name") if at else (known(pool, "agentPoolName"), "agentPoolName")
        if low(pool.get("osType")) == "windows" and isinstance(name, str) and len(name) > 6:
            yield Problem(
                f"{at}{key}", f"InvalidParameter: Windows agent pool name can not be longer than 6 characters: '{name}'"
            )


@conflict("pools-have-sizes", _POOLS, "A pool's size is a VM size.", f"{LEARN}/virtual-machines/vm-naming-conventions")
def sizes(given: Given) -> Iterator[Problem]:
    for at, pool in _pools(given):
        size = known(pool, "vmSize")
        if isinstance(size, str) and not is_size(size):
            yield Problem(
                f"{at}vmSize", f"BadRequest: The VM size of {size} is not allowed; give one such as Standard_D4s_v5"
            )


@conflict(
    "a-cluster-has-a-system-pool",
    _CLUSTER,
    "A cluster has a system pool, and pools of different names.",
    f"{_POOL_PAGE}; error code InvalidParameter, Must define at least one system pool",
)
def one_system(given: Given) -> Iterator[Problem]:
    pools = [pool for _, pool in given.each("agentPoolProfiles")]
    told = whole(given.at("agentPoolProfiles")) and all(isinstance(one.get("mode"), str) for one in pools)
    if told and pools and all(low(one.get("mode")) != "system" for one in pools):
        yield Problem("agentPoolProfiles", "InvalidParameter: Must define at least one system pool")
    names = [known(one, "name") for one in pools if isinstance(known(one, "name"), str)]
    if len(set(names)) < len(names):
        yield Problem("agentPoolProfiles", "InvalidParameter: Agent pool names must be unique in a cluster")


@conflict(
    "a-cluster-acts-as-somebody",
    _CLUSTER,
    "A cluster has an identity or a service principal, and a DNS prefix.",
    f"{LEARN}/aks/use-managed-identity; {REST}/aks/managed-clusters/create-or-update",
)
def identity(given: Given) -> Iterator[Problem]:
    ways = ("identity", "servicePrincipalProfile")
    if all(given.at(way) is None and not given.unknown(way) for way in ways):
        yield Problem(
            "identity",
            "InvalidParameter: Provisioning of resource(s) for a managed cluster needs an identity or a"
            " servicePrincipalProfile",
        )
    ways = ("dnsPrefix", "fqdnSubdomain")
    if all(given.at(way) is None and not given.unknown(way) for way in ways):
        yield Problem("dnsPrefix", "DnsPrefixRequired: required and missing")
    prefix = given.at("dnsPrefix")
    if isinstance(prefix, str) and not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,52}[A-Za-z0-9])?", prefix):
        yield Problem(
            "dnsPrefix",
            f"DnsPrefixInvalid: '{prefix}'; at most 54 letters, digits and hyphens, none of these first or last",
        )
    version = given.at("kubernetesVersion")
    if isinstance(version, str) and not re.fullmatch(r"\d+\.\d+(\.\d+)?", version):
        yield Problem("kubernetesVersion", f"AgentPoolK8sVersionNotSupported: '{version}'; give one such as 1.33")


@conflict(
    "a-cluster-s-network-fits",
    _CLUSTER,
    "Policies, planes and overlays go with the plugin that has them; the DNS service lies in the services' range.",
    f"{LEARN}/aks/concepts-network-cni-overview; {AZURERM}/containers/kubernetes_cluster_resource.go",
)
def network(given: Given) -> Iterator[Problem]:
    plugin = low(given.at("networkProfile.networkPlugin"))
    if plugin in ("kubenet", "none"):
        for name, value in (("networkPolicy", "azure"), ("networkPolicy", "cilium"), ("networkDataplane", "cilium")):
            if low(given.at(f"networkProfile.{name}")) == value:
                yield Problem(f"networkProfile.{name}", f'InvalidParameter: {name} {value} needs networkPlugin "azure"')
        if plugin == "kubenet" and low(given.at("networkProfile.networkPluginMode")) == "overlay":
            yield Problem("networkProfile.networkPluginMode", 'InvalidParameter: overlay needs networkPlugin "azure"')
    services, dns = given.at("networkProfile.serviceCidr"), given.at("networkProfile.dnsServiceIP")
    try:
        inside = not (isinstance(services, str) and isinstance(dns, str)) or (
            ipaddress.ip_address(dns) in ipaddress.ip_network(services, strict=False)
        )
    except ValueError:
        return  # told of each alone
    if not inside:
        yield Problem(
            "networkProfile.dnsServiceIP",
            f"ServiceCidrDnsServiceIpMismatch: {dns} is not in the service CIDR {services}",
        )


@conflict(
    "a-group-s-containers-have-names",
    _GROUP,
    "A group has containers of different, plain names.",
    f"{LEARN}/azure-resource-manager/management/resource-name-rules, Microsoft.ContainerInstance",
)
def containers(given: Given) -> Iterator[Problem]:
    if given.at("containers") == []:
        yield Problem("containers", "MissingContainers: a container group has at least one container")
    seen: set[str] = set()
    for at, one in given.each("containers"):
        name = known(one, "name")
        if isinstance(name, str):
            if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", name) or "--" in name:
                yield Problem(
                    f"{at}.name", f"InvalidContainerName: '{name}'; at most 63 small letters, digits and single hyphens"
                )
            if name in seen:
                yield Problem(f"{at}.name", f"DuplicateContainerName: a container named '{name}' is there already")
            seen.add(name)


@conflict(
    "a-group-is-public-or-in-a-subnet",
    _GROUP,
    "A private group lies in a subnet and has no DNS label.",
    f"{LEARN}/container-instances/container-instances-virtual-network-concepts",
)
def where(given: Given) -> Iterator[Problem]:
    kind = low(given.at("ipAddress.type"))
    if kind == "private" and not given.at("subnetIds") and not given.unknown("subnetIds"):
        yield Problem("subnetIds", "PrivateIPNeedsSubnet: required where ipAddress.type is Private")
    if kind == "public" and given.at("subnetIds"):
        yield Problem("ipAddress.type", "IPAddressTypeNotSupportedInSubnet: a group in a subnet has a Private address")
    if kind == "private" and given.at("ipAddress.dnsNameLabel") is not None:
        yield Problem("ipAddress.dnsNameLabel", "DnsNameLabelNotSupported: a private group has no DNS label")


CONFLICTS: Final = (scaling, system, spot, windows, sizes, one_system, identity, network, containers, where)
