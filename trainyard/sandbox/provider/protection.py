"""What a cloud does not let a provider delete, and what a provider leaves in its cloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from trainyard.sandbox.provider.order import Refused
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

# hashicorp/terraform-provider-google: types whose `deletion_protection` is on where a program says nothing, by its
# default or by what the provider's read writes, and the noun of the provider's refusal.
_ON: Final[Mapping[str, str]] = {
    "gcp:container/cluster:Cluster": "",
    "gcp:sql/databaseInstance:DatabaseInstance": "",
    "gcp:cloudrunv2/service:Service": "service",
    "gcp:cloudrunv2/job:Job": "job",
    "gcp:cloudrunv2/workerPool:WorkerPool": "WorkerPool",
    "gcp:workflows/workflow:Workflow": "workflow",
    "gcp:spanner/database:Database": "instance",
    "gcp:bigtable/instance:Instance": "instance",
    "gcp:bigquery/table:Table": "table {id}",
    "gcp:activedirectory/domain:Domain": "domain",
    "gcp:alloydb/cluster:Cluster": "cluster",
    "gcp:compute/storagePool:StoragePool": "storage pool",
    "gcp:certificateauthority/authority:Authority": "CertificateAuthority",
    "gcp:organizations/folder:Folder": "folder",
}
_OWN_WORDS: Final[Mapping[str, str]] = {
    "gcp:container/cluster:Cluster": "Cannot destroy cluster because deletion_protection is set to true. Set it to "
    "false to proceed with cluster deletion.",
    "gcp:sql/databaseInstance:DatabaseInstance": "Error, failed to delete instance because deletion_protection is set "
    "to true. Set it to false to proceed with instance deletion",
    "gcp:compute/instance:Instance": "Cannot delete instance {name}: instance Deletion Protection is enabled. Set "
    "deletion_protection to false for this resource and run terraform apply before attempting to delete it.",
    "aws:rds/instance:Instance": "InvalidParameterCombination: Cannot delete protected DB Instance, please disable "
    "deletion protection and try again.",
    "aws:rds/cluster:Cluster": "InvalidParameterCombination: Cannot delete protected Cluster, please disable deletion "
    "protection and try again.",
    "aws:dynamodb/table:Table": "ValidationException: Resource cannot be deleted as it is currently protected against "
    "deletion. Disable deletion protection first.",
    "aws:eks/cluster:Cluster": "InvalidRequestException: Cluster {name} has deletion protection enabled",
    "aws:lb/loadBalancer:LoadBalancer": "OperationNotPermitted: Load balancer '{arn}' cannot be deleted because "
    "deletion protection is enabled",
    "aws:alb/loadBalancer:LoadBalancer": "OperationNotPermitted: Load balancer '{arn}' cannot be deleted because "
    "deletion protection is enabled",
}
_NAMES: Final = ("deletionProtection", "deletionProtectionEnabled", "enableDeletionProtection")
# google_project, deletion_policy: PREVENT where a program says nothing.
_PREVENTED: Final = frozenset({"gcp:organizations/project:Project"})
_LOCKS: Final = (
    "azure-native:authorization:ManagementLockByScope",
    "azure-native:authorization:ManagementLockAtResourceGroupLevel",
    "azure-native:authorization:ManagementLockAtResourceLevel",
    "azure-native:authorization:ManagementLockAtSubscriptionLevel",
)


def may_delete(thing: Thing, inputs: Mapping[str, Any]) -> bool:
    """False when it is to be left in the cloud (ABANDON); Refused when it is protected."""
    given = reveal(dict(inputs))
    policy = given.get("deletionPolicy") or ("PREVENT" if thing.type in _PREVENTED else None)
    if policy == "PREVENT":
        if thing.type in _PREVENTED:
            msg = 'Cannot destroy project as deletion_policy is set to PREVENT.; set deletionPolicy to "DELETE"'
        else:
            msg = f'cannot destroy {thing.name} without setting deletionPolicy to "DELETE" and running `pulumi up`'
        raise Refused(msg)
    if policy == "ABANDON":
        return False
    _check_protection(thing, given)
    if given.get("disableApiTermination") is True:
        msg = (
            f"OperationNotPermitted: The instance '{thing.id}' may not be terminated. Modify its "
            "'disableApiTermination' instance attribute and try again."
        )
        raise Refused(msg)
    return True


def _check_protection(thing: Thing, given: Mapping[str, Any]) -> None:
    on = next((name for name in _NAMES if given.get(name) is True), None)
    if on is None and thing.type in _ON and given.get("deletionProtection") is None:
        on = "deletionProtection"
    settings = given.get("settings")
    if on is None and isinstance(settings, Mapping) and settings.get("deletionProtectionEnabled") is True:
        msg = (
            "googleapi: Error 400: The instance is protected. Please disable the deletion protection and try again. To "
            "disable deletion protection, update the instance settings with deletionProtectionEnabled set to false., "
            "deletionProtectionEnabled"
        )
        raise Refused(msg)
    if on is None:
        return
    msg = f"{_words(thing)}; set {on} to false on {thing.name} and run `pulumi up`, then delete it"
    raise Refused(msg)


def _words(thing: Thing) -> str:
    own = _OWN_WORDS.get(thing.type)
    if own is not None:
        return own.format(name=thing.name, id=thing.id, arn=thing.outputs.get("arn", thing.id))
    if thing.package == "gcp":
        noun = (_ON.get(thing.type) or thing.type.rpartition(":")[2].lower()).format(id=thing.id)
        return f"cannot destroy {noun} without setting deletion_protection=false and running `terraform apply`"
    return f"OperationNotPermitted: {thing.id} may not be deleted while its deletion protection is on"


def check_locks(
    rows: Callable[..., Any], get: Callable[[str, str], Thing | None], type: str, id: str, *, verb: str
) -> None:
    """Refused when an Azure lock is on the thing or on what it is in; `verb` is "delete" or "write"."""
    if type in _LOCKS:
        return
    marks = ",".join("?" * len(_LOCKS))
    for lock_type, lock_id in rows(
        f"SELECT type, id FROM resources WHERE type IN ({marks}) AND status<>'deleted'",  # noqa: S608  marks only
        *_LOCKS,
    ):
        lock = get(lock_type, lock_id)
        level = reveal(lock.inputs.get("level")) if lock is not None else None
        scope = lock_id.lower().partition("/providers/microsoft.authorization/")[0]
        if (level == "ReadOnly" or (level == "CanNotDelete" and verb == "delete")) and _within(id.lower(), scope):
            msg = (
                f'Code="ScopeLocked" Message="The scope \'{id}\' cannot perform {verb} operation because following '
                f"scope(s) are locked: '{scope}'. Please remove the lock and try again.\""
            )
            raise Refused(msg)


def _within(id: str, scope: str) -> bool:
    """Whether the thing is the scope, in it, or a group that holds it."""
    return id == scope or id.startswith(f"{scope}/") or scope.startswith(f"{id}/")
