"""Names that are taken: once in the world, in an account, in a region or in a network; with each cloud's answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from trainyard.sandbox.provider.aws import region_of
from trainyard.sandbox.provider.gcp import project_of
from trainyard.sandbox.provider.generic import own_name
from trainyard.sandbox.provider.order import Order, Refused
from trainyard.sandbox.references import finding
from trainyard.sandbox.references.finding import Hit
from trainyard.servicer.values import reveal

_BUCKETS: Final = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")


@dataclass(frozen=True, kw_only=True)
class Once:
    """How far a name is the only one of its kind, and the cloud's answer to a second."""

    types: tuple[str, ...]
    text: str  # {name}
    within: str = "world"  # "world", "region" or an input whose value both must share
    kept: str = ""  # the answer while a deleted one still holds the name; "" where its end frees it


def _once(text: str, *types: str, within: str = "world", kept: str = "") -> dict[str, Once]:
    return dict.fromkeys(types, Once(types=types, text=text, within=within, kept=kept))


# Azure: learn.microsoft.com/azure/azure-resource-manager/troubleshooting (storage account name, key vault soft delete)
# and each service's REST reference, "checkNameAvailability". Amazon: the Errors section of each Create call.
_TABLE: Final[Mapping[str, Once]] = {
    **_once(
        "StorageAccountAlreadyTaken: The storage account named {name} is already taken.",
        "azure-native:storage:StorageAccount",
    ),
    **_once(
        "AlreadyInUse: The registry DNS name {name}.azurecr.io is already in use.",
        "azure-native:containerregistry:Registry",
    ),
    **_once(
        "VaultAlreadyExists: The vault name '{name}' is already in use. Vault names are globally unique so it is "
        "possible that the name is already taken.",
        "azure-native:keyvault:Vault",
        kept="ConflictError: A vault with the same name already exists in deleted state. You need to either recover or "
        "purge existing key vault.",
    ),
    **_once(
        "Conflict: Website with given name {name} already exists.",
        "azure-native:web:WebApp",
    ),
    **_once(
        "NameAlreadyExists: The server name '{name}' already exists. Choose a different name.",
        "azure-native:sql:Server",
    ),
    **_once(
        "BucketAlreadyExists: The requested bucket name is not available. The bucket namespace is shared by all users "
        "of the system. Please select a different name and try again.",
        *_BUCKETS,
    ),
    **_once(
        "InvalidGroup.Duplicate: The security group '{name}' already exists for VPC",
        "aws:ec2/securityGroup:SecurityGroup",
        within="vpcId",
    ),
    **_once(
        "InvalidLaunchTemplateName.AlreadyExistsException: Launch template name already in use.",
        "aws:ec2/launchTemplate:LaunchTemplate",
        within="region",
    ),
    **_once(
        "DuplicateLoadBalancerName: A load balancer with the same name '{name}' exists, but with different settings",
        "aws:lb/loadBalancer:LoadBalancer",
        "aws:alb/loadBalancer:LoadBalancer",
        within="region",
    ),
    **_once(
        "DuplicateTargetGroupName: A target group with the same name '{name}' exists, but with different settings",
        "aws:lb/targetGroup:TargetGroup",
        "aws:alb/targetGroup:TargetGroup",
        within="region",
    ),
    **_once(
        "ResourceExistsException: The operation failed because the secret {name} already exists.",
        "aws:secretsmanager/secret:Secret",
        within="region",
    ),
    **_once(
        "DBInstanceAlreadyExists: DB instance already exists: {name}",
        "aws:rds/instance:Instance",
        within="region",
    ),
    **_once(
        "InvalidParameter: Topic already exists with different tags or attributes",
        "aws:sns/topic:Topic",
        within="region",
    ),
}
# What Amazon answers to a second of a name that is the thing's id; {noun} and {name}.
_AMAZON: Final[Mapping[str, str]] = {
    "aws:ec2/keyPair:KeyPair": "InvalidKeyPair.Duplicate: The keypair already exists",
    "aws:ec2/placementGroup:PlacementGroup": "InvalidPlacementGroup.Duplicate: The placement group '{name}' exists.",
    "aws:iam/role:Role": "EntityAlreadyExists: Role with name {name} already exists.",
    "aws:iam/user:User": "EntityAlreadyExists: User with name {name} already exists.",
    "aws:iam/group:Group": "EntityAlreadyExists: Group with name {name} already exists.",
    "aws:iam/policy:Policy": "EntityAlreadyExists: A policy called {name} already exists. Duplicate names are not "
    "allowed.",
    "aws:iam/instanceProfile:InstanceProfile": "EntityAlreadyExists: Instance Profile {name} already exists.",
    "aws:ecr/repository:Repository": "RepositoryAlreadyExistsException: The repository with name '{name}' already "
    "exists in the registry with id '000000000000'",
    "aws:lambda/function:Function": "ResourceConflictException: Function already exist: {name}",
    "aws:eks/cluster:Cluster": "ResourceInUseException: Cluster already exists with name: {name}",
    "aws:dynamodb/table:Table": "ResourceInUseException: Table already exists: {name}",
    "aws:cloudwatch/logGroup:LogGroup": "ResourceAlreadyExistsException: The specified log group already exists",
    "aws:kms/alias:Alias": "AlreadyExistsException: An alias with the name {name} already exists",
    "aws:autoscaling/group:Group": "AlreadyExists: AutoScalingGroup by this name already exists - A group with the "
    "name {name} already exists",
}


def check_free(order: Order) -> None:
    """Refused when the name is taken further than the thing's own id tells."""
    once = _TABLE.get(order.type.token)
    if once is None:
        return
    name = own_name(order)
    for hit in finding.by_name(order.store, once.types, name):
        if _shares(order, once, hit):
            msg = f"{once.text.format(name=name)}; {_whose(hit)}"
            raise Refused(msg)
    if once.kept and _kept(order, once, name):
        msg = f"{once.kept}; give another name"
        raise Refused(msg)


def _shares(order: Order, once: Once, hit: Hit) -> bool:
    if once.within == "world":
        return True
    if once.within == "region":
        return hit.place == region_of(order)
    there = order.store.get(hit.type, hit.id)
    if there is None or hit.place != region_of(order) or reveal(there.inputs.get("name")) != own_name(order):
        return False
    return bool(reveal(there.inputs.get(once.within)) == order.plain(once.within))


def _kept(order: Order, once: Once, name: str) -> bool:
    """A vault that was deleted keeps its name until it is purged."""
    rows = order.store.rows(
        "SELECT 1 FROM resources WHERE type=? AND name=? AND status='deleted' LIMIT 1", once.types[0], name
    )
    return bool(rows)


def already_there(order: Order, id: str) -> str:
    """The cloud's answer when a thing of that id lives already."""
    token, name = order.type.token, own_name(order)
    match order.type.package:
        case "gcp":
            if token == "gcp:storage/bucket:Bucket":  # noqa: S105  a resource token
                there = order.store.get(token, id)
                if there is not None and there.project == project_of(order):
                    return (
                        "googleapi: Error 409: Your previous request to create the named bucket succeeded and you "
                        "already own it., conflict"
                    )
                return (
                    "googleapi: Error 409: The requested bucket name is not available. The bucket namespace is shared "
                    "by all users of the system. Please select a different name and try again., conflict"
                )
            return f"googleapi: Error 409: The resource '{id}' already exists, alreadyExists"
        case "aws":
            return _AMAZON.get(token, "EntityAlreadyExists: {name} already exists.").format(name=name)
        case "azure-native":
            return f"cannot create already existing resource '{id}'; import it, or give another name"
        case _:
            return f"{id} already exists"


def _whose(hit: Hit) -> str:
    return f"{hit.id} in {hit.place or hit.project} has it: give another name"
