"""A key vault: opened by roles only, nothing in it destroyed before 90 days are over."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_azure_native as azure


def vault(
    name: str,
    *,
    vault_name: str,
    tenant: str,
    recover: bool,
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
    **place: Any,
) -> azure.keyvault.Vault:
    """`recover`: a vault of this name was deleted within the last 90 days, and is taken up again."""
    return azure.keyvault.Vault(
        name,
        vault_name=vault_name,
        properties={
            "tenant_id": tenant,
            "sku": {"family": azure.keyvault.SkuFamily.A, "name": azure.keyvault.SkuName.STANDARD},
            "create_mode": azure.keyvault.CreateMode.RECOVER if recover else None,
            "enable_rbac_authorization": True,
            "enable_soft_delete": True,
            "enable_purge_protection": True,
            "soft_delete_retention_in_days": 90,
            "enabled_for_deployment": False,
            "enabled_for_template_deployment": False,
            "enabled_for_disk_encryption": False,
            "public_network_access": "enabled",
            "network_acls": {
                "bypass": azure.keyvault.NetworkRuleBypassOptions.AZURE_SERVICES,
                "default_action": azure.keyvault.NetworkRuleAction.ALLOW,
            },
        },
        tags=tags,
        opts=opts,
        **place,
    )
