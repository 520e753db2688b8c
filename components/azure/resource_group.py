"""The resource group that a base stack lives in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_azure_native as azure

from components.azure.resource_name import check_location


@dataclass(frozen=True, kw_only=True)
class ResourceGroupArgs:
    """`location` is where Azure keeps the list of what is in it; what is in it may lie anywhere."""

    name: str
    location: str
    tags: Mapping[str, str] = field(default_factory=dict)
    protect: bool = True  # as the environment says; its delete takes everything in it along, other stacks' things too

    def __post_init__(self) -> None:
        """ValueError for a location that is none."""
        check_location(self.location)


class ResourceGroup(pulumi.ComponentResource):
    name: pulumi.Output[str]
    id: pulumi.Output[str]

    def __init__(self, name: str, args: ResourceGroupArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:azure:ResourceGroup", name, {}, opts)
        group = azure.resources.ResourceGroup(
            f"{name}-group",
            resource_group_name=args.name,
            location=args.location,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect, delete_before_replace=True),
        )
        self.name, self.id = group.name, group.id
        self.register_outputs({"name": self.name})
