"""A group of GPU machines on Google Cloud that repairs and updates nothing behind anyone's back."""

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from pulumi_gcp.compute import InstanceTemplateDiskArgsDict, InstanceTemplateNetworkInterfaceArgsDict

from components.gcp.gpu_group_access import GpuGroupAccess, GpuGroupAccessArgs
from components.gcp.gpu_group_args import GpuGroupArgs, check_group_name
from components.gcp.gpu_vm import guest_accelerators, metadata, reservation, scheduling
from components.gcp.resource_name import check_zone
from trainyard.facts.machine_shape import LOCAL_SSD_GIB

_CREATE = "40m"  # the provider's own 15 minutes are short for a group that gets its machines all at once


class GpuGroup(pulumi.ComponentResource):
    group_name: pulumi.Output[str]
    list_command: str
    login_command: str

    def __init__(self, name: str, args: GpuGroupArgs, opts: pulumi.ResourceOptions | None = None):
        check_group_name(name)
        super().__init__("trainyard:gcp:GpuGroup", name, {}, opts)
        node = args.node
        replaced = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        policy = None
        if args.workload_policy:
            policy = gcp.compute.ResourcePolicy(
                f"{name}-placement",
                name=name,
                project=node.project,
                region=check_zone(node.zone),
                workload_policy={"type": "HIGH_THROUGHPUT"},
                opts=replaced,
            )
        template = gcp.compute.InstanceTemplate(
            f"{name}-template",
            name=name,
            project=node.project,
            machine_type=node.machine_type,
            guest_accelerators=guest_accelerators(node),
            disks=_disks(args),
            network_interfaces=_interfaces(args),
            scheduling=scheduling(node),
            reservation_affinity=reservation(node),
            shielded_instance_config={
                "enable_secure_boot": node.image.secure_boot,
                "enable_vtpm": True,
                "enable_integrity_monitoring": True,
            },
            service_account={"email": node.service_account, "scopes": ["cloud-platform"]},
            metadata=metadata(node),
            labels=node.labels,
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                # A template cannot change: new user data would replace the group, though it reaches no running node.
                ignore_changes=["metadata"],
            ),
        )
        digits = "#" * len(str(args.nodes))
        group = gcp.compute.InstanceGroupManager(
            f"{name}-group",
            name=name,
            project=node.project,
            zone=node.zone,
            description=_flex_description(args),
            base_instance_name=f"{name}-{digits}",
            versions=[{"instance_template": template.self_link_unique}],
            target_size=None if args.flex else args.nodes,
            target_size_policies=None if args.flex else [{"mode": "BULK"}],
            resource_policies=None if policy is None else {"workload_policy": policy.self_link},
            # Repair would make again what the guard, the node or the cloud ended.
            instance_lifecycle_policy={"default_action_on_failure": "DO_NOTHING"},
            update_policy={
                "type": "OPPORTUNISTIC",
                "minimal_action": "REPLACE",
                "max_surge_fixed": 0,
                "max_unavailable_fixed": 1,
            },
            wait_for_instances=not args.flex,
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                # Another template would change the next machine only, and silently; another flex-start count would add
                # machines to those that are there.
                replace_on_changes=["versions", "description"],
                ignore_changes=["targetSize"] if args.flex else None,
                custom_timeouts=pulumi.CustomTimeouts(create=_CREATE, update=_CREATE),
            ),
        )
        if args.flex:
            gcp.compute.ResizeRequest(
                f"{name}-request",
                name=name,
                project=node.project,
                zone=node.zone,
                instance_group_manager=group.name,
                resize_by=args.nodes,
                requested_run_duration={"seconds": str(node.run_seconds)},
                opts=replaced,
            )
        if node.access:
            GpuGroupAccess(
                f"{name}-access",
                GpuGroupAccessArgs(
                    project=node.project, zone=node.zone, group=name, until=node.hard_end, principals=node.access
                ),
                pulumi.ResourceOptions(parent=self),
            )
        self.group_name = group.name
        self.list_command = list_command(node.project, node.zone, name)
        self.login_command = f"gcloud compute ssh NAME --tunnel-through-iap --project {node.project} --zone {node.zone}"
        self.register_outputs(
            {
                "group_name": self.group_name,
                "list_command": self.list_command,
                "login_command": self.login_command,
            }
        )


def list_command(project: str, zone: str, name: str) -> str:
    """What a person types to see the machines' names."""
    return f"gcloud compute instance-groups managed list-instances {name} --project {project} --zone {zone}"


def _disks(args: GpuGroupArgs) -> Sequence[InstanceTemplateDiskArgsDict]:
    node = args.node
    boot: InstanceTemplateDiskArgsDict = {
        "boot": True,
        "auto_delete": True,
        "source_image": node.image.path,
        "disk_size_gb": node.boot_disk.gib,
        "disk_type": node.boot_disk_kind,
        "labels": node.labels,
    }
    if node.boot_disk.kms_key is not None:
        boot["disk_encryption_key"] = {"kms_key_self_link": node.boot_disk.kms_key}
    scratch: InstanceTemplateDiskArgsDict = {
        "type": "SCRATCH",
        "disk_type": "local-ssd",
        "disk_size_gb": LOCAL_SSD_GIB,
        "interface": "NVME",
        "auto_delete": True,
        "boot": False,
    }
    data: list[InstanceTemplateDiskArgsDict] = [
        {
            "source": pulumi.Output.from_input(each.disk).apply(_name),  # a template takes a disk's name, not its id
            "device_name": each.name,
            "mode": "READ_WRITE" if each.write else "READ_ONLY",
            "auto_delete": False,  # left out, the data would go with the machines
            "boot": False,
        }
        for each in node.data_disks
    ]
    return [boot, *([] if node.bundled_ssd else [scratch] * node.local_ssd_count), *data]


def _name(resource_id: str) -> str:
    return resource_id.rpartition("/")[2]


def _interfaces(args: GpuGroupArgs) -> Sequence[InstanceTemplateNetworkInterfaceArgsDict]:
    first: InstanceTemplateNetworkInterfaceArgsDict = {
        "subnetwork": args.node.subnetwork,
        "nic_type": args.node.shape.nic_type,
    }
    fabric = args.fabric_facts
    if fabric is None:
        return [first]
    further: list[InstanceTemplateNetworkInterfaceArgsDict] = [
        {"subnetwork": subnetwork, "nic_type": kind}
        for subnetwork, kind in zip(args.fabric_subnetworks, fabric.nic_types, strict=True)
    ]
    return [first, *further]


def _flex_description(args: GpuGroupArgs) -> str | None:
    return f"{args.nodes} by flex-start, {args.node.run_seconds} s" if args.flex else None
