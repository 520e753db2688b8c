"""Amazon's GPU machines: what each brings and is sold as, and why one is refused."""

from __future__ import annotations

from trainyard.facts.aws.machine_types import Shape, machine_types

__all__ = ["Shape"]

SHAPES: dict[str, Shape] = {row.machine_type: row for row in machine_types()}
_ULTRA = (
    "comes in UltraServers of a whole rack, with arm64 and a block of its own kind: it is not built; take "
    "p6-b300.48xlarge or p6-b200.48xlarge"
)
_NEURON = (
    "has AWS's own chips, which need the Neuron SDK instead of NVIDIA's driver: it is not built; take a GPU machine"
)
_OLD = "is not in the catalogue and of a generation that Amazon retires: it is not built; take g6.xlarge or larger"
_SHARE = "has a part of one GPU, which needs NVIDIA's vGPU guest driver: it is not built; take g6.xlarge"
# EC2's families with accelerators that no row above has, by what their names begin with.
REFUSED_FAMILIES = {
    "p6e-gb200": f"P6e-GB200 {_ULTRA}",
    "p6e-gb300": f"P6e-GB300 {_ULTRA}",
    "g7": "G7 (RTX PRO 4500) is not in the catalogue: it is not built; take g7e.2xlarge or larger",
    "g6f": f"G6f {_SHARE}",
    "gr6f": f"Gr6f {_SHARE}",
    "g4ad": "G4ad has AMD's Radeon GPUs, for which no image is known: it is not built; take g4dn.xlarge",
    "p2": f"P2 {_OLD}",
    "p3": f"P3 {_OLD}",
    "trn1": f"Trn1 {_NEURON}",
    "trn1n": f"Trn1n {_NEURON}",
    "trn2": f"Trn2 {_NEURON}",
    "trn2u": f"Trn2u {_NEURON}",
    "inf1": f"Inf1 {_NEURON}",
    "inf2": f"Inf2 {_NEURON}",
    "dl1": "DL1 has Gaudi accelerators: it is not built; take a GPU machine",
    "dl2q": "DL2q has Qualcomm's accelerators: it is not built; take a GPU machine",
}
# Chips that Amazon sells only in machine types that are not built.
REFUSED_CHIPS = {"GB200": REFUSED_FAMILIES["p6e-gb200"], "GB300": REFUSED_FAMILIES["p6e-gb300"]}
# What Amazon sells beside EC2 and SageMaker's jobs, and why none of it is here.
NOT_OFFERED = {
    "hyperpod": (
        "SageMaker HyperPod keeps a cluster that repairs itself, which would bring back what a lease ended, and the "
        "provider has no resource of it; take gpu-vm with nodes, or training-job"
    ),
    "training-plan": (
        "a SageMaker training plan is paid for in advance, whether used or not; take { kind: block, id: … } on a gpu-vm"
    ),
}


def shape(machine_type: str) -> Shape:
    """The facts of a machine type; ValueError when there is none such."""
    found = SHAPES.get(machine_type)
    if found is None:
        message = f"{_why_not(machine_type)}."
        raise ValueError(message)
    return found


def not_built(machine_type: str) -> str | None:
    """Why a gpu-vm of this type cannot be built; None when it can."""
    return None if machine_type in SHAPES else _why_not(machine_type)


def not_sold(machine_type: str, capacity: str) -> str | None:
    """Why Amazon does not sell this type as that capacity; None when it does or nothing is known against it."""
    sold = sold_as(machine_type)
    if not sold or capacity in sold:
        return None
    return f"not sold as {capacity}, only as {', '.join(sold)}"


def sold_as(machine_type: str) -> tuple[str, ...]:
    """The names of the capacities that the type is sold as; empty where that is not known."""
    found = SHAPES.get(machine_type)
    return found.capacities if found else ()


def known_only(word: str) -> str | None:
    """Why a chip, machine type or service that Amazon sells is not built; None where nothing is known of it."""
    if word in NOT_OFFERED:
        return NOT_OFFERED[word]
    return REFUSED_CHIPS.get(word) or REFUSED_FAMILIES.get(word.removeprefix("ml.").partition(".")[0])


def cannot_stop(machine_type: str) -> str | None:
    """Why `at_limit: stop` ends such a machine instead; None when it can be stopped and started again."""
    found = SHAPES.get(machine_type)
    if found and found.stores:
        return f"{machine_type} loses its {found.stores} disks of the instance store at a stop, so it is ended"
    return None


def _why_not(machine_type: str) -> str:
    if reason := known_only(machine_type):
        return reason
    if machine_type.startswith("ml."):
        return f'"{machine_type}" is SageMaker\'s name; a gpu-vm has EC2\'s: give "{machine_type[3:]}"'
    return f'"{machine_type}" is no GPU machine type that Trainyard knows; known are {", ".join(SHAPES)}'
