"""The parts that a TPU machine alone and the machines of a slice have alike, in the provider's words.

The SDK has one type for a machine's part and another for a template's, with the same fields: hence `Any`.
"""

from typing import Any

from components.gcp.tpu_machine_args import TpuMachineArgs
from trainyard.facts.capacity import FlexStart, Reserved, Spot


def scheduling(args: TpuMachineArgs) -> Any:
    """How it is bought and when the cloud deletes it; TPUs can neither migrate nor, on spot, be started again."""
    spot, flex = isinstance(args.capacity, Spot), isinstance(args.capacity, FlexStart)
    end: dict[str, Any] = {"termination_time": args.hard_end}
    if flex:
        end = {"max_run_duration": {"seconds": args.run_seconds}}
    return {
        "on_host_maintenance": "TERMINATE",
        "provisioning_model": "SPOT" if spot else "FLEX_START" if flex else "STANDARD",
        "preemptible": spot,
        # Flex-start takes no restart either: what the cloud ended stays ended.
        "automatic_restart": not spot and not flex,
        "instance_termination_action": "DELETE",
        **end,
    }


def reservation_affinity(args: TpuMachineArgs) -> Any:
    """The one reservation that it takes its chips from; flex-start takes none."""
    if isinstance(args.capacity, FlexStart):
        return {"type": "NO_RESERVATION"}
    if not isinstance(args.capacity, Reserved):
        return None
    return {
        "type": "SPECIFIC_RESERVATION",
        "specific_reservation": {"key": "compute.googleapis.com/reservation-name", "values": [args.capacity.id]},
    }


def shielded(args: TpuMachineArgs) -> Any:
    """Secure Boot as the image can; the rest always."""
    return {"enable_secure_boot": args.image.secure_boot, "enable_vtpm": True, "enable_integrity_monitoring": True}


def metadata(args: TpuMachineArgs) -> dict[str, str]:
    """OS Login only, and what runs at the first boot."""
    return {
        "enable-oslogin": "TRUE",
        "block-project-ssh-keys": "TRUE",
        "serial-port-enable": "FALSE",
        "user-data": args.user_data,
    }


def identity(args: TpuMachineArgs) -> Any:
    """The nodes' service account."""
    return {"email": args.service_account, "scopes": ["cloud-platform"]}
