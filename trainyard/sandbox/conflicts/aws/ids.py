"""Ids, ARNs and tags: the words that all of Amazon's services share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.aws.reading import known, leaves, tokens
from trainyard.sandbox.conflicts.conflict import Conflict, Given

_HEX: Final = r"(?:[0-9a-f]{8}|[0-9a-f]{17})"
_SECURITY_GROUP: Final = ("sg",)
# By property: the prefixes that its ids have (docs.aws.amazon.com/ec2, "Amazon EC2 resource IDs").
_EVERYWHERE: Final[Mapping[str, tuple[str, ...]]] = {
    "vpcId": ("vpc",),
    "subnetId": ("subnet",),
    "subnetIds": ("subnet",),
    "securityGroupId": _SECURITY_GROUP,
    "securityGroupIds": _SECURITY_GROUP,
    "vpcSecurityGroupIds": _SECURITY_GROUP,
}
_OF_EC2: Final[Mapping[str, tuple[str, ...]]] = {
    "networkInterfaceId": ("eni",),
    "allocationId": ("eipalloc",),
    "natGatewayId": ("nat",),
    "routeTableId": ("rtb",),
    "routeTableIds": ("rtb",),
    "gatewayId": ("igw", "vgw", "vpce"),
    "egressOnlyGatewayId": ("eigw",),
    "vpcPeeringConnectionId": ("pcx",),
    "transitGatewayId": ("tgw",),
    "volumeId": ("vol",),
    "snapshotId": ("snap",),
    "instanceId": ("i",),
    "networkAclId": ("acl",),
    "ami": ("ami",),
    "imageId": ("ami",),
    "launchTemplateId": ("lt",),
    "capacityReservationId": ("cr",),
    "prefixListId": ("pl",),
    "customerGatewayId": ("cgw",),
    "vpnGatewayId": ("vgw",),
}
_OTHERS: Final = frozenset({"local", "carrier"})  # `gatewayId` of a route that stays inside
_EC2: Final = ("ec2", "vpc", "ebs", "autoscaling")
# Other vendors' ids under the same names.
_NOT_THESE: Final = tokens("fsx", "workspaces", "storagegateway", "vpclattice", "directoryservice")

_ARN: Final = re.compile(r"^arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):([0-9]{12}|aws|aws-managed|\*|[a-z-]*):(.+)$")
_ARN_NAMES: Final = re.compile(r"(?:^a|A)rns?$")
# By the end of the property's name: the service, and how what it names begins.
_ARN_OF: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "roleArn": (frozenset({"iam"}), "role/"),
    "policyArn": (frozenset({"iam"}), "policy/"),
    "topicArn": (frozenset({"sns"}), ""),
    "kmsKeyArn": (frozenset({"kms"}), ""),
    "targetGroupArn": (frozenset({"elasticloadbalancing"}), "targetgroup/"),
    "loadBalancerArn": (frozenset({"elasticloadbalancing"}), "loadbalancer/"),
    "certificateArn": (frozenset({"acm", "iam"}), ""),
}
_NO_ARNS: Final = frozenset(  # properties whose name says more than they take
    {
        ("aws:ssm/maintenanceWindowTask:MaintenanceWindowTask", "taskArn"),  # a document's name as well
        ("aws:eks/accessPolicyAssociation:AccessPolicyAssociation", "policyArn"),  # arn:aws:eks::aws:cluster-access-…
    }
)

_TAG_WORDS: Final = re.compile(r"[^\w\s.:/=+\-@]")
_TAGS: Final = 50
# Their tags are of another kind, or take every character: docs.aws.amazon.com/general, "Tagging AWS resources".
_FREE_TAGS: Final = tokens("ec2", "ebs", "vpc", "autoscaling", "ec2transitgateway")


def _wrong_ids(given: Given) -> Iterator[Problem]:
    of_ec2 = given.type.token.split(":")[1].split("/")[0] in _EC2
    for leaf in leaves(given):
        prefixes = _EVERYWHERE.get(leaf.name) or (_OF_EC2.get(leaf.name) if of_ec2 else None)
        if not prefixes or not isinstance(leaf.value, str) or not leaf.value or leaf.value in _OTHERS:
            continue
        if leaf.value.startswith("resolve:ssm:") and prefixes == ("ami",):
            continue
        if not re.fullmatch(rf"(?:{'|'.join(prefixes)})-{_HEX}", leaf.value):
            shown = " or ".join(f"{prefix}-…" for prefix in prefixes)
            yield Problem(
                leaf.path,
                f'InvalidParameterValue: Invalid id: "{leaf.value}" (expecting "{shown}" and 8 or 17 hex digits)',
            )


def _wrong_arns(given: Given) -> Iterator[Problem]:
    for leaf in leaves(given):
        if not _ARN_NAMES.search(leaf.name) or not isinstance(leaf.value, str) or leaf.value in ("", "*"):
            continue
        if (given.type.token, leaf.name) in _NO_ARNS:
            continue
        arn = _ARN.match(leaf.value)
        if arn is None:
            yield Problem(
                leaf.path,
                f'"{leaf.name}" ({leaf.value}) is an invalid ARN: give arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE',
            )
            continue
        singular = leaf.name.removesuffix("s")
        for end, (services, begins) in _ARN_OF.items():
            meant = singular == end or singular.endswith(end[0].upper() + end[1:])
            if meant and (arn.group(2) not in services or not arn.group(5).startswith(begins)):
                wanted = " or ".join(sorted(services)) + (f":…:{begins}…" if begins else "")
                yield Problem(leaf.path, f"ValidationException: {leaf.value} is no ARN of {wanted}")


def _wrong_tags(given: Given) -> Iterator[Problem]:
    for name in ("tags", "volumeTags"):
        tags = given.at(name)
        if not isinstance(tags, Mapping):
            continue
        if len(tags) > _TAGS:
            yield Problem(name, f"TagLimitExceeded: {len(tags)} tags; a thing has at most {_TAGS}")
        for key, value in tags.items():
            reason = _tag_problem(given, str(key), known(value))
            if reason:
                yield Problem(f"{name}.{key}", f"InvalidTag: {reason}")


def _tag_problem(given: Given, key: str, value: Any) -> str | None:
    if key.lower().startswith("aws:"):
        return "Tag keys that begin with aws: are Amazon's own"
    if not 1 <= len(key) <= 128:
        return f"The tag key is {len(key)} characters long; 1 to 128 are taken"
    if isinstance(value, str) and len(value) > 256:
        return f"The tag value is {len(value)} characters long; at most 256 are taken"
    if given.type.token in _FREE_TAGS:
        return None
    wrong = _TAG_WORDS.search(key) or (_TAG_WORDS.search(value) if isinstance(value, str) else None)
    if wrong:
        return f"'{wrong.group()}' is not taken; letters, digits, spaces and _ . : / = + - @ are"
    return None


CONFLICTS: Final = (
    Conflict(
        name="id-of-its-kind",
        types=tokens() - _NOT_THESE,
        says="An id has the prefix of its kind and 8 or 17 hexadecimal digits.",
        source="EC2 API errors Invalid…ID.Malformed; docs.aws.amazon.com/ec2, Resource IDs",
        find=_wrong_ids,
    ),
    Conflict(
        name="arn-of-its-service",
        types=tokens(),
        says="An ARN has six parts and names the service that the property is about.",
        source="docs.aws.amazon.com/IAM, ARN format; hashicorp/terraform-provider-aws, verify.ValidARN",
        find=_wrong_arns,
    ),
    Conflict(
        name="tags",
        types=tokens(),
        says="Tags have at most 50 keys of 1 to 128 characters, not in Amazon's own name space, and values to 256.",
        source="docs.aws.amazon.com/tag-editor, Tag naming limits and requirements",
        find=_wrong_tags,
    ),
)
