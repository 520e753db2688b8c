"""Who a lease's machines are on Azure: one identity for what they read, and the one role by which they may end.

What may end a machine is not this identity but the machine's own, which `GpuVm` gives the role on that machine alone.
"""

from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_azure_native as azure

from components.azure.resource_name import check_location, check_name, parse_id
from components.azure.role import BLOB_READER, assign, built_in, guid
from components.bootstrap.soft_end_azure import SoftEndBlob

# Nothing here may start, change or make a machine, or touch another than the one that the role is assigned on.
ENDING_ACTIONS: Final = (
    "Microsoft.Compute/virtualMachines/read",
    "Microsoft.Compute/virtualMachines/deallocate/action",
    "Microsoft.Compute/virtualMachines/delete",
    "Microsoft.Compute/virtualMachineScaleSets/read",
    "Microsoft.Compute/virtualMachineScaleSets/deallocate/action",
    "Microsoft.Compute/virtualMachineScaleSets/delete",
    "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read",
    "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/deallocate/action",
    "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/delete",
)
_ACCOUNT_TYPE: Final = "Microsoft.Storage/storageAccounts"


@dataclass(frozen=True, kw_only=True)
class NodeIdentityArgs:
    """`soft_end_account`: full id of the storage account that holds the leases' records."""

    subscription: str
    resource_group: str
    location: str
    lease: str
    tags: dict[str, str] = field(default_factory=dict)
    soft_end: SoftEndBlob | None = None
    soft_end_account: str | None = None

    def __post_init__(self) -> None:
        """ValueError for a location that is none, or an account's id of another form or another account."""
        check_location(self.location)
        if self.soft_end_account is None:
            return
        _, _, (account,) = parse_id(self.soft_end_account, _ACCOUNT_TYPE)
        if self.soft_end is not None and account != self.soft_end.account:
            message = (
                f"The leases are in the storage account {self.soft_end.account}, {self.soft_end_account} is another; "
                "give the full id of the account that the store's address names."
            )
            raise ValueError(message)


def identity_name(lease_id: str) -> str:
    """The name of a lease's identity."""
    return f"{lease_id}-node"


class NodeIdentity(pulumi.ComponentResource):
    """One for all machines of a lease; what it may read is granted by those who own it, and here its soft end."""

    id: pulumi.Output[str]
    client_id: pulumi.Output[str]
    principal_id: pulumi.Output[str]
    ending_role: pulumi.Output[str]  # full id

    def __init__(self, name: str, args: NodeIdentityArgs, opts: pulumi.ResourceOptions | None = None):
        identity = identity_name(args.lease)
        check_name("identity", identity, longest=128)
        super().__init__("trainyard:azure:NodeIdentity", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        made = azure.managedidentity.UserAssignedIdentity(
            f"{name}-identity",
            resource_name_=identity,
            resource_group_name=args.resource_group,
            location=args.location,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        group = f"/subscriptions/{args.subscription}/resourceGroups/{args.resource_group}"
        role = azure.authorization.RoleDefinition(
            f"{name}-ending",
            role_definition_id=guid(group, args.lease, "ending"),
            role_name=f"Trainyard: end a machine of {args.lease}",
            role_type="CustomRole",
            description="Deallocates and deletes the machine or scale set that it is assigned on.",
            scope=group,
            assignable_scopes=[group],
            permissions=[{"actions": list(ENDING_ACTIONS), "not_actions": [], "data_actions": []}],
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        if args.soft_end is not None and args.soft_end_account is not None:
            assign(
                f"{name}-soft-end",
                scope=f"{args.soft_end_account}/blobServices/default/containers/{args.soft_end.container}",
                role=built_in(args.subscription, BLOB_READER),
                principal_id=made.principal_id,
                principal_type="ServicePrincipal",
                condition=_only(args.soft_end.path),
                options=child,
            )
        self.id = made.id
        self.client_id = made.client_id
        self.principal_id = made.principal_id
        self.ending_role = role.id
        self.register_outputs({"id": self.id, "ending_role": self.ending_role})


def _only(path: str) -> str:
    """learn.microsoft.com/azure/storage/blobs/storage-auth-abac-examples: reading the blob of one path."""
    blob = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
    read = f"!(ActionMatches{{'{blob}/read'}})"
    return f"(({read}) OR (@Resource[{blob}:path] StringEquals '{path}'))"
