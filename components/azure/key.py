"""A key of one's own for the disks of one location: rotated, kept by a vault that destroys nothing for 90 days."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_azure_native as azure

from components.azure.resource_name import check_location, check_name
from components.azure.role import CRYPTO_USER, assign, built_in
from components.azure.vault import vault


@dataclass(frozen=True, kw_only=True)
class KeyArgs:
    """`location`: that of the disks that it encrypts."""

    subscription: str
    tenant: str
    resource_group: pulumi.Input[str]
    location: str
    vault_name: str  # of all the world
    rotation_days: int = 90
    recover: bool = False  # a vault of this name was deleted within the last 90 days
    tags: Mapping[str, str] = field(default_factory=dict)
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for a location or a vault's name that is none, or a rotation that Key Vault refuses."""
        check_location(self.location)
        if not re.fullmatch(r"[a-zA-Z](?:-?[a-zA-Z0-9]){2,23}", self.vault_name):
            message = (
                f"{self.vault_name!r} is no name of a key vault; allowed are 3 to 24 letters, digits and single '-', a "
                "letter first and no '-' last."
            )
            raise ValueError(message)
        # learn.microsoft.com/azure/key-vault/keys/how-to-configure-key-rotation: at least a week after its creation
        if self.rotation_days < 7:
            message = f"A key cannot rotate every {self.rotation_days} days; give 7 or more, for example 90."
            raise ValueError(message)


class Key(pulumi.ComponentResource):
    vault_id: pulumi.Output[str]
    disk_encryption_set_id: pulumi.Output[str]

    def __init__(self, name: str, args: KeyArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("key", name)
        super().__init__("trainyard:azure:Key", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, protect=args.protect, delete_before_replace=True)
        kept = vault(
            f"{name}-vault",
            vault_name=args.vault_name,
            tenant=args.tenant,
            recover=args.recover,
            tags=args.tags,
            opts=child,
            resource_group_name=args.resource_group,
            location=args.location,
        )
        key = azure.keyvault.Key(
            f"{name}-key",
            key_name="disks",
            vault_name=kept.name,
            resource_group_name=args.resource_group,
            properties={
                "kty": "RSA",
                "key_size": 3072,
                "rotation_policy": {
                    "lifetime_actions": [
                        {
                            "action": {"type": azure.keyvault.KeyRotationPolicyActionType.ROTATE},
                            "trigger": {"time_after_create": f"P{args.rotation_days}D"},
                        }
                    ]
                },
            },
            tags=args.tags,
            opts=child,
        )
        encryption = azure.compute.DiskEncryptionSet(
            f"{name}-disks",
            disk_encryption_set_name=name,
            resource_group_name=args.resource_group,
            location=args.location,
            identity={"type": "SystemAssigned"},
            encryption_type="EncryptionAtRestWithCustomerKey",
            active_key={"source_vault": {"id": kept.id}, "key_url": key.key_uri_with_version},
            rotation_to_latest_key_version_enabled=True,
            tags=args.tags,
            # Azure moves the version on; an `up` must not take it back.
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(ignore_changes=["activeKey"])),
        )
        grant = assign(
            f"{name}-disks-use-key",
            scope=kept.id,
            role=built_in(args.subscription, CRYPTO_USER),
            principal_id=encryption.identity.apply(lambda own: own.principal_id if own else ""),
            principal_type="ServicePrincipal",
            options=pulumi.ResourceOptions(parent=self),
        )
        self.vault_id = kept.id
        # A disk that is encrypted with it must wait until the set may use the key.
        self.disk_encryption_set_id = pulumi.Output.all(encryption.id, grant.id).apply(lambda ids: str(ids[0]))
        self.register_outputs({"vault_id": self.vault_id, "disk_encryption_set_id": self.disk_encryption_set_id})
