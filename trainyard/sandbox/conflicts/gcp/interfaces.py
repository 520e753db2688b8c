"""Network interfaces of a machine: what each must say, how many there may be, and which kinds a family has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.conflict import Conflict, Given, plain
from trainyard.sandbox.conflicts.gcp.machine import INSTANCE, MACHINES, family, invalid, machine_type, text_of, vcpus
from trainyard.servicer.values import has_unknown

_OLD: Final = frozenset({"e2", "n1", "n2", "n2d", "c2", "c2d", "t2d"})
# series that have no VirtIO: cloud.google.com/compute/docs/networking/using-gvnic
_NO_VIRTIO: Final = frozenset(
    {"c3", "c3d", "c4", "c4a", "c4d", "n4", "n4a", "n4d", "h3", "h4d", "z3", "a3", "a4", "a4x", "t2a", "x4", "m4"}
)
_RDMA: Final = re.compile(r"^(a3-ultragpu|a4-highgpu|a4x-highgpu|a4x-maxgpu)-")
_TIER1_FROM: Final = 30


def _some_network(given: Given) -> Iterator[Problem]:
    for path, nic in given.each("networkInterfaces"):
        ways = [nic.get(way) for way in ("network", "subnetwork", "networkAttachment")]
        if not any(plain(way) for way in ways) and not has_unknown(ways):
            text = "exactly one of network, subnetwork, or network_attachment must be provided"
            yield Problem(path, f"{text}; give network or subnetwork")


def _how_many(given: Given) -> Iterator[Problem]:
    name, count = machine_type(given), len(list(given.each("networkInterfaces")))
    cores = vcpus(name)
    if family(name) in _OLD and cores is not None:
        most = max(2, min(cores, 8))
        if count > most:
            text = f"{name} has at most {most} network interfaces; take fewer, or a larger machine"
            yield invalid(given, "networkInterfaces", f"{count} interfaces", text)


def _distinct(given: Given) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for path, nic in given.each("networkInterfaces"):
        network = text_of(nic, "network")
        own_kind = text_of(nic, "nicType") in ("MRDMA", "IRDMA") or nic.get("vlan") is not None
        if not network or own_kind or nic.get("subnetwork") is not None:
            continue
        if network in seen:
            text = "Networks must be distinct for NICs attached to a VM."
            yield invalid(given, f"{path}.network", network, f"{text}; {seen[network]} is in it already")
        seen.setdefault(network, path)


def _kinds(given: Given) -> Iterator[Problem]:
    name = machine_type(given)
    for path, nic in given.each("networkInterfaces"):
        kind = text_of(nic, "nicType")
        if kind == "VIRTIO_NET" and family(name) in _NO_VIRTIO:
            yield invalid(given, f"{path}.nicType", kind, f"{name} has no VirtIO; give GVNIC, or leave it out")
        elif kind == "MRDMA" and name and not _RDMA.match(name):
            text = f"{name} has no RDMA interfaces; a3-ultragpu, a4-highgpu and a4x machines have"
            yield invalid(given, f"{path}.nicType", kind, text)


def _tier1(given: Given) -> Iterator[Problem]:
    if given.text("networkPerformanceConfig.totalEgressBandwidthTier") != "TIER_1":
        return
    path, name = "networkPerformanceConfig.totalEgressBandwidthTier", machine_type(given)
    cores = vcpus(name)
    if family(name) in ("e2", "n1", "t2d", "t2a") or (
        family(name) in ("n2", "n2d", "c2", "c2d") and cores is not None and cores < _TIER1_FROM
    ):
        text = f"{name} has no Tier_1 networking; take a larger N2, N2D, C2 or C2D, or leave it out"
        yield invalid(given, path, "TIER_1", text)
    for nic_path, nic in given.each("networkInterfaces"):
        if text_of(nic, "nicType") == "VIRTIO_NET":
            yield invalid(given, f"{nic_path}.nicType", "VIRTIO_NET", "Tier_1 networking needs GVNIC")


def _stack(given: Given) -> Iterator[Problem]:
    for path, nic in given.each("networkInterfaces"):
        stack = text_of(nic, "stackType")
        if nic.get("ipv6AccessConfigs") and stack == "IPV4_ONLY":
            yield Problem(f"{path}.ipv6AccessConfigs", "an IPV4_ONLY interface has none; give stackType IPV4_IPV6")
        if nic.get("accessConfigs") and stack == "IPV6_ONLY":
            yield Problem(f"{path}.accessConfigs", "an IPV6_ONLY interface has none; give ipv6AccessConfigs")
        configs = plain(nic.get("accessConfigs"))
        if isinstance(configs, list) and len(configs) > 1:
            text = f"at most one access config is allowed per network interface; there are {len(configs)}"
            yield Problem(f"{path}.accessConfigs", text)


def _rule(
    name: str, says: str, source: str, find: Callable[[Given], Iterator[Problem]], types: frozenset[str] = MACHINES
) -> Conflict:
    return Conflict(name=name, types=types, says=says, source=source, find=find)


_MADE: Final = frozenset({INSTANCE})
_MANY: Final = "cloud.google.com/vpc/docs/multiple-interfaces-concepts"
_GVNIC: Final = "cloud.google.com/compute/docs/networking/using-gvnic"
CONFLICTS: Final[tuple[Conflict, ...]] = (
    _rule(
        "an-interface-needs-a-network",
        "an interface names a network, a subnetwork or a network attachment",
        "terraform-provider-google-beta 93c65b2d, compute_instance_helpers.go, expandNetworkInterfaces",
        _some_network,
    ),
    _rule(
        "interfaces-by-vcpus",
        "a machine has as many interfaces as vCPUs, 2 to 8",
        f"{_MANY}, Maximum",
        _how_many,
        _MADE,
    ),
    _rule("one-interface-a-network", "interfaces of a machine are in different networks", _MANY, _distinct, _MADE),
    _rule("interface-kinds-of-a-family", "newer series have no VirtIO, few have RDMA", _GVNIC, _kinds, _MADE),
    _rule(
        "tier-1-networking",
        "Tier_1 needs gVNIC and 30 vCPUs",
        "cloud.google.com/compute/docs/networking/configure-vm-with-high-bandwidth-configuration",
        _tier1,
        _MADE,
    ),
    _rule("addresses-of-a-stack", "external addresses fit the interface's stack", f"{_MANY}, Stack types", _stack),
)
