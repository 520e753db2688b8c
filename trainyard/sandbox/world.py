"""What every account of the clouds has from the start, by rule: none of it is in the store.

Other things that are there already are declared in a world file: `world_file.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from trainyard.sandbox.conflicts.aws import facts
from trainyard.sandbox.provider.aws import ACCOUNT, DEFAULT_REGION
from trainyard.sandbox.provider.gcp import self_link
from trainyard.sandbox.provider.gcp_places import regions
from trainyard.sandbox.provider.order import stable_hex
from trainyard.sandbox.store import Store, Thing

_DATA: Final = Path(__file__).parent / "data"
NETWORK: Final = "gcp:compute/network:Network"
SUBNETWORK: Final = "gcp:compute/subnetwork:Subnetwork"
_PATH: Final = re.compile(r"projects/([^/]+)/(?:(global)|regions/([^/]+))/(networks|subnetworks)/([^/]+)$")
_IMAGES: Final = "image "  # begins the key of a small fact: an image of Amazon that the sandbox told of
_ZONES: Final = "abc"


@cache
def _said() -> Mapping[str, Any]:
    said: Mapping[str, Any] = json.loads((_DATA / "world.json").read_text(encoding="utf-8"))
    return said


def google_thing(store: Store, type: str, id: str) -> Thing | None:
    """A network or subnetwork that a Google project has by itself, by its path; None for any other."""
    match = _PATH.search(id)
    if match is None:
        return None
    project, _, region, collection, name = match.groups()
    if type == NETWORK and collection == "networks" and name == "default":
        return _default_network(project)
    if type == SUBNETWORK and collection == "subnetworks" and region:
        return _auto_subnetwork(store, project, region, name)
    return None


def google_path(type: str, project: str, place: str, name: str) -> str:
    """The path of a network or subnetwork."""
    if type == NETWORK:
        return f"projects/{project}/global/networks/{name}"
    return f"projects/{project}/regions/{place}/subnetworks/{name}"


def _default_network(project: str) -> Thing:
    id = f"projects/{project}/global/networks/default"
    told = {
        "name": "default",
        "project": project,
        "autoCreateSubnetworks": True,
        "selfLink": self_link(id),
        "description": "Default network for the project",
        "networkId": str(int(stable_hex(15, id), 16)),
        "subnetworksSelfLinks": [
            self_link(f"projects/{project}/regions/{region}/subnetworks/default") for region in sorted(regions())
        ],
        "mtu": 1460,
        "routingMode": "REGIONAL",
    }
    return Thing(
        type=NETWORK, id=id, package="gcp", project=project, place="global", name="default", inputs=told, outputs=told
    )


def _auto_subnetwork(store: Store, project: str, region: str, name: str) -> Thing | None:
    """A network that makes its own subnetworks has one of its own name in each region."""
    network = f"projects/{project}/global/networks/{name}"
    if region not in regions() or (name != "default" and not is_auto_mode(store, network)):
        return None
    id = google_path(SUBNETWORK, project, region, name)
    range_ = auto_range(region)
    told = {
        "name": name,
        "project": project,
        "region": region,
        "network": self_link(network),
        "ipCidrRange": range_,
        "gatewayAddress": range_.replace(".0/20", ".1"),
        "selfLink": self_link(id),
        "privateIpGoogleAccess": False,
        "purpose": "PRIVATE",
        "stackType": "IPV4_ONLY",
        "secondaryIpRanges": [],
    }
    return Thing(
        type=SUBNETWORK, id=id, package="gcp", project=project, place=region, name=name, inputs=told, outputs=told
    )


def is_auto_mode(store: Store, network: str) -> bool:
    """Whether a network makes its own subnetworks; the provider's default is yes."""
    if network.endswith("/networks/default"):
        made = store.get(NETWORK, network)
        return made is None or made.inputs.get("autoCreateSubnetworks") is not False
    found = store.get(NETWORK, network)
    return found is not None and found.inputs.get("autoCreateSubnetworks") is not False


def auto_range(region: str) -> str:
    """The range that an auto mode network has in a region, "10.128.0.0/20"."""
    number = _said()["google_ranges"].get(region) or 220 + int(stable_hex(4, region), 16) % 16 * 2
    return f"10.{number}.0.0/20"


def is_public_image(project: str, name: str) -> bool:
    """Whether a public project has an image or family of that name; without a project, as the provider finds one."""
    if project:
        return _has_image(project, name)
    words = sorted((word for word in _said()["google_image_words"] if word in name), key=len, reverse=True)
    return any(_has_image(_said()["google_image_words"][word], name) for word in words)


def _has_image(project: str, name: str) -> bool:
    pattern = _said()["google_images"].get(project)
    return pattern is not None and re.search(pattern, name) is not None


def image_project(project: str) -> str:
    """What a public project's images are called, for a hint; "" for a project that is not public."""
    pattern = _said()["google_images"].get(project)
    return f"images and families that match {pattern}" if pattern else ""


def remember_image(store: Store, id: str, region: str, architecture: str = "") -> None:
    """Keeps that the sandbox told of an image of Amazon, so that a machine may be made of it."""
    store.set_meta(f"{_IMAGES}{region} {id}", architecture or "told")


def is_known_image(store: Store, id: str, region: str) -> bool:
    return store.meta(f"{_IMAGES}{region} {id}") != ""


def image_architecture(store: Store, id: str, region: str) -> str:
    """arm64 or x86_64, where the question for the image said so; else ""."""
    told = store.meta(f"{_IMAGES}{region} {id}")
    return "" if told == "told" else told


def asked_architecture(asked: str) -> str:
    """What a question for an image says of its processor, as in the names of Amazon's, Canonical's and Debian's."""
    if re.search(r"arm64|aarch64", asked):
        return "arm64"
    return "x86_64" if re.search(r"x86_64|x86-64|amd64", asked) else ""


def is_public_parameter(name: str) -> bool:
    """Whether Amazon itself publishes a parameter of that name."""
    return any(re.match(pattern, name) for pattern in _said()["amazon_parameters"])


@cache
def _policies() -> frozenset[str]:
    told = json.loads((_DATA / "world_aws_policies.json").read_text(encoding="utf-8"))
    return frozenset(told["policies"])


def is_managed_policy(arn: str) -> bool:
    """Whether the ARN is one of Amazon's own policies."""
    return arn.startswith("arn:aws:iam::aws:policy/") and arn.removeprefix("arn:aws:iam::aws:policy/") in _policies()


def managed_policies() -> Sequence[str]:
    """Amazon's own policies, as ARNs."""
    return [f"arn:aws:iam::aws:policy/{name}" for name in sorted(_policies())]


def amazon_regions() -> Sequence[str]:
    """The regions of Amazon's usual partition."""
    return [region for region in facts.regions() if not region.startswith(("cn-", "us-gov-", "us-iso", "eu-isoe"))]


def amazon_zones(region: str) -> Sequence[str]:
    """The availability zones of a region; three where Amazon's own list is not known."""
    return facts.zones(region) or [f"{region}{letter}" for letter in _ZONES]


def amazon_things(region: str) -> Iterator[Thing]:
    """The default network of an account in a region: VPC, subnets, security group, route table, ACL, gateway."""
    vpc = _amazon_id("vpc", region)
    parts = {
        "defaultSecurityGroupId": _amazon_id("sg", region),
        "mainRouteTableId": _amazon_id("rtb", region),
        "defaultRouteTableId": _amazon_id("rtb", region),
        "defaultNetworkAclId": _amazon_id("acl", region),
        "dhcpOptionsId": _amazon_id("dopt", region),
    }
    yield _amazon(region, "vpc:Vpc", vpc, {"cidrBlock": "172.31.0.0/16", "enableDnsSupport": True, **parts})
    group = {"name": "default", "description": "default VPC security group", "vpcId": vpc}
    yield _amazon(region, "securityGroup:SecurityGroup", parts["defaultSecurityGroupId"], group)
    yield _amazon(region, "routeTable:RouteTable", parts["mainRouteTableId"], {"vpcId": vpc})
    yield _amazon(region, "networkAcl:NetworkAcl", parts["defaultNetworkAclId"], {"vpcId": vpc})
    yield _amazon(region, "internetGateway:InternetGateway", _amazon_id("igw", region), {"vpcId": vpc})
    for number, zone in enumerate(amazon_zones(region)):
        subnet = {
            "vpcId": vpc,
            "availabilityZone": zone,
            "cidrBlock": f"172.31.{number * 16}.0/20",
            "mapPublicIpOnLaunch": True,
        }
        yield _amazon(region, "subnet:Subnet", _amazon_id("subnet", zone), subnet)


def amazon_thing(types: Sequence[str], id: str, region: str) -> Thing | None:
    """A part of the region's default network by its id."""
    return _amazon_by_id(region).get(id) if any(t.startswith("aws:ec2/") for t in types) and "-" in id else None


@cache
def _amazon_by_id(region: str) -> Mapping[str, Thing]:
    return {thing.id: thing for thing in amazon_things(region)}


def _amazon_id(prefix: str, *parts: str) -> str:
    return f"{prefix}-{stable_hex(17, 'default', prefix, *parts)}"


def _amazon(region: str, kind: str, id: str, told: Mapping[str, Any]) -> Thing:
    noun = {"vpc": "vpc", "sg": "security-group", "rtb": "route-table", "acl": "network-acl", "igw": "internet-gateway"}
    arn = f"arn:aws:ec2:{region}:{ACCOUNT}:{noun.get(id.partition('-')[0], id.partition('-')[0])}/{id}"
    outputs = {"arn": arn, "ownerId": ACCOUNT, "region": region, "tags": {}, "tagsAll": {}, **told}
    return Thing(
        type=f"aws:ec2/{kind}",
        id=id,
        package="aws",
        project=ACCOUNT,
        place=region,
        name=str(told.get("name", id)),
        inputs=told,
        outputs=outputs,
    )


def built_in(store: Store, type: str, id: str, config: Mapping[str, Any]) -> Thing | None:
    """What is there by rule, for a read or an import of it; `config` is the provider's."""
    region = str(config.get("region") or DEFAULT_REGION)
    if type.startswith("gcp:compute/"):
        return google_thing(store, type, id)
    there = amazon_thing([type], id, region) if type.startswith("aws:ec2/") else None
    return there if there is not None and there.type == type else None
