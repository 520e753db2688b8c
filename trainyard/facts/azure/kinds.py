"""What each kind of workload can be made of on Azure: one question, answered by the facts of its kind."""

from __future__ import annotations

from trainyard.facts.azure import learning, machine_types
from trainyard.facts.price import Price


def not_built(kind: str, machine_type: str) -> str | None:
    """Why a workload of this kind cannot be built of this size; None when it can."""
    if kind == "gpu-vm":
        return machine_types.not_built(machine_type)
    if kind in learning.CAPACITIES:
        return learning.not_built(machine_type)
    return f"{kind} is not built yet on azure"


def not_sold(kind: str, machine_type: str, capacity: str) -> str | None:
    """Why Azure does not sell this size as that capacity to this kind; None where nothing is known against it."""
    if kind in learning.CAPACITIES:
        return learning.not_sold(kind, capacity)
    sold = sold_as(kind, machine_type)
    if not sold or capacity in sold:
        return None
    return f"not sold as {capacity}, only as {', '.join(sold)}"


def sold_as(kind: str, machine_type: str) -> tuple[str, ...]:
    """The names of the capacities that the size is sold as; empty where that is not known."""
    return learning.CAPACITIES.get(kind) or (machine_types.sold_as(machine_type) if kind == "gpu-vm" else ())


def priced(kind: str, machine_price: Price, capacity: str) -> Price:
    """What a workload of this kind pays for the machine, with what is not known of it said."""
    return learning.price(machine_price, capacity) if kind in learning.CAPACITIES else machine_price


def known_only(word: str) -> str | None:
    """Why a chip or size that Azure sells is not built; None where nothing is known of it."""
    return {**machine_types.REFUSED, **machine_types.REFUSED_CHIPS}.get(word)
