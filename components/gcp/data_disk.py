"""A Hyperdisk that outlives its machines."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

from components.gcp.resource_name import check_name, check_zone
from trainyard.facts.storage import data_disk_error


@dataclass(frozen=True, kw_only=True)
class DataDiskArgs:
    """`kind`: "hyperdisk-ml" is read by many machines at once, the others belong to one."""

    project: str
    zone: str
    gib: int
    kind: str = "hyperdisk-balanced"
    iops: int | None = None
    mb_per_s: int | None = None
    kms_key: pulumi.Input[str] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for a zone that is none, or a kind or size that cannot be had."""
        check_zone(self.zone)
        if error := data_disk_error(self.kind, self.gib):
            raise ValueError(error)


class DataDisk(pulumi.ComponentResource):
    disk_id: pulumi.Output[str]

    def __init__(self, name: str, args: DataDiskArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("disk", name)
        super().__init__("trainyard:gcp:DataDisk", name, {}, opts)
        disk = gcp.compute.Disk(
            f"{name}-disk",
            name=name,
            project=args.project,
            zone=args.zone,
            type=args.kind,
            size=args.gib,
            provisioned_iops=args.iops,
            provisioned_throughput=args.mb_per_s,
            disk_encryption_key={"kms_key_self_link": args.kms_key} if args.kms_key is not None else None,
            labels=args.labels,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.disk_id = disk.id
        self.register_outputs({"disk_id": self.disk_id})
