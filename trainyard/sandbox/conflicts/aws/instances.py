"""Machines and their templates: how they are bought, their processors, placement and network."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.aws.facts import Machine, machine
from trainyard.sandbox.conflicts.aws.reading import has, known, number, there, whole
from trainyard.sandbox.conflicts.conflict import Conflict, Given

INSTANCE: Final = "aws:ec2/instance:Instance"
TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
_BOTH: Final = frozenset({INSTANCE, TEMPLATE})
_USER_DATA: Final = 16384  # bytes before base64
_BURSTABLE: Final = re.compile(r"^t\d")


@dataclass(frozen=True)
class _Words:
    """Where a type keeps the same thing."""

    hibernates: str
    tenancy: str
    group: str


_WORDS: Final[Mapping[str, _Words]] = {
    INSTANCE: _Words("hibernation", "tenancy", "placementGroup"),
    TEMPLATE: _Words("hibernationOptions.configured", "placement.tenancy", "placement.groupName"),
}


def _machine(given: Given) -> Machine | None:
    return machine(given.text("instanceType"))


def _market(given: Given) -> Iterator[Problem]:
    kind = given.text("instanceMarketOptions.marketType")
    options = "instanceMarketOptions.spotOptions"
    one_time = given.at(f"{options}.spotInstanceType") in (None, "one-time") and not given.unknown(options)
    behaviour = given.text(f"{options}.instanceInterruptionBehavior")
    if kind == "capacity-block":
        if has(given, options):
            yield Problem(options, "InvalidParameterCombination: a capacity block takes no spot options")
        target = "capacityReservationSpecification.capacityReservationTarget"
        if not there(given, target) and not there(given, "capacityReservationSpecification"):
            yield Problem(
                target,
                "InvalidParameterCombination: marketType capacity-block needs the Capacity Block that it runs in: "
                "capacityReservationTarget.capacityReservationId",
            )
    if one_time and behaviour in ("stop", "hibernate"):
        yield Problem(
            f"{options}.instanceInterruptionBehavior",
            f"InvalidParameterCombination: {behaviour} needs spotInstanceType persistent; one-time ends the machine",
        )
    if one_time and has(given, f"{options}.validUntil"):
        yield Problem(f"{options}.validUntil", "InvalidParameterCombination: only persistent requests have an end")
    until = given.text(f"{options}.validUntil")
    if until and not _is_time(until):
        yield Problem(f"{options}.validUntil", f'"{until}" is no RFC 3339 time; give one such as 2026-12-24T12:00:00Z')
    found = _machine(given)
    usage = {"spot": "spot", "capacity-block": "capacity-block"}.get(kind)
    if found and usage and usage not in found.usage:
        yield Problem(
            "instanceType",
            f"Unsupported: {given.text('instanceType')} is not sold as {usage}: {', '.join(sorted(found.usage))}",
        )


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _processor(given: Given) -> Iterator[Problem]:
    cores, threads = number(given, "cpuOptions.coreCount"), number(given, "cpuOptions.threadsPerCore")
    found, type = _machine(given), given.text("instanceType")
    if found is None:
        return
    if (cores or threads) and not found.cores:
        yield Problem("cpuOptions", f"Unsupported: CpuOptions are not supported for {type}")
    elif cores and cores not in found.cores:
        text = (
            f"InvalidParameterValue: {type} takes a core count of {', '.join(map(str, found.cores))}; {cores} is none"
        )
        yield Problem("cpuOptions.coreCount", text)
    elif threads and threads not in found.threads:
        text = (
            f"InvalidParameterValue: {type} has {' or '.join(map(str, found.threads))} threads per core, not {threads}"
        )
        yield Problem("cpuOptions.threadsPerCore", text)
    if given.type.token == TEMPLATE and cores and not there(given, "cpuOptions.threadsPerCore"):
        yield Problem("cpuOptions.threadsPerCore", "MissingParameter: core count and threads per core go together")
    if has(given, "creditSpecification.cpuCredits") and type and not _BURSTABLE.match(type):
        yield Problem(
            "creditSpecification", f"InvalidParameterCombination: only T types have CPU credits, {type} has none"
        )


def _hibernation(given: Given) -> Iterator[Problem]:
    found, words = _machine(given), _WORDS[given.type.token]
    if given.at(words.hibernates) is not True:
        return
    if found and "hibernates" not in found.flags:
        yield Problem(
            words.hibernates,
            f"UnsupportedHibernationConfiguration: {given.text('instanceType')} does not support hibernation",
        )
    if given.at("enclaveOptions.enabled") is True:
        yield Problem(
            "enclaveOptions.enabled", "InvalidParameterCombination: enclaves and hibernation exclude each other"
        )


def _placement(given: Given) -> Iterator[Problem]:
    words = _WORDS[given.type.token]
    tenancy = given.text(words.tenancy)
    if given.type.token == INSTANCE:
        host = next((name for name in ("hostId", "hostResourceGroupArn") if has(given, name)), "")
        group = "placementPartitionNumber"
        if has(given, "hostId") and has(given, "hostResourceGroupArn"):
            yield Problem("hostResourceGroupArn", '"host_resource_group_arn": conflicts with host_id; give one of them')
        if has(given, "placementGroup") and has(given, "placementGroupId"):
            yield Problem("placementGroupId", '"placement_group_id": conflicts with placement_group; give one of them')
    else:
        host = next((name for name in ("placement.hostId", "placement.hostResourceGroupArn") if has(given, name)), "")
        group = "placement.partitionNumber"
    if host and tenancy and tenancy != "host":
        text = f"InvalidParameterCombination: a dedicated host needs tenancy host, not {tenancy}"
        yield Problem(words.tenancy, text)
    if number(given, group) and not there(given, words.group) and not there(given, "placementGroupId"):
        yield Problem(group, "InvalidParameterCombination: a partition number needs a partition placement group")


def _network(given: Given) -> Iterator[Problem]:
    interfaces = "networkInterfaces"
    alone = (
        (
            "subnetId",
            "associatePublicIpAddress",
            "vpcSecurityGroupIds",
            "securityGroups",
            "privateIp",
            "ipv6Addresses",
            "ipv6AddressCount",
            "secondaryPrivateIps",
            "sourceDestCheck",
        )
        if given.type.token == INSTANCE
        else ("vpcSecurityGroupIds", "securityGroupNames")
    )
    if has(given, interfaces):
        for name in alone:
            if has(given, name):
                yield Problem(
                    name,
                    "InvalidParameterCombination: Network interfaces and an instance-level "
                    f"{name} may not be specified on the same request; give it in {interfaces}",
                )
    if given.type.token == INSTANCE and has(given, "ipv6Addresses") and has(given, "ipv6AddressCount"):
        yield Problem("ipv6AddressCount", '"ipv6_address_count": conflicts with ipv6_addresses; give one of them')
    seen: dict[tuple[int, int], str] = {}
    for path, interface in given.each(interfaces):
        device = whole(interface.get("deviceIndex")) or 0
        card = whole(interface.get("networkCardIndex")) or 0
        if given.type.token == TEMPLATE and (card, device) in seen and "deviceIndex" in interface:
            yield Problem(
                f"{path}.deviceIndex",
                f"InvalidParameterValue: device index {device} of network card {card} is taken by {seen[card, device]}",
            )
        seen[card, device] = path
    yield from _cards(given)


def _cards(given: Given) -> Iterator[Problem]:
    """Elastic Fabric Adapters: where, how many, and which cards there are."""
    found, type = _machine(given), given.text("instanceType")
    efas = 0
    for path, interface in given.each("networkInterfaces"):
        kind = known(interface.get("interfaceType"))
        card, device = whole(interface.get("networkCardIndex")) or 0, whole(interface.get("deviceIndex")) or 0
        efas += kind in ("efa", "efa-only")
        if kind == "efa-only" and card == 0 and device == 0:
            yield Problem(
                f"{path}.interfaceType",
                "InvalidParameterCombination: the primary network interface cannot be efa-only; give efa or interface",
            )
        if known(interface.get("associatePublicIpAddress")) in (True, "true") and kind == "efa-only":
            yield Problem(f"{path}.associatePublicIpAddress", "InvalidParameterCombination: efa-only has no IP address")
        if found is None:
            continue
        if card >= found.cards:
            text = f"{type} has {found.cards} network cards, 0 to {found.cards - 1}; {card} is none"
            yield Problem(f"{path}.networkCardIndex", f"InvalidNetworkCardIndex: {text}")
        elif kind in ("efa", "efa-only") and found.efa and card < found.efa_from:
            yield Problem(
                f"{path}.networkCardIndex",
                f"InvalidParameterCombination: card {card} of {type} takes no {kind}; from {found.efa_from} on they do",
            )
        if kind in ("efa", "efa-only") and not found.efa:
            yield Problem(
                f"{path}.interfaceType", f"Unsupported: EFA interfaces are not supported on {type}; give interface"
            )
    if found and found.efa and efas > found.efa:
        yield Problem(
            "networkInterfaces",
            f"AttachmentLimitExceeded: {type} has at most {found.efa} EFA interfaces; {efas} are asked for",
        )
    count = len(list(given.each("networkInterfaces")))
    if found and count > found.interfaces:
        yield Problem(
            "networkInterfaces",
            f"AttachmentLimitExceeded: Interface count {count} exceeds the limit for {type}: {found.interfaces}",
        )


def _user_data(given: Given) -> Iterator[Problem]:
    if given.type.token != TEMPLATE and has(given, "userData") and has(given, "userDataBase64"):
        yield Problem("userDataBase64", '"user_data_base64": conflicts with user_data; give one of them')
    plain = given.text("userData") if given.type.token != TEMPLATE else ""
    coded = given.text("userDataBase64") if given.type.token != TEMPLATE else given.text("userData")
    path = "userDataBase64" if given.type.token != TEMPLATE else "userData"
    if plain and len(plain.encode()) > _USER_DATA:
        yield Problem(
            "userData",
            f"InvalidParameterValue: User data is limited to {_USER_DATA} bytes; these are {len(plain.encode())}",
        )
    if coded:
        try:
            size = len(base64.b64decode(coded, validate="\n" not in coded))
        except ValueError:
            yield Problem(path, "InvalidUserData.Malformed: Invalid BASE64 encoding of user data.")
            return
        if size > _USER_DATA:
            yield Problem(path, f"InvalidParameterValue: User data is limited to {_USER_DATA} bytes; these are {size}")


def _from_something(given: Given) -> Iterator[Problem]:
    """What a machine needs, unless a launch template brings it."""
    template = "launchTemplate"
    if given.type.token == INSTANCE:
        for name in ("ami", "instanceType"):
            if not there(given, name) and not there(given, template):
                other = "`ami,launch_template`" if name == "ami" else "`instance_type,launch_template`"
                yield Problem(name, f'Missing required argument: "{name}": one of {other} must be specified')
    if has(given, f"{template}.id") and has(given, f"{template}.name"):
        yield Problem(
            f"{template}.name", f'"{template}.0.name": only one of `{template}.0.id,{template}.0.name` can be specified'
        )
    elif has(given, template) and not there(given, f"{template}.id") and not there(given, f"{template}.name"):
        yield Problem(f"{template}.id", "ValidationError: You must specify either a launch template id or its name")


def _template(given: Given) -> Iterator[Problem]:
    name = given.text("name")
    if name and not re.fullmatch(r"[a-zA-Z0-9().\-/_]{3,128}", name):
        yield Problem(
            "name",
            "InvalidLaunchTemplateName.MalformedException: a name has 3 to 128 letters, digits and ( ) . - / _",
        )
    if has(given, "instanceType") and has(given, "instanceRequirements"):
        yield Problem("instanceRequirements", '"instance_requirements": conflicts with instance_type; give one of them')
    if given.at("updateDefaultVersion") is True and has(given, "defaultVersion"):
        yield Problem("defaultVersion", '"default_version": conflicts with update_default_version; give one of them')
    if has(given, "securityGroupNames") and has(given, "vpcSecurityGroupIds"):
        yield Problem("securityGroupNames", '"security_group_names": conflicts with vpc_security_group_ids; give one')


def _group(given: Given) -> Iterator[Problem]:
    strategy, count = given.text("strategy"), number(given, "partitionCount")
    if count and strategy and strategy != "partition":
        yield Problem("partitionCount", f"InvalidParameterCombination: a {strategy} group has no partitions")
    if count is not None and not 1 <= count <= 7 and strategy == "partition":
        yield Problem("partitionCount", f"InvalidParameterValue: {count} partitions; 1 to 7 are taken in a zone")
    if has(given, "spreadLevel") and strategy and strategy != "spread":
        yield Problem("spreadLevel", f"InvalidParameterCombination: a {strategy} group has no spread level")


def _key_pair(given: Given) -> Iterator[Problem]:
    key = given.text("publicKey").strip()
    other = "BEGIN" in key or re.fullmatch(r"[A-Za-z0-9+/=\s]{200,}", key)  # RFC 4716, or DER in base64
    if key and not other and not re.match(r"^(ssh-rsa|ssh-ed25519) AAAA[0-9A-Za-z+/]+={0,3}( .*)?$", key):
        yield Problem(
            "publicKey",
            "InvalidKey.Format: Key is not in valid OpenSSH public key format; give ssh-rsa or ssh-ed25519 and a key",
        )
    if len(given.text("keyName")) > 255:
        yield Problem("keyName", "InvalidParameterValue: a key name has at most 255 characters")


def _reservation(given: Given) -> Iterator[Problem]:
    limited, end = given.text("endDateType"), has(given, "endDate")
    if limited == "limited" and not end:
        yield Problem("endDate", "MissingParameter: endDateType limited needs an endDate")
    if end and limited == "unlimited":
        yield Problem("endDate", "InvalidParameterCombination: endDateType unlimited has no endDate; give limited")
    if given.text("endDate") and not _is_time(given.text("endDate")):
        yield Problem(
            "endDate", f'"{given.text("endDate")}" is no RFC 3339 time; give one such as 2026-12-24T12:00:00Z'
        )
    count = number(given, "instanceCount")
    if count is not None and count < 1:
        yield Problem("instanceCount", f"InvalidParameterValue: {count} instances; at least 1 is reserved")
    found = _machine(given)
    group = has(given, "placementGroupArn")
    if found and group and "cluster" not in found.placement:
        yield Problem("placementGroupArn", f"Unsupported: {given.text('instanceType')} is not placed in cluster groups")


_SOURCES: Final = {
    "market": "EC2 API RunInstances, InstanceMarketOptions: SpotMarketOptions; docs: Capacity Blocks",
    "efa": "docs.aws.amazon.com/ec2, EFA: supported instance types, network cards; DescribeInstanceTypes, by moto",
}
CONFLICTS: Final = (
    Conflict(
        name="market-options",
        types=_BOTH,
        says="Only persistent spot requests stop, hibernate or end; a capacity block is named; the type is sold so.",
        source=_SOURCES["market"],
        find=_market,
    ),
    Conflict(
        name="cpu-options",
        types=_BOTH,
        says="Cores and threads are ones that the instance type takes; only T types have CPU credits.",
        source="docs.aws.amazon.com/ec2, CPU options: supported; DescribeInstanceTypes, VCpuInfo, as moto tells it",
        find=_processor,
    ),
    Conflict(
        name="hibernation",
        types=_BOTH,
        says="Only some types hibernate, and none with enclaves.",
        source="DescribeInstanceTypes, HibernationSupported; error UnsupportedHibernationConfiguration",
        find=_hibernation,
    ),
    Conflict(
        name="placement",
        types=_BOTH,
        says="A host needs tenancy host; a partition number needs a placement group.",
        source="EC2 API Placement: HostId, Tenancy, PartitionNumber; hashicorp/terraform-provider-aws, ConflictsWith",
        find=_placement,
    ),
    Conflict(
        name="network-interfaces",
        types=_BOTH,
        says="Interfaces are told once, within the cards and counts of the type; EFA only where the type has it.",
        source=_SOURCES["efa"],
        find=_network,
    ),
    Conflict(
        name="user-data",
        types=_BOTH,
        says="User data are at most 16 KiB, a template's in base64.",
        source="EC2 API RunInstances, UserData: limited to 16 KB; error InvalidUserData.Malformed",
        find=_user_data,
    ),
    Conflict(
        name="machine-from-something",
        types=frozenset({INSTANCE}),
        says="A machine has an image and a type, or a template by id or by name.",
        source="hashicorp/terraform-provider-aws, aws_instance: AtLeastOneOf, ExactlyOneOf",
        find=_from_something,
    ),
    Conflict(
        name="launch-template",
        types=frozenset({TEMPLATE}),
        says="A template has one way to say its type, its default version and its security groups.",
        source="hashicorp/terraform-provider-aws, aws_launch_template: ConflictsWith; EC2 API CreateLaunchTemplate",
        find=_template,
    ),
    Conflict(
        name="placement-group",
        types=frozenset({"aws:ec2/placementGroup:PlacementGroup"}),
        says="Only partition groups have partitions, one to seven; only spread groups have a level.",
        source="EC2 API CreatePlacementGroup: PartitionCount, SpreadLevel",
        find=_group,
    ),
    Conflict(
        name="public-key",
        types=frozenset({"aws:ec2/keyPair:KeyPair"}),
        says="A key pair is imported from an RSA or ED25519 public key.",
        source="EC2 API ImportKeyPair: formats; error InvalidKey.Format",
        find=_key_pair,
    ),
    Conflict(
        name="reservation-end",
        types=frozenset({"aws:ec2/capacityReservation:CapacityReservation"}),
        says="A limited reservation has an end, an unlimited one has none.",
        source="EC2 API CreateCapacityReservation: EndDateType, EndDate",
        find=_reservation,
    ),
)
