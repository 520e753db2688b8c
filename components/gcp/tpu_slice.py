"""A TPU slice of several hosts on Compute Engine: a zonal group, made whole or not at all, and never repaired."""

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from pulumi_gcp.compute import InstanceTemplateDiskArgsDict

from components.gcp import tpu_machine
from components.gcp.gpu_group import list_command
from components.gcp.gpu_group_access import GpuGroupAccess, GpuGroupAccessArgs
from components.gcp.gpu_group_args import check_group_name
from components.gcp.resource_name import check_zone
from components.gcp.tpu_machine_args import TpuMachineArgs

_CREATE = "40m"  # the provider's own 15 minutes are short for a group that gets its machines all at once


class TpuSlice(pulumi.ComponentResource):
    group_name: pulumi.Output[str]
    hosts: int
    list_command: str
    login_command: str

    def __init__(self, name: str, args: TpuMachineArgs, opts: pulumi.ResourceOptions | None = None):
        check_group_name(name)
        if args.slice.hosts < 2:
            message = f"{args.slice.topology} of {args.machine_type} has one host, a TpuSlice several; use TpuNode."
            raise ValueError(message)
        super().__init__("trainyard:gcp:TpuSlice", name, {}, opts)
        # The chips of a slice are wired together, so nothing of it can be changed in place: all of it goes first.
        whole = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        policy = gcp.compute.ResourcePolicy(
            f"{name}-topology",
            name=name,
            project=args.project,
            region=check_zone(args.zone),
            workload_policy={"type": "HIGH_THROUGHPUT", "accelerator_topology": args.slice.topology},
            opts=whole,
        )
        template = gcp.compute.InstanceTemplate(
            f"{name}-template",
            name=name,
            project=args.project,
            machine_type=args.machine_type,
            disks=_disks(args),
            network_interfaces=[{"subnetwork": args.subnetwork, "nic_type": "GVNIC"}],
            scheduling=tpu_machine.scheduling(args),
            reservation_affinity=tpu_machine.reservation_affinity(args),
            shielded_instance_config=tpu_machine.shielded(args),
            service_account=tpu_machine.identity(args),
            metadata=tpu_machine.metadata(args),
            labels=args.labels,
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                # A template cannot change: new user data would replace the slice, though it reaches no running host.
                ignore_changes=["metadata"],
            ),
        )
        digits = "#" * len(str(args.slice.hosts))
        group = gcp.compute.InstanceGroupManager(
            f"{name}-group",
            name=name,
            project=args.project,
            zone=args.zone,
            # A plain word of the topology, so that another one replaces the group in every preview.
            description=f"{args.slice.generation.chip} {args.slice.topology}",
            base_instance_name=f"{name}-{digits}",
            versions=[{"instance_template": template.self_link_unique}],
            target_size=args.slice.hosts,
            # All hosts or none: a part of a slice trains nothing and bills.
            target_size_policies=[{"mode": "BULK"}],
            resource_policies={"workload_policy": policy.self_link},
            # Repair would make again what the guard, a host or the cloud itself has ended.
            instance_lifecycle_policy={"default_action_on_failure": "DO_NOTHING"},
            wait_for_instances=True,
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                replace_on_changes=["versions", "targetSize", "description"],
                custom_timeouts=pulumi.CustomTimeouts(create=_CREATE),
            ),
        )
        if args.access:
            access = GpuGroupAccessArgs(
                project=args.project, zone=args.zone, group=name, until=args.hard_end, principals=args.access
            )
            GpuGroupAccess(f"{name}-access", access, pulumi.ResourceOptions(parent=self))
        self.group_name = group.name
        self.hosts = args.slice.hosts
        self.list_command = list_command(args.project, args.zone, name)
        self.login_command = f"gcloud compute ssh NAME --tunnel-through-iap --project {args.project} --zone {args.zone}"
        self.register_outputs(
            {
                "group_name": self.group_name,
                "hosts": self.hosts,
                "list_command": self.list_command,
                "login_command": self.login_command,
            }
        )


def _disks(args: TpuMachineArgs) -> Sequence[InstanceTemplateDiskArgsDict]:
    boot: InstanceTemplateDiskArgsDict = {
        "boot": True,
        "auto_delete": True,
        "source_image": args.image.path,
        "disk_size_gb": args.boot_disk.gib,
        "disk_type": args.boot_disk_kind,
        "labels": args.labels,
    }
    if args.boot_disk.kms_key is not None:
        boot["disk_encryption_key"] = {"kms_key_self_link": args.boot_disk.kms_key}
    data: Sequence[InstanceTemplateDiskArgsDict] = [
        {"source": each.disk, "device_name": each.name, "mode": "READ_ONLY", "boot": False, "auto_delete": False}
        for each in args.data_disks
    ]
    return [boot, *data]
