"""Google Cloud things with a shape of their own: networks, identities and buckets."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from trainyard.sandbox.provider import gcp
from trainyard.sandbox.provider.generic import own_name, plausible
from trainyard.sandbox.provider.order import Made, Order, digits, nobodys_address, stable_hex

_COMPUTE: Final[Mapping[str, tuple[str, str]]] = {  # type: collection, scope
    "gcp:compute/network:Network": ("networks", "global"),
    "gcp:compute/subnetwork:Subnetwork": ("subnetworks", "region"),
    "gcp:compute/router:Router": ("routers", "region"),
    "gcp:compute/firewall:Firewall": ("firewalls", "global"),
    "gcp:compute/address:Address": ("addresses", "region"),
    "gcp:compute/globalAddress:GlobalAddress": ("addresses", "global"),
    "gcp:compute/disk:Disk": ("disks", "zone"),
    "gcp:compute/snapshot:Snapshot": ("snapshots", "global"),
    "gcp:compute/image:Image": ("images", "global"),
    "gcp:compute/instanceTemplate:InstanceTemplate": ("instanceTemplates", "global"),
    "gcp:compute/instanceGroupManager:InstanceGroupManager": ("instanceGroupManagers", "zone"),
    "gcp:compute/resourcePolicy:ResourcePolicy": ("resourcePolicies", "region"),
}
_DISK_GIB: Final = 500


def make_compute(order: Order) -> Made:
    """A Compute Engine thing with links instead of names, as the API tells them."""
    name, project = own_name(order), gcp.project_of(order)
    collection, scope = _COMPUTE[order.type.token]
    place = {"global": "global", "region": "", "zone": ""}[scope] or _place(order, scope)
    path = "global" if scope == "global" else f"{scope}s/{place}"
    id = f"projects/{project}/{path}/{collection}/{name}"
    outputs = {
        **plausible(order, id),
        **gcp.common(order, name, project, id),
        **gcp.label_outputs(order),
        **_extra(order, project),
    }
    if scope != "global":
        outputs[scope] = place
    return Made(id=id, name=name, project=project, place=place, labels=gcp.effective_labels(order), outputs=outputs)


def _place(order: Order, scope: str) -> str:
    return gcp.zone_of(order) if scope == "zone" else gcp.region_of(order)


def _extra(order: Order, project: str) -> dict[str, Any]:
    network = order.text("network")
    linked = {"network": gcp.full_link(network, "networks", project, "global")} if network else {}
    extra = _EXTRAS.get(order.type.token)
    return linked | (extra(order) if extra else {})


def _network(order: Order) -> dict[str, Any]:
    number = order.keep("networkId", lambda: digits(19))
    return {"networkId": number, "numericId": number, "autoCreateSubnetworks": True, "mtu": 0} | _given(order)


def _subnetwork(order: Order) -> dict[str, Any]:
    cidr = order.text("ipCidrRange")
    gateway = {"gatewayAddress": str(ipaddress.ip_network(cidr, strict=False)[1])} if cidr else {}
    return {"privateIpGoogleAccess": False, "purpose": "PRIVATE", "stackType": "IPV4_ONLY"} | gateway | _given(order)


def _firewall(order: Order) -> dict[str, Any]:
    return {"direction": "INGRESS", "priority": 1000, "enableLogging": False} | _given(order)


def _address(order: Order) -> dict[str, Any]:
    made = order.keep("address", lambda: nobodys_address(order.name))
    return {"address": made, "addressType": "EXTERNAL", "networkTier": "PREMIUM"} | _given(order)


def _disk(order: Order) -> dict[str, Any]:
    number, users = order.keep("diskId", lambda: digits(19)), order.keep("users", list)
    return {"diskId": number, "size": _DISK_GIB, "type": "pd-standard", "users": users} | _given(order)


def _given(order: Order) -> dict[str, Any]:
    return {key: value for key, value in order.inputs.items() if key != "network"}


def _template(order: Order) -> dict[str, Any]:
    """A template is told apart from a later one of its name by a number (google_compute_instance_template)."""
    number = order.keep("numericId", lambda: digits(19))
    path = f"projects/{gcp.project_of(order)}/global/instanceTemplates/{own_name(order)}"
    return {"numericId": number, "selfLinkUnique": f"{gcp.self_link(path)}?uniqueId={number}"} | _given(order)


def _group(order: Order) -> dict[str, Any]:
    """The instance group that a manager manages: backends take it, and everything else that wants machines."""
    path = f"projects/{gcp.project_of(order)}/zones/{gcp.zone_of(order)}/instanceGroups/{own_name(order)}"
    return {"instanceGroup": gcp.self_link(path)} | _given(order)


_EXTRAS: Final[Mapping[str, Callable[[Order], dict[str, Any]]]] = {
    "gcp:compute/network:Network": _network,
    "gcp:compute/subnetwork:Subnetwork": _subnetwork,
    "gcp:compute/firewall:Firewall": _firewall,
    "gcp:compute/address:Address": _address,
    "gcp:compute/globalAddress:GlobalAddress": _address,
    "gcp:compute/disk:Disk": _disk,
    "gcp:compute/instanceTemplate:InstanceTemplate": _template,
    "gcp:compute/instanceGroupManager:InstanceGroupManager": _group,
}


def make_router_nat(order: Order) -> Made:
    """A NAT is a part of its router."""
    project, region, name = gcp.project_of(order), gcp.region_of(order), own_name(order)
    router = order.text("router").rpartition("/")[2]
    outputs = {**plausible(order, name), "name": name, "project": project, "region": region}
    id = f"{project}/{region}/{router}/{name}"
    return Made(id=id, name=name, project=project, place=region, outputs=outputs)


def make_account(order: Order) -> Made:
    """A service account with its address."""
    project, account = gcp.project_of(order), order.text("accountId")
    email = f"{account}@{project}.iam.gserviceaccount.com"
    id = f"projects/{project}/serviceAccounts/{email}"
    outputs = {
        **plausible(order, id),
        "project": project,
        "email": email,
        "member": f"serviceAccount:{email}",
        "name": id,
        "uniqueId": order.keep("uniqueId", lambda: digits(21)),
        "disabled": order.plain("disabled") or False,
    }
    return Made(id=id, name=account, project=project, place="global", outputs=outputs)


def make_role(order: Order) -> Made:
    """A project's own role: its name is its id (google_project_iam_custom_role sets both to the API's name)."""
    project, role = gcp.project_of(order), order.text("roleId")
    id = f"projects/{project}/roles/{role}"
    outputs = {**plausible(order, id), "project": project, "name": id, "deleted": False}
    return Made(id=id, name=role, project=project, place="global", outputs=outputs)


def make_member(order: Order) -> Made:
    """One member, binding or policy on something: its id is the thing, the role and the member."""
    project = gcp.project_of(order)
    parent = _parent(order, project)
    parts = [parent, order.text("role"), order.text("member")]
    condition = order.plain("condition")
    if isinstance(condition, Mapping):
        parts.append(str(condition.get("title", "")))
    id = "/".join(part for part in parts if part)
    outputs = {**plausible(order, id), "etag": order.keep("etag", lambda: f"BwY{stable_hex(9, id)}=")}
    for name in ("project", "zone", "region"):
        if name in order.type.outputs and order.inputs.get(name) is None:
            outputs[name] = {"project": lambda: project, "zone": lambda: gcp.zone_of(order)}.get(
                name, lambda: gcp.region_of(order)
            )()
    return Made(id=id, name=order.text("member") or parent, project=project, place="global", outputs=outputs)


def _parent(order: Order, project: str) -> str:
    """The thing that the member is on, by whichever required input names it."""
    named = [
        name
        for name, field in order.type.inputs.items()
        if field.required and name not in ("role", "member", "members", "policyData", "project")
    ]
    if not named and order.text("name"):  # a name that the SDK would make up, as the name of a thing of its own
        return _named_parent(order, project)
    if not named:
        return project
    given = order.text(named[0])
    if order.type.token.startswith("gcp:storage/"):
        return f"b/{given}"
    if order.type.token.startswith(("gcp:compute/", "gcp:iap/")) and "/" not in given and "zone" in order.type.inputs:
        middle = "iap_tunnel/zones" if order.type.token.startswith("gcp:iap/") else "zones"
        return f"projects/{project}/{middle}/{gcp.zone_of(order)}/instances/{given}"
    return given


def _named_parent(order: Order, project: str) -> str:
    """The path of what the member's `name` means: "projects/p/locations/l/instances/lab" of an InstanceIamMember."""
    given = order.text("name")
    kind = re.split("I[aA][mM]", order.type.token.rpartition(":")[2])[0]
    place = next((order.text(name) for name in ("location", "region", "zone") if order.text(name)), "")
    middle = f"locations/{place}/" if place else ""
    collection = f"{kind[:1].lower()}{kind[1:]}s"
    return given if "/" in given else f"projects/{project}/{middle}{collection}/{given}"


def make_bucket(order: Order) -> Made:
    """A bucket: its name is its id, and the only one in the world."""
    name, project = own_name(order), gcp.project_of(order)
    location = order.text("location").upper()
    outputs = {
        **plausible(order, name),
        **gcp.label_outputs(order),
        "name": name,
        "project": project,
        "location": location,
        "selfLink": f"https://www.googleapis.com/storage/v1/b/{name}",
        "url": f"gs://{name}",
        "storageClass": order.text("storageClass", "STANDARD"),
        "projectNumber": order.keep("projectNumber", lambda: int(digits(12))),
    }
    return Made(
        id=name, name=name, project=project, place=location, labels=gcp.effective_labels(order), outputs=outputs
    )


COMPUTE_TYPES: Final = frozenset(_COMPUTE)
SCOPES: Final[Mapping[str, str]] = {  # of Compute Engine's own things: the place that each must have
    "gcp:compute/instance:Instance": "zone",
    "gcp:compute/routerNat:RouterNat": "region",
    **{token: scope for token, (_, scope) in _COMPUTE.items()},
}
