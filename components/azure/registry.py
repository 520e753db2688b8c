"""Container images: one registry that identities pull from, with untagged images cleaned away."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_azure_native as azure

from components.azure.resource_name import check_location

_UNTAGGED_DAYS = 30  # a job that runs by digest may be as old as that


@dataclass(frozen=True, kw_only=True)
class RegistryArgs:
    """Premium, for only that cleans untagged images away; pulling is granted by the role AcrPull."""

    resource_group: pulumi.Input[str]
    location: str
    name: str  # of all the world
    tags: Mapping[str, str] = field(default_factory=dict)
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for a location that is none, or a name that no registry has."""
        check_location(self.location)
        if not re.fullmatch(r"[a-z0-9]{5,50}", self.name):
            message = f"{self.name!r} is no name of a registry; allowed are 5 to 50 of a-z and 0-9."
            raise ValueError(message)


class Registry(pulumi.ComponentResource):
    registry_id: pulumi.Output[str]
    address: str  # what stands before an image's name

    def __init__(self, name: str, args: RegistryArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:azure:Registry", name, {}, opts)
        registry = azure.containerregistry.Registry(
            f"{name}-registry",
            registry_name=args.name,
            resource_group_name=args.resource_group,
            location=args.location,
            sku={"name": "Premium"},
            admin_user_enabled=False,
            anonymous_pull_enabled=False,
            policies={"retention_policy": {"days": _UNTAGGED_DAYS, "status": "enabled"}},
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect, delete_before_replace=True),
        )
        self.registry_id = registry.id
        self.address = f"{args.name}.azurecr.io"
        self.register_outputs({"registry_id": self.registry_id, "address": self.address})
