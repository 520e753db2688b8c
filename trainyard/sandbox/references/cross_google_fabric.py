"""Google Cloud: RDMA networks, groups with a workload policy, and resize requests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from trainyard.sandbox.provider.order import Order, Refused
from trainyard.sandbox.store import Store, Thing
from trainyard.servicer.values import reveal

if TYPE_CHECKING:
    from trainyard.sandbox.references.pointing import Pointer

_NETWORK: Final = "gcp:compute/network:Network"
_SUBNETWORK: Final = "gcp:compute/subnetwork:Subnetwork"
_TEMPLATE: Final = "gcp:compute/instanceTemplate:InstanceTemplate"
_GROUP: Final = "gcp:compute/instanceGroupManager:InstanceGroupManager"
_POLICY: Final = "gcp:compute/resourcePolicy:ResourcePolicy"
_PROFILE: Final = re.compile(r"(?:.*/)?(?P<zone>[a-z]+-[a-z]+\d+-[a-z])-vpc-(?P<kind>roce|roce-metal|falcon)")
_RDMA_KINDS: Final = ("MRDMA", "IRDMA")
_ANY_PROFILE: Final = f"SELECT 1 FROM resources WHERE type='{_NETWORK}' AND instr(inputs, 'networkProfile') LIMIT 1"  # noqa: S608
# docs.cloud.google.com/compute/docs/instance-groups/about-workload-policies: "You can only apply workload policies to"
_WITH_POLICY: Final = re.compile(r"(a4x-|a4-|a3-ultragpu-|a3-megagpu-|a3-highgpu-8g|h4d-|tpu7x-|ct6e-|ct5p-)")
# GoogleCloudPlatform/cluster-toolkit, docs/slurm-dws-flex.md
_FLEX_WITH_POLICY: Final = re.compile(r"(a4-|a3-ultragpu-|h4d-)")


def profile_of(network: Thing | None) -> tuple[str, str] | None:
    """(zone, kind) of the network's RDMA profile; None when it has none."""
    given = reveal(network.inputs.get("networkProfile")) if network is not None else None
    found = _PROFILE.fullmatch(given) if isinstance(given, str) else None
    return (found["zone"], found["kind"]) if found else None


def check_firewall(order: Order, pointers: Sequence[Pointer]) -> None:
    """vpc/docs/rdma-network-profiles: an RDMA network takes no VPC firewall rules."""
    for pointer in pointers:
        if (
            pointer.target == "network"
            and pointer.to is not None
            and profile_of(_thing(order.store, _NETWORK, pointer))
        ):
            text = f"the network '{pointer.to.id}' has an RDMA profile, which takes no firewall rules"
            raise _invalid(text, "network")


def check_subnetwork(order: Order, pointers: Sequence[Pointer]) -> None:
    """A subnetwork of an RDMA network lies in its zone's region (vpc/docs/create-vpc-network-rdma)."""
    network = next((_thing(order.store, _NETWORK, each) for each in pointers if each.target == "network"), None)
    profile = profile_of(network)
    region = order.text("region").rpartition("/")[2]
    if profile and region and region != profile[0].rpartition("-")[0]:
        text = f"'{region}'. The network's profile is of {profile[0]}: give its region"
        raise _invalid(text, "region")


def check_interfaces(order: Order, pointers: Sequence[Pointer]) -> None:
    """RDMA interfaces are in RDMA networks of the machine's zone, and no others are."""
    interfaces = [each for each in order.plain("networkInterfaces") or () if isinstance(each, Mapping)]
    wants = any(str(each.get("nicType") or "") in _RDMA_KINDS for each in interfaces)
    if not wants and not order.store.rows(_ANY_PROFILE):  # nearly every machine: its networks need not be read
        return
    by_path = {pointer.path: pointer for pointer in pointers}
    zone = order.text("zone").rpartition("/")[2]
    for number, interface in enumerate(order.plain("networkInterfaces") or ()):
        if not isinstance(interface, Mapping):
            continue
        network = _network_of(order.store, by_path, f"networkInterfaces[{number}]")
        if network is not None:
            _check_interface(f"networkInterfaces[{number}]", str(interface.get("nicType") or ""), network, zone)


def _check_interface(path: str, kind: str, network: Thing, zone: str) -> None:
    profile = profile_of(network)
    if profile is None and kind in _RDMA_KINDS:
        text = f"'{kind}'. The network '{network.name}' has no RDMA profile; give one of ZONE-vpc-roce"
        raise _invalid(text, f"{path}.nicType")
    if profile is not None and kind not in _RDMA_KINDS:
        text = f"'{kind}'. The network '{network.name}' has an RDMA profile: give MRDMA"
        raise _invalid(text, f"{path}.nicType")
    if profile is not None and zone and zone != profile[0]:
        text = f"'{network.name}'. Its profile is of {profile[0]}, the machine of {zone}"
        raise _invalid(text, f"{path}.network")


def _network_of(store: Store, by_path: Mapping[str, Pointer], path: str) -> Thing | None:
    direct = by_path.get(f"{path}.network")
    if direct is not None and direct.to is not None:
        return _thing(store, _NETWORK, direct)
    subnetwork = by_path.get(f"{path}.subnetwork")
    found = _thing(store, _SUBNETWORK, subnetwork) if subnetwork is not None else None
    link = str(reveal(found.outputs.get("network") or "")) if found is not None else ""
    return store.get(_NETWORK, link[link.index("projects/") :]) if "projects/" in link else None


def check_group(order: Order, pointers: Sequence[Pointer]) -> None:
    """A group's workload policy fits its zone and its machines."""
    given = (order.plain("resourcePolicies") or {}).get("workloadPolicy")
    wrong = _policy_misfit(order, pointers, given) if isinstance(given, str) else None
    if wrong:
        text = f"'{given}'. {wrong}"
        raise _invalid(text, "resourcePolicies.workloadPolicy")


def _policy_misfit(order: Order, pointers: Sequence[Pointer], given: str) -> str | None:
    policy = order.store.get(_POLICY, given[given.index("projects/") :]) if "projects/" in given else None
    if policy is None:
        return "The resource policy was not found"
    if reveal(policy.inputs.get("workloadPolicy")) is None:
        return "It is no workload policy"
    zone = order.text("zone").rpartition("/")[2]
    if zone and zone.rpartition("-")[0] != policy.place:
        return f"It is of {policy.place}, the group of {zone}"
    for template in _templates(order.store, pointers):
        name = str(reveal(template.inputs.get("machineType") or "")).rpartition("/")[2]
        if not _WITH_POLICY.match(name):
            return f"Workload policies do not support {name}"
        scheduling = reveal(template.inputs.get("scheduling")) or {}
        if scheduling.get("provisioningModel") == "FLEX_START" and not _FLEX_WITH_POLICY.match(name):
            return f"Flex-start machines of {name} take no workload policy"
    return None


def check_resize(order: Order, pointers: Sequence[Pointer]) -> None:
    """compute/docs/instance-groups/create-resize-requests-mig: the group repairs nothing, and its run has an end."""
    group = next((_thing(order.store, _GROUP, each) for each in pointers if each.target == "groupManager"), None)
    if group is None:
        return
    lifecycle = reveal(group.inputs.get("instanceLifecyclePolicy")) or {}
    if lifecycle.get("defaultActionOnFailure") != "DO_NOTHING":
        text = f"The group '{group.name}' repairs its machines: set its defaultActionOnFailure to DO_NOTHING"
        raise _invalid(text, "resizeBy")
    if order.plain("requestedRunDuration") is not None:
        return
    for version in reveal(group.inputs.get("versions")) or ():
        link = str(version.get("instanceTemplate") or "").partition("?")[0]
        template = order.store.get(_TEMPLATE, link[link.index("projects/") :]) if "projects/" in link else None
        scheduling = (reveal(template.inputs.get("scheduling")) if template is not None else None) or {}
        if template is not None and not scheduling.get("maxRunDuration"):
            text = "neither it nor the template says how long the machines run"
            raise _invalid(text, "requestedRunDuration")


def _invalid(text: str, field: str) -> Refused:
    return Refused(f"googleapi: Error 400: Invalid value for field 'resource.{field}': {text}, invalid")


def _templates(store: Store, pointers: Sequence[Pointer]) -> Iterator[Thing]:
    for pointer in pointers:
        found = _thing(store, _TEMPLATE, pointer) if pointer.target == "instanceTemplate" else None
        if found is not None:
            yield found


def _thing(store: Store, type: str, pointer: Pointer) -> Thing | None:
    return store.get(pointer.to.type, pointer.to.id) if pointer.to is not None and pointer.to.type == type else None


RULES: Final[Mapping[str, tuple[Callable[[Order, Sequence[Pointer]], Any], ...]]] = {
    "gcp:compute/firewall:Firewall": (check_firewall,),
    _SUBNETWORK: (check_subnetwork,),
    "gcp:compute/instance:Instance": (check_interfaces,),
    _TEMPLATE: (check_interfaces,),
    _GROUP: (check_group,),
    "gcp:compute/resizeRequest:ResizeRequest": (check_resize,),
}
