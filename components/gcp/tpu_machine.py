"""The parts that a TPU machine alone and the machines of a slice have alike, in the provider's words.

The SDK has one type for a machine's part and another for a template's, with the same fields: hence `Any`.
"""

from typing import Any

import pulumi

from components.bootstrap.heartbeat import WORKLOAD_ATTRIBUTE
from components.gcp.tpu_machine_args import TpuMachineArgs
from trainyard.facts.capacity import FlexStart, Reserved, Spot
from trainyard.facts.labels import WORKLOAD_KEY


def scheduling(args: TpuMachineArgs) -> Any:
    """How it is bought and when the cloud deletes it; TPUs can neither migrate nor, on spot, be started again.

    A reservation-bound machine ends with its reservation and takes no end of its own.
    """
    common = {
        "on_host_maintenance": "TERMINATE",
        "instance_termination_action": "DELETE",
        "preemptible": False,
        "automatic_restart": False,  # what the cloud has ended stays ended
    }
    match args.capacity:
        case FlexStart():
            run = {"seconds": args.run_seconds}
            return {**common, "provisioning_model": "FLEX_START", "max_run_duration": run}
        case Reserved(bound=True):
            return {**common, "provisioning_model": "RESERVATION_BOUND"}
        case Spot():
            return {**common, "provisioning_model": "SPOT", "preemptible": True, "termination_time": args.hard_end}
        case _:
            standard = {"provisioning_model": "STANDARD", "automatic_restart": True}
            return {**common, **standard, "termination_time": args.hard_end}


def reservation_affinity(args: TpuMachineArgs) -> Any:
    """The one reservation that it takes its chips from; flex-start says that it uses none."""
    match args.capacity:
        case Reserved(id=id_):
            key = "compute.googleapis.com/reservation-name"
            return {"type": "SPECIFIC_RESERVATION", "specific_reservation": {"key": key, "values": [id_]}}
        case FlexStart():
            return {"type": "NO_RESERVATION"}
        case _:
            return None


def shielded(args: TpuMachineArgs) -> Any:
    """Secure Boot as the image can; the rest always."""
    return {"enable_secure_boot": args.image.secure_boot, "enable_vtpm": True, "enable_integrity_monitoring": True}


def metadata(args: TpuMachineArgs) -> dict[str, pulumi.Input[str]]:
    """OS Login only, and what runs at the first boot."""
    return {
        "enable-oslogin": "TRUE",
        "block-project-ssh-keys": "TRUE",
        "serial-port-enable": "FALSE",
        "user-data": args.user_data,
        WORKLOAD_ATTRIBUTE: args.labels.get(WORKLOAD_KEY, ""),
    }


def identity(args: TpuMachineArgs) -> Any:
    """The nodes' service account."""
    return {"email": args.service_account, "scopes": ["cloud-platform"]}
