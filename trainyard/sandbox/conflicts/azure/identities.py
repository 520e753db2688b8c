"""Who a thing acts as, and the scope that assignments, locks and budgets are of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.azure.everywhere import ALL
from trainyard.sandbox.conflicts.azure.words import LEARN, REST, conflict, known, low, missing, types
from trainyard.sandbox.conflicts.conflict import Given

_SCOPED: Final = types(
    "authorization:RoleAssignment",
    "authorization:RoleDefinition",
    "authorization:ManagementLockByScope",
    "authorization:PolicyAssignment",
    "consumption:Budget",
)


@conflict(
    "an-identity-names-its-users",
    ALL,
    "An identity of the kind UserAssigned names identities, one of the kind SystemAssigned names none.",
    f"{LEARN}/active-directory/managed-identities-azure-resources/how-to-use-vm-sdk; error code MissingIdentityIds",
)
def users(given: Given) -> Iterator[Problem]:
    own = given.at("identity") if "identity" in given.type.inputs else None
    if not isinstance(own, Mapping) or not isinstance(own.get("type"), str):
        return
    kind, ids, at = low(own["type"]), known(own, "userAssignedIdentities"), "identity.userAssignedIdentities"
    if "userassigned" in kind and (missing(own, "userAssignedIdentities") or ids in ([], {})):
        yield Problem(
            at,
            f"MissingIdentityIds: The identity ids must not be null or empty for '{own['type']}' identity type:"
            " give the ids of user-assigned identities",
        )
    if kind in ("systemassigned", "none") and ids:
        yield Problem(
            at, f"InvalidIdentityValues: identity ids are given and the type is '{own['type']}': give \"UserAssigned\""
        )


@conflict(
    "a-scope-is-a-path",
    _SCOPED,
    "A scope is the path of a subscription, of what lies below it, or of a management group.",
    f"{LEARN}/role-based-access-control/scope-overview; {REST}/authorization/role-assignments/create; error code"
    " MissingSubscription",
)
def scope(given: Given) -> Iterator[Problem]:
    there = given.at("scope")
    if isinstance(there, str) and there not in ("", "/"):
        path = there.strip("/").lower()
        if not path.startswith(("subscriptions/", "providers/")):
            yield Problem(
                "scope",
                "MissingSubscription: The request did not have a subscription or a valid tenant level resource"
                f" provider; the scope '{there}' is no path: give one such as /subscriptions/…/resourceGroups/…",
            )


CONFLICTS: Final = (users, scope)
