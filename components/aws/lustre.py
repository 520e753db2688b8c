"""A parallel file system that many machines read and write at once: FSx for Lustre."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.resource_name import check_name, check_region
from trainyard.facts.aws.storage import LUSTRE_TYPES, LustreType, lustre_error

_KEEP_BACKUPS_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class LustreArgs:
    """`gib` and `mb_per_s_per_tib` as FSx has them for the type."""

    region: str
    subnet_id: pulumi.Input[str]  # one: the file system lies in its zone
    vpc_id: pulumi.Input[str]
    machines: pulumi.Input[str]  # id of the machines' security group, which alone reaches it
    gib: int
    kind: str = "persistent-2"  # or "persistent-1", "persistent-1-hdd", "scratch-2"
    mb_per_s_per_tib: int | None = None  # None: the usual of its type
    backup_days: int | None = None  # None: a week, of those that have backups; 0: none
    kms_key: pulumi.Input[str] | None = None  # its ARN; what is scratch has FSx's own
    tags: Mapping[str, str] = field(default_factory=dict)
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for a region that is none, or a size or throughput that FSx does not have."""
        check_region(self.region)
        if error := lustre_error(self.kind, self.mb_per_s_per_tib, self.gib):
            raise ValueError(error)
        if self.backup_days is not None and not 0 <= self.backup_days <= 90:
            message = f"Backups cannot be kept for {self.backup_days} days; give 0 to 90."
            raise ValueError(message)
        if self.backup_days and not self.type.backups:
            message = f"An FSx for Lustre {self.kind} has no backups; leave them out, or make it persistent-2."
            raise ValueError(message)

    @property
    def type(self) -> LustreType:
        """What FSx calls its kind."""
        return LUSTRE_TYPES[self.kind]


class Lustre(pulumi.ComponentResource):
    file_system_id: pulumi.Output[str]
    mount: pulumi.Output[str]  # "fs-….fsx.eu-central-1.amazonaws.com@tcp:/abcdef", as mount.lustre takes it
    mount_name: pulumi.Output[str]  # "abcdef": SageMaker wants it before a folder

    def __init__(self, name: str, args: LustreArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("file system", name)
        super().__init__("trainyard:aws:Lustre", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, protect=args.protect)
        # docs.aws.amazon.com/fsx/latest/LustreGuide, "File System Access Control with Amazon VPC"
        ports = [(988, 988), (1018, 1023)]
        among: list[Any] = [
            {"protocol": "tcp", "from_port": low, "to_port": high, "self": True, "security_groups": [args.machines]}
            for low, high in ports
        ]
        group = aws.ec2.SecurityGroup(
            f"{name}-lustre",
            name=f"{name}-lustre",
            description="Lustre: its servers and the machines",
            vpc_id=args.vpc_id,
            ingress=among,
            egress=among,
            region=args.region,
            tags={**args.tags, "Name": f"{name}-lustre"},
            opts=child,
        )
        kind = args.type
        backup_days = args.backup_days
        if backup_days is None and kind.backups:
            backup_days = _KEEP_BACKUPS_DAYS
        system = aws.fsx.LustreFileSystem(
            f"{name}-file-system",
            region=args.region,
            subnet_ids=args.subnet_id,
            security_group_ids=[group.id],
            deployment_type=kind.deployment,
            storage_type=kind.storage,
            storage_capacity=args.gib,
            per_unit_storage_throughput=args.mb_per_s_per_tib or kind.usual,
            drive_cache_type="NONE" if kind.storage == "HDD" else None,
            data_compression_type="LZ4",
            file_system_type_version="2.15",
            automatic_backup_retention_days=backup_days,
            copy_tags_to_backups=True if backup_days else None,
            skip_final_backup=True,  # a backup after destroy would bill in no stack
            kms_key_id=args.kms_key if kind.own_key else None,
            tags={**args.tags, "Name": name},
            opts=child,
        )
        self.file_system_id = system.id
        self.mount = pulumi.Output.concat(system.dns_name, "@tcp:/", system.mount_name)  # as `mount_of`
        self.mount_name = system.mount_name
        self.register_outputs({"mount": self.mount, "file_system_id": self.file_system_id})


def mount_of(file_system_id: str, region: str, mount_name: str) -> str:
    """What is mounted of a file system that is there already."""
    return f"{file_system_id}.fsx.{region}.amazonaws.com@tcp:/{mount_name}"


def parts_of(mount: str) -> tuple[str, str]:
    """File system's id and mount name out of what is mounted: what SageMaker wants apart."""
    host, _, mount_name = mount.partition("@tcp:/")
    return host.partition(".")[0], mount_name
