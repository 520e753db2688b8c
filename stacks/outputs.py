"""What a compute stack shows when it is up: its machines, what they cost until they are gone, how they end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from stacks.environment import Environment
from stacks.placement import Placement
from trainyard.facts.capacity import name
from trainyard.facts.cost import Outlook, outlook
from trainyard.facts.ends import ends_for, late_end
from trainyard.facts.expiry import Expiry, format_time
from trainyard.facts.origin import Origin
from trainyard.facts.price import Price, Unknown, scaled, text, usd
from trainyard.settings.lease import Lease

NOT_IN_THE_SUM = "disks and traffic"


def outputs(
    environment: Environment,
    lease: Lease,
    expiry: Expiry,
    placements: Sequence[Placement],
    machines: Mapping[str, Mapping[str, Any]],
) -> dict[str, object]:
    """Plain but for what the cloud gives; nothing here changes from one hour to the next."""
    costs = [outlook(each.candidate, expiry, nodes=each.nodes) for each in placements]
    shown = {
        each.workload: _workload(
            each, cost, environment.settings.workloads[each.workload].kind, machines[each.workload]
        )
        for each, cost in zip(placements, costs, strict=True)
    }
    return {
        "origin": environment.origin.value,
        "lease": {
            "id": environment.lease_id,
            "origin": environment.origin.value,
            "start": format_time(expiry.start),
            "soft_end": format_time(expiry.soft_end),
            "hard_end": format_time(expiry.hard_end),
            "cap_usd": str(lease.cap_usd),
            "at_limit": lease.at_limit,
        },
        "workloads": shown,
        "cost": _sum([_hourly(each) for each in placements], costs),
        "remove": _remove(environment),
    }


def _workload(placement: Placement, cost: Outlook, kind: str, machine: Mapping[str, Any]) -> dict[str, object]:
    told = dict(machine)
    bought = told.pop("ends_as", kind), placement.candidate.offer.cloud, name(placement.candidate.capacity)
    ending, late = ends_for(*bought), late_end(*bought)
    offer = placement.candidate.offer
    accelerator = f"{offer.accelerator.chip}:{offer.accelerator_count}"
    way = name(placement.candidate.capacity)
    return {
        "offer": f"{offer.machine_type} ({accelerator}) {way} in {offer.place}",
        "price": text(_hourly(placement)),
        "to_soft_end": _usd(cost.to_soft_end),
        "to_hard_end": _usd(cost.to_hard_end),
        "ends": [end.who.value for end in ending if end.independent],  # that hold with neither guard nor pipeline
        **({"late_end": late} if late else {}),
        **told,
    }


def _sum(hourly: Sequence[Price], costs: Sequence[Outlook]) -> dict[str, str]:
    known = [each for price in hourly if (each := usd(price)) is not None]
    return {
        "price": f"{sum(known, Decimal(0)):.2f} USD/h" if len(known) == len(hourly) else "unknown",
        "to_soft_end": _total([cost.to_soft_end for cost in costs]),
        "to_hard_end": _total([cost.to_hard_end for cost in costs]),
        "without": NOT_IN_THE_SUM,
    }


def _hourly(placement: Placement) -> Price:
    return scaled(placement.candidate.price, Decimal(placement.nodes))


def _total(parts: Sequence[Decimal | Unknown]) -> str:
    known = [part for part in parts if isinstance(part, Decimal)]
    return _usd(sum(known, Decimal(0))) if len(known) == len(parts) else "unknown"


def _usd(amount: Decimal | Unknown) -> str:
    return "unknown" if isinstance(amount, Unknown) else f"{amount:.2f} USD"


def _remove(environment: Environment) -> str:
    command = f"pulumi destroy --stack {environment.stack}"
    return f"trainyard sandbox exec -- {command}" if environment.origin is Origin.SANDBOX else command
