"""An EBS volume that outlives its machines; it belongs to one machine at a time, of its own zone."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.aws.resource_name import check_name, check_region, check_zone_id
from trainyard.facts.aws.storage import VOLUME_TYPES, volume_error


@dataclass(frozen=True, kw_only=True)
class DataDiskArgs:
    """`kind`: "gp3", "io2" (whose `iops` are asked for) or "st1"."""

    region: str
    zone_id: str  # "euc1-az2", the same zone in every account
    zone: pulumi.Input[str]  # its name in this account, "eu-central-1a": EBS takes no other
    gib: int
    kind: str = "gp3"
    iops: int | None = None
    mib_per_s: int | None = None
    kms_key: pulumi.Input[str] | None = None  # its ARN; None: Amazon's own key of the account
    tags: Mapping[str, str] = field(default_factory=dict)
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for a zone that is none, or a kind, size or speed that cannot be had."""
        check_region(self.region)
        check_zone_id(self.zone_id, self.region)
        if self.kind not in VOLUME_TYPES:
            message = f"{self.kind!r} is no data disk on AWS; give one of {', '.join(VOLUME_TYPES)}."
            raise ValueError(message)
        if wrong := volume_error(self.kind, self.gib, self.iops, self.mib_per_s):
            raise ValueError(": ".join(wrong))


class DataDisk(pulumi.ComponentResource):
    volume_id: pulumi.Output[str]

    def __init__(self, name: str, args: DataDiskArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("disk", name)
        super().__init__("trainyard:aws:DataDisk", name, {}, opts)
        volume = aws.ebs.Volume(
            f"{name}-volume",
            region=args.region,
            availability_zone=args.zone,
            type=args.kind,
            size=args.gib,
            iops=args.iops,
            throughput=args.mib_per_s,
            encrypted=True,
            kms_key_id=args.kms_key,
            tags={**args.tags, "Name": name},
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.volume_id = volume.id
        self.register_outputs({"volume_id": self.volume_id})
