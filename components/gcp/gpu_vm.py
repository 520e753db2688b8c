"""One GPU VM on Google Cloud that ends by itself; refuses to make a network, a public address or a key."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_gcp as gcp
from pulumi_gcp.compute import (
    InstanceBootDiskArgsDict,
    InstanceScratchDiskArgsDict,
)

from components.bootstrap.heartbeat import WORKLOAD_ATTRIBUTE
from components.gcp.access import Access, AccessArgs
from components.gcp.gpu_vm_args import GpuVmArgs
from components.gcp.resource_name import check_name
from trainyard.facts.capacity import FlexStart, Reserved, Spot
from trainyard.facts.labels import WORKLOAD_KEY

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
        if isinstance(args.capacity, FlexStart):
            message = "A flex-start machine comes by a resize request, which only a group takes; make a GpuGroup of 1."
            raise ValueError(message)
        super().__init__("trainyard:gcp:GpuVm", name, {}, opts)
        instance = gcp.compute.Instance(
            f"{name}-instance",
            name=name,  # explicit, so that a repeated create collides instead of billing twice
            project=args.project,
            zone=args.zone,
            machine_type=args.machine_type,
            guest_accelerators=guest_accelerators(args),
            boot_disk=boot_disk(args),
            scratch_disks=scratch_disks(args),
            attached_disks=[
                {"source": each.disk, "device_name": each.name, "mode": "READ_WRITE" if each.write else "READ_ONLY"}
                for each in args.data_disks
            ]
            or None,
            # One interface reaches everything but the fabric, which joins machines of a group only.
            network_interfaces=[{"subnetwork": args.subnetwork, "nic_type": args.shape.nic_type}],
            scheduling=scheduling(args),
            reservation_affinity=reservation(args),
            shielded_instance_config={
                "enable_secure_boot": args.image.secure_boot,
                "enable_vtpm": True,
                "enable_integrity_monitoring": True,
            },
            service_account={"email": args.service_account, "scopes": ["cloud-platform"]},
            metadata=metadata(args),
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


def boot_disk(args: GpuVmArgs) -> InstanceBootDiskArgsDict:
    """Made with the machine and gone with it."""
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


def scratch_disks(args: GpuVmArgs) -> Sequence[InstanceScratchDiskArgsDict] | None:
    """The local SSDs that were asked for; bundled ones are the cloud's own doing."""
    if args.bundled_ssd or not args.local_ssd_count:
        return None
    return [{"interface": "NVME"}] * args.local_ssd_count


# The three that follow serve machines and templates, for which the SDK has two types with the same fields.


def guest_accelerators(args: GpuVmArgs) -> Any:
    """What is attached to an N1 machine; other machine types bring theirs."""
    if not args.shape.attached:
        return None
    return [{"type": args.shape.gpu_type, "count": args.shape.gpus}]


def metadata(args: GpuVmArgs) -> Mapping[str, pulumi.Input[str]]:
    """Login by OS Login only, and what runs at the first boot."""
    return {
        "enable-oslogin": "TRUE",
        "block-project-ssh-keys": "TRUE",
        "serial-port-enable": "FALSE",
        "user-data": args.user_data,
        WORKLOAD_ATTRIBUTE: args.labels.get(WORKLOAD_KEY, ""),
    }


def scheduling(args: GpuVmArgs) -> Any:
    """How the machine is bought, and the end that the cloud holds.

    A reservation-bound machine ends with its reservation: the provider takes care to send no run length with it.
    """
    common = {
        "on_host_maintenance": args.shape.on_host_maintenance,
        "instance_termination_action": "DELETE",
        "preemptible": False,
        "automatic_restart": False,
    }
    if args.bound:
        return {**common, "provisioning_model": "RESERVATION_BOUND"}
    match args.capacity:
        case FlexStart():
            return {
                **common,
                "provisioning_model": "FLEX_START",
                "max_run_duration": {"seconds": args.run_seconds},
            }
        case Spot():
            return {**common, "provisioning_model": "SPOT", "preemptible": True, "termination_time": args.hard_end}
        case _:
            return {
                **common,
                "provisioning_model": "STANDARD",
                "automatic_restart": True,
                "termination_time": args.hard_end,
            }


def reservation(args: GpuVmArgs) -> Any:
    """The one reservation that the machine comes out of; flex-start says that it uses none."""
    match args.capacity:
        case Reserved(id=id_):
            key = "compute.googleapis.com/reservation-name"
            return {"type": "SPECIFIC_RESERVATION", "specific_reservation": {"key": key, "values": [id_]}}
        case FlexStart():
            return {"type": "NO_RESERVATION"}
        case _:
            return None
