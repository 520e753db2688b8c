"""One GPU VM on Google Cloud that ends by itself; refuses to make a network, a public address or a key."""

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from pulumi_gcp.compute import (
    InstanceBootDiskArgsDict,
    InstanceReservationAffinityArgsDict,
    InstanceSchedulingArgsDict,
    InstanceScratchDiskArgsDict,
)

from components.gcp.access import Access, AccessArgs
from components.gcp.gpu_vm_args import GpuVmArgs
from components.gcp.resource_name import check_name
from trainyard.facts.capacity import Reserved, Spot

# The provider changes these in place, on a stopped machine only: it would fail in the middle of `up`, after a preview
# that showed an update.
_ONLY_STOPPED = ["machineType", "serviceAccount", "shieldedInstanceConfig", "networkInterfaces[*].subnetwork"]


class GpuVm(pulumi.ComponentResource):
    instance_name: pulumi.Output[str]
    instance_id: pulumi.Output[str]
    service_account: pulumi.Input[str]
    login_command: str

    def __init__(self, name: str, args: GpuVmArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("machine", name)
        super().__init__("trainyard:gcp:GpuVm", name, {}, opts)
        instance = gcp.compute.Instance(
            f"{name}-instance",
            name=name,  # explicit, so that a repeated create collides instead of billing twice
            project=args.project,
            zone=args.zone,
            machine_type=args.machine_type,
            boot_disk=_boot_disk(args),
            scratch_disks=_scratch_disks(args),
            # One interface reaches everything but the GPU fabric; A3's further ones need a network each.
            network_interfaces=[{"subnetwork": args.subnetwork, "nic_type": args.shape.nic_type}],
            scheduling=_scheduling(args),
            reservation_affinity=_reservation(args),
            shielded_instance_config={
                "enable_secure_boot": args.image.secure_boot,
                "enable_vtpm": True,
                "enable_integrity_monitoring": True,
            },
            service_account={"email": args.service_account, "scopes": ["cloud-platform"]},
            metadata={
                "enable-oslogin": "TRUE",
                "block-project-ssh-keys": "TRUE",
                "serial-port-enable": "FALSE",
                "user-data": args.user_data,
            },
            labels=args.labels,
            deletion_protection=False,
            allow_stopping_for_update=False,
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                replace_on_changes=_ONLY_STOPPED,
                # The provider reads bundled SSDs back as if declared, and would replace the machine to be rid of them.
                ignore_changes=["scratchDisks"] if args.bundled_ssd else None,
            ),
        )
        if args.access:
            access = AccessArgs(
                project=args.project, zone=args.zone, instance_name=instance.name, principals=args.access
            )
            Access(f"{name}-access", access, pulumi.ResourceOptions(parent=self))
        self.instance_name = instance.name
        self.instance_id = instance.instance_id
        self.service_account = args.service_account
        self.login_command = login_command(args.project, args.zone, name)
        self.register_outputs(
            {
                "instance_name": self.instance_name,
                "instance_id": self.instance_id,
                "service_account": self.service_account,
                "login_command": self.login_command,
            }
        )


def login_command(project: str, zone: str, name: str) -> str:
    """What a person types to get onto the machine."""
    return f"gcloud compute ssh {name} --tunnel-through-iap --project {project} --zone {zone}"


def _boot_disk(args: GpuVmArgs) -> InstanceBootDiskArgsDict:
    disk: InstanceBootDiskArgsDict = {
        "auto_delete": True,
        "initialize_params": {
            "image": args.image.path,
            "size": args.boot_disk.gib,
            "type": args.boot_disk_kind,
            "labels": args.labels,  # a disk that outlives its machine still tells whose it was
        },
    }
    if args.boot_disk.kms_key is not None:
        disk["kms_key_self_link"] = args.boot_disk.kms_key
    return disk


def _scratch_disks(args: GpuVmArgs) -> Sequence[InstanceScratchDiskArgsDict] | None:
    if args.bundled_ssd or not args.local_ssd_count:
        return None
    return [{"interface": "NVME"}] * args.local_ssd_count


def _scheduling(args: GpuVmArgs) -> InstanceSchedulingArgsDict:
    spot = isinstance(args.capacity, Spot)
    return {
        "on_host_maintenance": args.shape.on_host_maintenance,
        "provisioning_model": "SPOT" if spot else "STANDARD",
        "preemptible": spot,
        "automatic_restart": not spot,
        "termination_time": args.hard_end,
        "instance_termination_action": "DELETE",
    }


def _reservation(args: GpuVmArgs) -> InstanceReservationAffinityArgsDict | None:
    if not isinstance(args.capacity, Reserved):
        return None
    return {
        "type": "SPECIFIC_RESERVATION",
        "specific_reservation": {"key": "compute.googleapis.com/reservation-name", "values": [args.capacity.id]},
    }
