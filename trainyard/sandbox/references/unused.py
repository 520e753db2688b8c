"""What is still used cannot be deleted; what a cloud deletes along with it does not count."""

from __future__ import annotations

from typing import Final

from trainyard.sandbox.provider.order import Refused
from trainyard.sandbox.provider.protection import check_locks
from trainyard.sandbox.references import finding
from trainyard.sandbox.references.description import target_of
from trainyard.sandbox.references.finding import Hit
from trainyard.sandbox.store import Store, Thing
from trainyard.servicer.values import reveal

# What empties itself first where it is told to: the input, and the types that it then takes along.
_EMPTIED: Final = {
    "gcp:storage/bucket:Bucket": "forceDestroy",
    "aws:s3/bucket:Bucket": "forceDestroy",
    "aws:s3/bucketV2:BucketV2": "forceDestroy",
    "aws:iam/role:Role": "forceDetachPolicies",
    "aws:iam/user:User": "forceDestroy",
    "aws:route53/zone:Zone": "forceDestroy",
    "gcp:dns/managedZone:ManagedZone": "forceDestroy",
    "gcp:bigquery/dataset:Dataset": "deleteContentsOnDestroy",
}
_GROUP: Final = "azure-native:resources:ResourceGroup"


def check_unused(store: Store, thing: Thing) -> None:
    """Refused, in the cloud's words, when the thing is still used by another."""
    if thing.package == "azure-native":
        check_locks(store.rows, store.get, thing.type, thing.id, verb="delete")
    if thing.type == _GROUP:
        _empty(store, thing)
        return
    parts = list(finding.parts_of(store, thing.type, thing.id))
    for part in parts:
        for user in finding.users_of(store, part.type, part.id):
            raise Refused(_words(store.get(part.type, part.id) or thing, user))
    for user in finding.users_of(store, thing.type, thing.id):
        if not (user.type == thing.type and user.id == thing.id) and not _goes_along(store, thing, user):
            raise Refused(_words(thing, user))
    for part in parts:
        store.delete(part.type, part.id)


def _goes_along(store: Store, thing: Thing, user: Hit) -> bool:
    wire = _EMPTIED.get(thing.type)
    if wire is not None and reveal(thing.inputs.get(wire)) is True:
        store.delete(user.type, user.id)
        return True
    return False


def _words(thing: Thing, user: Hit) -> str:
    target = target_of(thing.package, thing.type)
    arn = thing.outputs.get("arn", thing.id)
    if target is not None and target.in_use:
        text = target.in_use.format(name=thing.name, id=thing.id, user=user.id, arn=arn)
    elif thing.package == "gcp":
        kind = thing.type.rpartition("/")[2].partition(":")[0]
        text = (
            f"googleapi: Error 400: The {kind} resource '{thing.id}' is already being used by '{user.id}', "
            "resourceInUseByAnotherResource"
        )
    else:
        text = f"DependencyViolation: {thing.id} has dependencies and cannot be deleted."
    return f"{text}; {user.type.rpartition(':')[2]} {user.name or user.id} uses it: delete that first"


def _empty(store: Store, group: Thing) -> None:
    """A resource group takes along everything that is in it."""
    below = f"{group.id.lower()}/"
    query = "SELECT type, id FROM resources WHERE package='azure-native' AND status<>'deleted' AND project=?"
    for type, id in store.rows(query, group.project):
        if id.lower().startswith(below):
            store.delete(type, id)
