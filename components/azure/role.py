"""Role assignments with names that say what they are for: a repeated create collides instead of adding one."""

import uuid

import pulumi
import pulumi_azure_native as azure

# learn.microsoft.com/azure/role-based-access-control/built-in-roles
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
ADMINISTRATOR_LOGIN = "1c0163c0-47e6-4577-8991-ea5c82e286e4"  # Virtual Machine Administrator Login
USER_LOGIN = "fb879df8-f326-4884-b1cf-06f3ad86be52"  # Virtual Machine User Login
METRICS_PUBLISHER = "3913510d-42f4-4e42-8a64-420c390055eb"  # Monitoring Metrics Publisher
BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"  # Storage Blob Data Reader
BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"  # Storage Blob Data Contributor
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"  # Key Vault Secrets User
ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
CRYPTO_USER = "e147488a-f6f5-4113-8e2d-b22465e65bf6"  # Key Vault Crypto Service Encryption User
_NAMES = uuid.UUID("6d2b2a0e-31f5-5c56-9f0c-7b1d3a3c9a51")  # of names that Trainyard gives


def built_in(subscription: str, role: str) -> str:
    """The full id of a built-in role."""
    return f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"


def guid(*words: str) -> str:
    """The same GUID for the same words."""
    return str(uuid.uuid5(_NAMES, "/".join(words)))


def assign(
    name: str,
    *,
    scope: pulumi.Input[str],
    role: pulumi.Input[str],
    principal_id: pulumi.Input[str],
    principal_type: str,
    options: pulumi.ResourceOptions,
    condition: str | None = None,
) -> azure.authorization.RoleAssignment:
    """One role on one thing for one principal; `name` holds the lease's id, for a tenant has its GUID only once."""
    return azure.authorization.RoleAssignment(
        name,
        role_assignment_name=guid(name),
        scope=scope,
        role_definition_id=role,
        principal_id=principal_id,
        principal_type=principal_type,
        condition=condition,
        condition_version=None if condition is None else "2.0",
        opts=pulumi.ResourceOptions.merge(
            options,
            # RoleAssignmentUpdateNotPermitted: neither principal nor scope nor role of an assignment changes.
            pulumi.ResourceOptions(
                delete_before_replace=True,
                replace_on_changes=["principalId", "principalType", "roleDefinitionId", "scope"],
            ),
        ),
    )
