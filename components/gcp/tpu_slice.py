"""A TPU slice of several hosts on Compute Engine: a zonal group, made whole or not at all, and never repaired."""

from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.gcp import tpu_machine
from components.gcp.resource_name import check_name, check_zone
from components.gcp.tpu_machine_args import TpuMachineArgs

# A group's machines are named by it, with five characters more.
_LONGEST_NAME = 58


class TpuSlice(pulumi.ComponentResource):
    group_name: pulumi.Output[str]
    hosts: int
    list_command: str

    def __init__(self, name: str, args: TpuMachineArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("group", name)
        _check(name, args)
        super().__init__("trainyard:gcp:TpuSlice", name, {}, opts)
        region = check_zone(args.zone)
        # The chips of a slice are wired together, so nothing of it can be changed in place: all of it goes first.
        whole = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        policy = gcp.compute.ResourcePolicy(
            f"{name}-topology",
            name=name,
            project=args.project,
            region=region,
            workload_policy={"type": "HIGH_THROUGHPUT", "accelerator_topology": args.slice.topology},
            opts=whole,
        )
        template = gcp.compute.InstanceTemplate(
            f"{name}-template",
            name=name,
            project=args.project,
            machine_type=args.machine_type,
            disks=[_boot_disk(args)],
            network_interfaces=[{"subnetwork": args.subnetwork, "nic_type": "GVNIC"}],
            scheduling=tpu_machine.scheduling(args),
            reservation_affinity=tpu_machine.reservation_affinity(args),
            shielded_instance_config=tpu_machine.shielded(args),
            service_account=tpu_machine.identity(args),
            metadata=tpu_machine.metadata(args),
            labels=args.labels,
            opts=whole,
        )
        group = gcp.compute.InstanceGroupManager(
            f"{name}-group",
            name=name,
            project=args.project,
            zone=args.zone,
            base_instance_name=name,
            versions=[{"instance_template": template.self_link_unique}],
            target_size=args.slice.hosts,
            target_size_policies=[{"mode": "BULK"}],
            resource_policies={"workload_policy": policy.self_link},
            # Else the group makes again what the guard, a node or the cloud itself has ended.
            instance_lifecycle_policy={"default_action_on_failure": "DO_NOTHING"},
            wait_for_instances=True,
            wait_for_instances_status="STABLE",
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                replace_on_changes=["versions", "targetSize", "resourcePolicies"],
            ),
        )
        self.group_name = group.name
        self.hosts = args.slice.hosts
        self.list_command = (
            f"gcloud compute instance-groups managed list-instances {name} --zone {args.zone} --project {args.project}"
        )
        self.register_outputs({"group_name": self.group_name, "hosts": self.hosts, "list_command": self.list_command})


def _check(name: str, args: TpuMachineArgs) -> None:
    if args.slice.hosts < 2:
        message = f"{args.slice.topology} of {args.machine_type} has one host, a TpuSlice several; use TpuNode."
        raise ValueError(message)
    if len(name) > _LONGEST_NAME:
        message = (
            f"{name!r} has {len(name)} characters; a group whose machines are named by it at most {_LONGEST_NAME}."
        )
        raise ValueError(message)
    if args.access:
        message = (
            "A slice's machines are named by their group when it makes them, so access cannot be granted machine by "
            "machine; leave access out, and grant roles/iap.tunnelResourceAccessor and roles/compute.osLogin in the "
            "project."
        )
        raise ValueError(message)


def _boot_disk(args: TpuMachineArgs) -> Any:
    disk: dict[str, Any] = {
        "boot": True,
        "auto_delete": True,
        "source_image": args.image.path,
        "disk_size_gb": args.boot_disk.gib,
        "disk_type": args.boot_disk_kind,
        "labels": args.labels,
    }
    if args.boot_disk.kms_key is not None:
        disk["disk_encryption_key"] = {"kms_key_self_link": args.boot_disk.kms_key}
    return disk
