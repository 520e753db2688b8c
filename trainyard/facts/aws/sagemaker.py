"""What SageMaker's training jobs and notebooks can be: machine types, limits of time, how bought, at which price.

Sources: the SageMaker API's own model (botocore 1.44.5): TrainingInstanceType, CreateNotebookInstance.InstanceType,
StoppingCondition (MaxRuntimeInSeconds: "The maximum value is 28 days"; MaxPendingTimeInSeconds: 1800 to 2419200).
The model tells no regions: which of these a region has is known when it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from trainyard.facts.price import Price, lacking

LACKS_FEE = "SageMaker's own fee"
LONGEST_RUN = timedelta(days=28)
WAIT = (timedelta(minutes=30), timedelta(days=28))
IDLE = (timedelta(minutes=10), timedelta(days=1))  # ours: the check runs every five minutes
CAPACITIES: Mapping[str, tuple[str, ...]] = {
    "training-job": ("on-demand", "spot"),
    "notebook": ("on-demand",),  # SageMaker sells notebooks no other way
}
_G = ("xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")
_BOTH = (
    *(f"g4dn.{size}" for size in _G),
    *(f"{family}.{size}" for family in ("g5", "g6", "g6e") for size in (*_G, "24xlarge", "48xlarge")),
    *(f"g7e.{size}" for size in ("2xlarge", "4xlarge", "8xlarge", "12xlarge", "24xlarge", "48xlarge")),
    "p3dn.24xlarge",
    "p4d.24xlarge",
    "p4de.24xlarge",
    "p5.4xlarge",
    "p5.48xlarge",
    "p5en.48xlarge",
    "p6-b200.48xlarge",
)
TYPES: Mapping[str, tuple[str, ...]] = {  # EC2's names; SageMaker writes "ml." before each
    "training-job": (*_BOTH, "p5e.48xlarge", "p6-b300.48xlarge"),
    "notebook": _BOTH,
}


def not_built(kind: str, machine_type: str) -> str | None:
    """Why this kind cannot be built of this EC2 type on SageMaker; None when it can."""
    if machine_type not in TYPES[kind]:
        return f"SageMaker has no ml.{machine_type} for a {kind}; take a gpu-vm, or another machine"
    return None


def not_sold(kind: str, capacity: str) -> str | None:
    """Why SageMaker sells no machines that way; None when it does."""
    allowed = CAPACITIES[kind]
    if capacity in allowed:
        return None
    if kind == "training-job" and capacity == "reserved":
        # StoppingCondition.MaxPendingTimeInSeconds: the wait for a plan's time counts in no limit (botocore 1.44.5).
        return (
            "SageMaker takes no reservations of EC2, and a job of a training plan waits for the plan past any hard end"
        )
    return f"SageMaker sells a {kind} no {capacity} machines, only {' and '.join(allowed)}"


def idle_error(after: timedelta) -> str | None:
    """None when a notebook can be stopped after so long without work, else the error."""
    least, most = IDLE
    if least <= after <= most:
        return None
    given = int(after.total_seconds()) // 60
    return f"a SageMaker notebook is stopped after 10 to 1440 minutes without work, {given} were asked for; give 30m."


def with_fee(price: Price) -> Price:
    """The machine's price with what is not known of the fee said; an agreed price is whole."""
    return lacking(price, LACKS_FEE)
