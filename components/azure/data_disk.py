"""A Premium SSD v2 that outlives its machines."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_azure_native as azure

from components.azure.resource_name import check_location, check_name
from trainyard.facts.azure.storage import PREMIUM_V2, data_disk_error


@dataclass(frozen=True, kw_only=True)
class DataDiskArgs:
    """A disk of one zone and one machine at a time; it has no cache of its host."""

    resource_group: pulumi.Input[str]
    location: str
    zone: str  # "1", "2" or "3": a machine that it is attached to lies in the same one
    gib: int
    iops: int | None = None  # those and the throughput can be changed at any time
    mb_per_s: int | None = None
    disk_encryption_set: pulumi.Input[str] | None = None  # full id
    tags: Mapping[str, str] = field(default_factory=dict)
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for a place that is none, or a size or speed that cannot be had."""
        check_location(self.location)
        if self.zone not in ("1", "2", "3"):
            message = f"{self.zone!r} is no zone of Azure; a Premium SSD v2 lies in one: give 1, 2 or 3."
            raise ValueError(message)
        if error := data_disk_error(self.gib, self.iops, self.mb_per_s):
            raise ValueError(error)


class DataDisk(pulumi.ComponentResource):
    disk_id: pulumi.Output[str]

    def __init__(self, name: str, args: DataDiskArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("disk", name)
        super().__init__("trainyard:azure:DataDisk", name, {}, opts)
        key = args.disk_encryption_set
        disk = azure.compute.Disk(
            f"{name}-disk",
            disk_name=name,
            resource_group_name=args.resource_group,
            location=args.location,
            zones=[args.zone],
            sku={"name": "PremiumV2_LRS"},
            creation_data={"create_option": "Empty", "logical_sector_size": 512},
            disk_size_gb=args.gib,
            disk_iops_read_write=args.iops or PREMIUM_V2.least_iops,
            disk_m_bps_read_write=args.mb_per_s or PREMIUM_V2.least_mb_per_s,
            encryption=None
            if key is None
            else {"type": "EncryptionAtRestWithCustomerKey", "disk_encryption_set_id": key},
            network_access_policy="DenyAll",  # nobody exports it
            public_network_access="Disabled",
            tags=args.tags,
            opts=pulumi.ResourceOptions(
                parent=self, protect=args.protect, delete_before_replace=True, replace_on_changes=["zones"]
            ),
        )
        self.disk_id = disk.id
        self.register_outputs({"disk_id": self.disk_id})
