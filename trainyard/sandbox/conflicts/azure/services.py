"""Key vaults, roles, registries, Lustre file systems and app service plans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from trainyard.sandbox.check import Problem, nearest
from trainyard.sandbox.conflicts.azure.words import AZURERM, GUID, LEARN, REST, conflict, known, low, types, words
from trainyard.sandbox.conflicts.conflict import Given

_VAULT: Final = types("keyvault:Vault")
_VAULTS: Final = f"{REST}/keyvault/keyvault/vaults/create-or-update, VaultProperties"
_ROLES: Final = types("authorization:RoleAssignment")
_REGISTRY: Final = types("containerregistry:Registry")
# steps and most in TiB: https://learn.microsoft.com/azure/azure-managed-lustre/create-file-system-portal
_LUSTRE: Final = {
    "amlfs-durable-premium-40": (48, 768),
    "amlfs-durable-premium-125": (16, 128),
    "amlfs-durable-premium-250": (8, 128),
    "amlfs-durable-premium-500": (4, 128),
}
_PLANS: Final = words("plans")


@conflict(
    "a-vault-says-who-may",
    _VAULT,
    "A vault has access policies or role-based access, and what it once had switched on stays on.",
    _VAULTS,
)
def vault(given: Given) -> Iterator[Problem]:
    at = "properties"
    if given.at(at) is None:
        return
    if given.at(f"{at}.enablePurgeProtection") is False:
        yield Problem(
            f"{at}.enablePurgeProtection",
            'BadRequest: The property "enablePurgeProtection" cannot be set to false. Enabling the purge'
            " protection for a"
            " vault is an irreversible action. Leave it out",
        )
    if given.at(f"{at}.enableSoftDelete") is False:
        yield Problem(
            f"{at}.enableSoftDelete",
            'BadRequest: The property "enableSoftDelete" cannot be set to false for creating new vault. Enabling'
            " the 'soft"
            " delete' for a vault is an irreversible action. Leave it out",
        )
    rbac = given.at(f"{at}.enableRbacAuthorization")
    late = any(given.unknown(f"{at}.{name}") for name in ("enableRbacAuthorization", "accessPolicies", "createMode"))
    recovers = low(given.at(f"{at}.createMode")) == "recover"
    if rbac is not True and given.at(f"{at}.accessPolicies") is None and not recovers and not late:
        yield Problem(
            f"{at}.accessPolicies",
            "BadRequest: required and missing; give [] or policies, or enableRbacAuthorization true",
        )
    for path, policy in given.each(f"{at}.accessPolicies"):
        id = known(policy, "objectId")
        if isinstance(id, str) and not GUID.fullmatch(id):
            yield Problem(
                f"{path}.objectId",
                "BadRequest: An invalid value was provided for 'accessPolicies'. The objectId is no GUID",
            )


@conflict(
    "a-role-is-given-by-guids",
    _ROLES,
    "A role assignment is named by a GUID and names a role and a principal by theirs.",
    f"{LEARN}/role-based-access-control/role-assignments-rest; error codes InvalidRoleAssignmentId, InvalidPrincipalId",
)
def roles(given: Given) -> Iterator[Problem]:
    name, role, principal = (given.at(key) for key in ("roleAssignmentName", "roleDefinitionId", "principalId"))
    if isinstance(name, str) and not GUID.fullmatch(name):
        yield Problem(
            "roleAssignmentName",
            f"InvalidRoleAssignmentId: The role assignment ID '{name}' is not valid. The role assignment ID must"
            " be a GUID.",
        )
    if isinstance(principal, str) and not GUID.fullmatch(principal):
        yield Problem(
            "principalId",
            f"InvalidPrincipalId: A valid principal ID must be provided for role assignment; '{principal}' is no GUID",
        )
    if isinstance(role, str):
        kind, _, id = role.rpartition("/")
        if not kind.lower().endswith("/providers/microsoft.authorization/roledefinitions"):
            text = (
                f"InvalidRoleDefinitionId: '{role}'; give"
                " /subscriptions/…/providers/Microsoft.Authorization/roleDefinitions/…"
            )
            yield Problem("roleDefinitionId", text)
        elif not GUID.fullmatch(id):
            yield Problem(
                "roleDefinitionId",
                f"BadRequestFormat: The role definition ID '{id}' is not valid. The role definition ID must be a GUID.",
            )
    if given.at("conditionVersion") not in (None, "2.0", "1.0") or (
        given.at("condition") and given.at("conditionVersion") is None and not given.unknown("conditionVersion")
    ):
        yield Problem("conditionVersion", 'InvalidConditionVersion: a condition goes with the version "2.0"')


@conflict(
    "registry-features-are-premium",
    _REGISTRY,
    "Network rules, private access, zones, keys and most policies of a registry are premium; anonymous pull is"
    " not basic.",
    f"{LEARN}/container-registry/container-registry-skus; {AZURERM}/containers/container_registry_resource.go",
)
def registry(given: Given) -> Iterator[Problem]:
    sku = low(given.at("sku.name"))
    if not sku or sku == "premium":
        return
    wrong = {
        "networkRuleSet.defaultAction": low(given.at("networkRuleSet.defaultAction")) == "deny",
        "publicNetworkAccess": low(given.at("publicNetworkAccess")) == "disabled",
        "zoneRedundancy": low(given.at("zoneRedundancy")) == "enabled",
        "encryption.status": low(given.at("encryption.status")) == "enabled",
        "dataEndpointEnabled": given.at("dataEndpointEnabled") is True,
        "policies.quarantinePolicy.status": low(given.at("policies.quarantinePolicy.status")) == "enabled",
        "policies.trustPolicy.status": low(given.at("policies.trustPolicy.status")) == "enabled",
        "policies.retentionPolicy.status": low(given.at("policies.retentionPolicy.status")) == "enabled",
        "policies.exportPolicy.status": low(given.at("policies.exportPolicy.status")) == "disabled",
    }
    for path, there in wrong.items():
        if there:
            yield Problem(
                path, f'FeatureNotSupported: it is not supported by the SKU {given.at("sku.name")}: give "Premium"'
            )
    if given.at("anonymousPullEnabled") is True and sku == "basic":
        yield Problem(
            "anonymousPullEnabled",
            'FeatureNotSupported: it is not supported by the SKU Basic: give "Standard" or "Premium"',
        )


@conflict(
    "a-lustre-file-system-grows-in-steps",
    types("storagecache:AmlFilesystem"),
    "A Lustre file system has a whole number of its SKU's steps.",
    f"{LEARN}/azure-managed-lustre/create-file-system-portal, Throughput configurations",
)
def lustre(given: Given) -> Iterator[Problem]:
    size, sku = given.at("storageCapacityTiB"), low(given.at("sku.name"))
    if isinstance(size, int | float) and sku in _LUSTRE:
        step, most = _LUSTRE[sku]
        if size < step or size % step:
            text = (
                f"InvalidStorageCapacity: {size:g} TiB; {given.at('sku.name')} has {step} to {most} TiB in"
                f" steps of {step}"
            )
            yield Problem("storageCapacityTiB", text)


@conflict(
    "a-plan-is-one-that-is-sold",
    types("web:AppServicePlan"),
    "An App Service plan's SKU is one that is sold.",
    f"{AZURERM}/appservice/helpers/service_plan.go; error Cannot find SkuName",
)
def plan(given: Given) -> Iterator[Problem]:
    name = given.at("sku.name")
    if isinstance(name, str) and low(name) not in {one.lower() for one in _PLANS}:
        near = nearest(name, sorted(_PLANS))
        yield Problem(
            "sku.name", f"BadRequest: Cannot find SkuName '{name}'" + (f'; did you mean "{near}"?' if near else "")
        )


@conflict(
    "a-cache-s-sizes",
    types("redis:Redis"),
    "Basic and Standard caches are of the family C, 0 to 6; Premium ones of P, 1 to 5.",
    f"{REST}/redis/redis/create, Sku: family, capacity",
)
def cache(given: Given) -> Iterator[Problem]:
    tier, family, size = low(given.at("sku.name")), low(given.at("sku.family")), given.at("sku.capacity")
    right = {"basic": "c", "standard": "c", "premium": "p"}.get(tier)
    if right and family and family != right:
        text = (
            f"BadRequest: The value of the parameter 'properties.sku.family' is invalid: {tier} is of {right.upper()}"
        )
        yield Problem("sku.family", text)
    least, most = (1, 5) if right == "p" else (0, 6)
    if right and isinstance(size, int | float) and not least <= size <= most:
        text = f"BadRequest: The value of the parameter 'properties.sku.capacity' is invalid: {least} to {most}"
        yield Problem("sku.capacity", text)


CONFLICTS: Final = (vault, roles, registry, lustre, plan, cache)
