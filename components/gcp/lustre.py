"""A parallel file system for checkpoints and data that many machines read at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

from components.gcp.resource_name import check_name, check_zone
from trainyard.facts.storage import lustre_error

FILE_SYSTEM = "data"  # at most eight letters and digits


@dataclass(frozen=True, kw_only=True)
class LustreArgs:
    """`mb_per_s_per_tib`: 125, 250, 500 or 1000; it decides the steps of `gib`."""

    project: str
    zone: str
    network: pulumi.Input[str]  # full id; its private service access must stand
    gib: int
    mb_per_s_per_tib: int = 1000
    kms_key: pulumi.Input[str] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for a zone that is none or a size that the throughput does not have."""
        check_zone(self.zone)
        if error := lustre_error(self.mb_per_s_per_tib, self.gib):
            raise ValueError(error)


class Lustre(pulumi.ComponentResource):
    mount: pulumi.Output[str]  # "10.40.1.2@tcp:/data", as mount.lustre takes it

    def __init__(self, name: str, args: LustreArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("Lustre instance", name)
        super().__init__("trainyard:gcp:Lustre", name, {}, opts)
        instance = gcp.lustre.Instance(
            f"{name}-instance",
            instance_id=name,
            project=args.project,
            location=args.zone,
            filesystem=FILE_SYSTEM,
            capacity_gib=str(args.gib),
            per_unit_storage_throughput=str(args.mb_per_s_per_tib),
            network=args.network,
            kms_key=args.kms_key,
            labels=args.labels,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.mount = instance.mount_point
        self.register_outputs({"mount": self.mount})
