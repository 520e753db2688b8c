"""What Vertex AI Workbench instances can be: machines with their GPUs in the API's words, how bought, when idle.

Sources: Google's description of notebooks.v2 (AcceleratorConfig, GceSetup); cloud.google.com/vertex-ai/docs/workbench
(instances/idle-shutdown: 10 to 1440 minutes; instances/create: on-demand and reserved machines only).
"""

from __future__ import annotations

from datetime import timedelta

from trainyard.facts import machine
from trainyard.facts.price import Agreed, AtLeast, Known, Price

CAPACITIES = ("on-demand", "reserved")
IDLE = (timedelta(minutes=10), timedelta(minutes=1440))
LACKS_FEE = "Vertex AI Workbench's own fee"
_ACCELERATORS = {  # Compute Engine's name -> notebooks.v2's
    "nvidia-tesla-p100": "NVIDIA_TESLA_P100",
    "nvidia-tesla-v100": "NVIDIA_TESLA_V100",
    "nvidia-tesla-p4": "NVIDIA_TESLA_P4",
    "nvidia-tesla-t4": "NVIDIA_TESLA_T4",
    "nvidia-tesla-a100": "NVIDIA_TESLA_A100",
    "nvidia-a100-80gb": "NVIDIA_A100_80GB",
    "nvidia-l4": "NVIDIA_L4",
    "nvidia-h100-80gb": "NVIDIA_H100_80GB",
    "nvidia-h100-mega-80gb": "NVIDIA_H100_MEGA_80GB",
    "nvidia-h200-141gb": "NVIDIA_H200_141GB",
    "nvidia-b200": "NVIDIA_B200",
}


def accelerator_type(gpu_type: str) -> str | None:
    """The API's name of Compute Engine's GPU type; None where a notebook has none such."""
    return _ACCELERATORS.get(gpu_type)


def not_built(cloud: str, machine_type: str) -> str | None:
    """Why a notebook cannot be built of this machine type; None when it can."""
    if cloud != "gcp":
        return f"notebook is not built yet on {cloud}, only on gcp"
    if machine_type in machine.SHAPES and accelerator_type(machine.SHAPES[machine_type].gpu_type) is None:
        return f"Vertex AI Workbench has no {machine.SHAPES[machine_type].gpu_type}; take a gpu-vm, or another machine"
    return machine.not_built(cloud, machine_type)


def not_sold(cloud: str, machine_type: str, capacity: str) -> str | None:
    """Why a notebook on this machine type cannot be bought that way; None when it can."""
    if capacity not in CAPACITIES:
        return f"Vertex AI Workbench takes no {capacity} machines, only {' and '.join(CAPACITIES)}"
    return machine.not_sold(cloud, machine_type, capacity)


def idle_error(after: timedelta) -> str | None:
    """None when Workbench can shut down after so long without work, else the error."""
    least, most = IDLE
    if least <= after <= most:
        return None
    given = int(after.total_seconds()) // 60
    return f"Vertex AI Workbench shuts down after 10 to 1440 minutes without work, {given} were asked for; give 30m."


def price(machine_price: Price) -> Price:
    """The machine's price with what is not known of the fee said; an agreed price is whole."""
    match machine_price:
        case Known(usd_hour=usd_hour, date=date, source=source):
            return AtLeast(usd_hour=usd_hour, date=date, source=source, lacks=LACKS_FEE)
        case AtLeast(usd_hour=usd_hour, date=date, source=source, lacks=lacks):
            return AtLeast(usd_hour=usd_hour, date=date, source=source, lacks=f"{lacks}, and {LACKS_FEE}")
        case Agreed():
            return machine_price
        case _:
            return machine_price
