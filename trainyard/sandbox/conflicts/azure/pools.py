"""What Kubernetes itself says of a cluster's pools, and which ranges of a cluster stay apart."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.azure.words import LEARN, conflict, known, texts, types
from trainyard.sandbox.conflicts.conflict import Given

_CLUSTER: Final = types("containerservice:ManagedCluster")
_POOLS: Final = types("containerservice:ManagedCluster", "containerservice:AgentPool")
_EFFECTS: Final = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_LABEL: Final = re.compile(r"^([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$")
_VALUE: Final = re.compile(r"^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$")
_ONE_CORE: Final = re.compile(r"^standard_(a0|a1|a1_v2|b1ls|b1s|b1ms|f1|f1s|d1|d1_v2|ds1|ds1_v2)$")
_FIRST_MINOR: Final = 20  # what is older was retired years ago


def each_pool(given: Given) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each pool with what its paths begin with."""
    if given.type.token.endswith(":ManagedCluster"):
        for at, pool in given.each("agentPoolProfiles"):
            yield f"{at}.", pool
    else:
        yield "", given.inputs


@conflict(
    "taints-and-labels-are-kubernetes-own",
    _POOLS,
    "A taint is a key, a value and an effect; labels have the form that Kubernetes asks for.",
    f"{LEARN}/aks/use-node-taints; https://kubernetes.io/docs/concepts/overview/working-with-objects/labels",
)
def marks(given: Given) -> Iterator[Problem]:
    for at, pool in each_pool(given):
        for where, taint in texts(known(pool, "nodeTaints"), f"{at}nodeTaints"):
            key, _, effect = taint.rpartition(":")
            name, _, value = key.partition("=")
            if effect not in _EFFECTS or not _LABEL.match(name) or not _VALUE.match(value):
                yield Problem(
                    where,
                    f"InvalidParameter: The taint '{taint}' is invalid: give key=value:effect with one of"
                    f" {', '.join(_EFFECTS)}",
                )
        labels = known(pool, "nodeLabels")
        for key, value in labels.items() if isinstance(labels, Mapping) else ():
            if not _LABEL.match(key) or (isinstance(value, str) and not _VALUE.match(value)):
                yield Problem(f"{at}nodeLabels.{key}", f"InvalidParameter: the label {key}={value} is invalid")


@conflict(
    "a-pool-s-nodes-are-large-enough",
    _POOLS,
    "A node has two vCPUs at least, and an OS disk of 30 GiB or more.",
    f"{LEARN}/aks/quotas-skus-regions, Restricted VM sizes; `az aks create`, --node-osdisk-size: minimum 30 GiB",
)
def large(given: Given) -> Iterator[Problem]:
    for at, pool in each_pool(given):
        size, disk = known(pool, "vmSize"), known(pool, "osDiskSizeGB")
        if isinstance(size, str) and _ONE_CORE.match(size.lower()):
            yield Problem(
                f"{at}vmSize", f"BadRequest: The VM size of {size} is not allowed: a node has at least two vCPUs"
            )
        if isinstance(disk, int | float) and disk != 0 and not 30 <= disk <= 2048:
            yield Problem(f"{at}osDiskSizeGB", f"InvalidParameter: osDiskSizeGB {disk:g}; 0, or 30 to 2048 is taken")


@conflict(
    "a-pool-lies-in-zones-at-a-price",
    _POOLS,
    "Zones are 1, 2 and 3; the highest price of a spot pool is -1 or more than zero.",
    f"{LEARN}/aks/availability-zones; {LEARN}/aks/spot-node-pool",
)
def zones(given: Given) -> Iterator[Problem]:
    for at, pool in each_pool(given):
        for where, zone in texts(known(pool, "availabilityZones"), f"{at}availabilityZones"):
            if zone not in ("1", "2", "3"):
                yield Problem(where, f"AvailabilityZoneNotSupported: '{zone}' is not one of '1', '2', '3'")
        price = known(pool, "spotMaxPrice")
        if isinstance(price, int | float) and price != -1 and price <= 0:
            yield Problem(f"{at}spotMaxPrice", f"InvalidParameter: spotMaxPrice {price:g}; -1 or more than 0 is taken")


@conflict(
    "a-cluster-s-ranges-stay-apart",
    _CLUSTER,
    "Pods and services have ranges of their own; the DNS service does not have the first address of its range.",
    f"{LEARN}/aks/concepts-network-ip-address-planning; {LEARN}/aks/configure-azure-cni, Plan IP addressing",
)
def ranges(given: Given) -> Iterator[Problem]:
    services, pods = (_range(given.at(f"networkProfile.{name}")) for name in ("serviceCidr", "podCidr"))
    if services is not None and pods is not None and services.overlaps(pods):
        yield Problem(
            "networkProfile.serviceCidr", f"InvalidParameter: the service CIDR {services} overlaps the pod CIDR {pods}"
        )
    dns = given.at("networkProfile.dnsServiceIP")
    if services is not None and dns in (str(services[0]), str(services[1])):
        yield Problem(
            "networkProfile.dnsServiceIP",
            f"InvalidParameter: {dns} is the first address of {services}, which the service kubernetes has",
        )


def _range(text: Any) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(text) if isinstance(text, str) else None
    except ValueError:
        return None


@conflict(
    "a-cluster-is-open-to-addresses",
    _CLUSTER,
    "Who may reach the API server is told in addresses and ranges; a version that was retired is not installed.",
    f"{LEARN}/aks/api-server-authorized-ip-ranges; {LEARN}/aks/supported-kubernetes-versions",
)
def opened(given: Given) -> Iterator[Problem]:
    path = "apiServerAccessProfile.authorizedIPRanges"
    for at, text in texts(given.at(path), path):
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError:
            yield Problem(at, f"InvalidParameter: '{text}' of authorizedIPRanges is no address and no range")
    version = given.text("kubernetesVersion")
    found = re.fullmatch(r"1\.(\d+)(\.\d+)?", version)
    if version and found is not None and int(found.group(1)) < _FIRST_MINOR:
        yield Problem(
            "kubernetesVersion",
            f"K8sVersionNotSupported: Managed cluster is on version {version}, which is not supported in this region;"
            " `az aks get-versions` tells those that are",
        )


CONFLICTS: Final = (marks, large, zones, ranges, opened)
