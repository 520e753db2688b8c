"""A parallel file system for checkpoints and data that many machines read at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_azure_native as azure

from components.azure.resource_name import check_location, check_name
from trainyard.facts.azure.storage import lustre_error

FILE_SYSTEM = "lustrefs"  # the name that Azure gives every one


@dataclass(frozen=True, kw_only=True)
class LustreArgs:
    """`mb_per_s_per_tib`: 40, 125, 250 or 500; it decides the steps of `tib`. Neither ever changes."""

    resource_group: pulumi.Input[str]
    location: str
    zone: str  # "1", "2" or "3"
    subnet: pulumi.Input[str]  # full id; facts.azure.storage.lustre_prefix tells how large
    tib: int
    mb_per_s_per_tib: int = 250
    tags: Mapping[str, str] = field(default_factory=dict)
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for a place that is none or a size that the throughput does not have."""
        check_location(self.location)
        if self.zone not in ("1", "2", "3"):
            message = f"{self.zone!r} is no zone of Azure; a Managed Lustre lies in one: give 1, 2 or 3."
            raise ValueError(message)
        if error := lustre_error(self.mb_per_s_per_tib, self.tib):
            raise ValueError(error)


class Lustre(pulumi.ComponentResource):
    mount: pulumi.Output[str]  # "10.40.17.4@tcp:/lustrefs", as mount.lustre takes it

    def __init__(self, name: str, args: LustreArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("Lustre file system", name)
        super().__init__("trainyard:azure:Lustre", name, {}, opts)
        system = azure.storagecache.AmlFilesystem(
            f"{name}-filesystem",
            aml_filesystem_name=name,
            resource_group_name=args.resource_group,
            location=args.location,
            zones=[args.zone],
            sku={"name": f"AMLFS-Durable-Premium-{args.mb_per_s_per_tib}"},
            storage_capacity_ti_b=float(args.tib),
            filesystem_subnet=args.subnet,
            maintenance_window={
                "day_of_week": azure.storagecache.MaintenanceDayOfWeekType.SUNDAY,
                "time_of_day_utc": "03:00",
            },
            tags=args.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.protect,
                delete_before_replace=True,
                # amlfs-overview: size, throughput and subnet are those of its creation.
                replace_on_changes=["sku", "storageCapacityTiB", "filesystemSubnet", "zones"],
            ),
        )
        self.mount = system.client_info.apply(lambda info: mount_of(info.mgs_address))
        self.register_outputs({"mount": self.mount})


def mount_of(address: str) -> str:
    """What mount.lustre takes, out of the address of the file system's MGS."""
    return f"{address}@tcp:/{FILE_SYSTEM}"
