"""What each kind of workload can be made of on AWS: one question, answered by the facts of its kind."""

from __future__ import annotations

from trainyard.facts.aws import machine, sagemaker
from trainyard.facts.price import Price


def not_built(kind: str, machine_type: str) -> str | None:
    """Why a workload of this kind cannot be built of this machine type; None when it can."""
    if kind == "gpu-vm":
        return machine.not_built(machine_type)
    if kind in sagemaker.TYPES:
        return sagemaker.not_built(kind, machine_type)
    return f"{kind} is not built yet on aws"


def not_sold(kind: str, machine_type: str, capacity: str) -> str | None:
    """Why Amazon does not sell this type as that capacity to this kind; None where nothing is known against it."""
    if kind == "gpu-vm":
        return machine.not_sold(machine_type, capacity)
    if kind in sagemaker.CAPACITIES:
        return sagemaker.not_sold(kind, capacity)
    return None


def sold_as(kind: str, machine_type: str) -> tuple[str, ...]:
    """The names of the capacities that the type is sold as; empty where that is not known."""
    return sagemaker.CAPACITIES.get(kind) or (machine.sold_as(machine_type) if kind == "gpu-vm" else ())


def priced(kind: str, machine_price: Price, capacity: str) -> Price:
    """What a workload of this kind pays for the machine, with what is not known of it said."""
    return sagemaker.with_fee(machine_price) if kind in sagemaker.TYPES else machine_price


def known_only(word: str) -> str | None:
    """Why a chip or machine type that Amazon sells is not built; None where nothing is known of it."""
    return machine.known_only(word)
