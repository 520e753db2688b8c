"""What every machine of a group is made of: the same as a machine alone, and the interfaces of its fabric."""

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from pulumi_gcp.compute import InstanceTemplateDiskArgsDict, InstanceTemplateNetworkInterfaceArgsDict

from components.gcp.gpu_group_args import GpuGroupArgs
from components.gcp.gpu_vm import guest_accelerators, metadata, reservation, scheduling
from trainyard.facts.machine_shape import LOCAL_SSD_GIB


class GpuGroupTemplate(pulumi.ComponentResource):
    link: pulumi.Output[str]  # another one with every replacement, though the name stays

    def __init__(self, name: str, args: GpuGroupArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:gcp:GpuGroupTemplate", name, {}, opts)
        node = args.node
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
        self.link = template.self_link_unique
        self.register_outputs({"link": self.link})


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
