"""One TPU host on Compute Engine that ends by itself; refuses to make a network, a public address or a slice."""

from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.gcp import tpu_machine
from components.gcp.access import Access, AccessArgs
from components.gcp.gpu_vm import login_command
from components.gcp.resource_name import check_name
from components.gcp.tpu_machine_args import TpuMachineArgs

# The provider changes these in place, on a stopped machine only, and a stopped spot TPU never starts again.
_ONLY_STOPPED = ["machineType", "serviceAccount", "shieldedInstanceConfig", "networkInterfaces[*].subnetwork"]


class TpuNode(pulumi.ComponentResource):
    instance_name: pulumi.Output[str]
    instance_id: pulumi.Output[str]
    login_command: str

    def __init__(self, name: str, args: TpuMachineArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("machine", name)
        if args.slice.hosts != 1:
            message = f"{args.slice.topology} has {args.slice.hosts} hosts, a TpuNode has one; use TpuSlice."
            raise ValueError(message)
        super().__init__("trainyard:gcp:TpuNode", name, {}, opts)
        instance = gcp.compute.Instance(
            f"{name}-instance",
            name=name,  # explicit, so that a repeated create collides instead of billing twice
            project=args.project,
            zone=args.zone,
            machine_type=args.machine_type,
            boot_disk=_boot_disk(args),
            attached_disks=[
                {"source": each.disk, "device_name": each.name, "mode": "READ_WRITE" if each.write else "READ_ONLY"}
                for each in args.data_disks
            ],
            network_interfaces=[{"subnetwork": args.subnetwork, "nic_type": "GVNIC"}],
            scheduling=tpu_machine.scheduling(args),
            reservation_affinity=tpu_machine.reservation_affinity(args),
            shielded_instance_config=tpu_machine.shielded(args),
            service_account=tpu_machine.identity(args),
            metadata=tpu_machine.metadata(args),
            labels=args.labels,
            deletion_protection=False,
            allow_stopping_for_update=False,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True, replace_on_changes=_ONLY_STOPPED),
        )
        if args.access:
            access = AccessArgs(
                project=args.project, zone=args.zone, instance_name=instance.name, principals=args.access
            )
            Access(f"{name}-access", access, pulumi.ResourceOptions(parent=self))
        self.instance_name = instance.name
        self.instance_id = instance.instance_id
        self.login_command = login_command(args.project, args.zone, name)
        self.register_outputs(
            {
                "instance_name": self.instance_name,
                "instance_id": self.instance_id,
                "login_command": self.login_command,
            }
        )


def _boot_disk(args: TpuMachineArgs) -> Any:
    disk: dict[str, Any] = {
        "auto_delete": True,
        "initialize_params": {
            "image": args.image.path,
            "size": args.boot_disk.gib,
            "type": args.boot_disk_kind,
            "labels": args.labels,
        },
    }
    if args.boot_disk.kms_key is not None:
        disk["kms_key_self_link"] = args.boot_disk.kms_key
    return disk
