"""A plan as JSON: stable names, amounts as text in USD, null where nothing is known."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from trainyard.choice.plan.money import Range
from trainyard.choice.plan.plan import Option, Plan, WorkloadPlan
from trainyard.choice.plan.room import BudgetRoom, NoBudget, NotRead
from trainyard.facts.expiry import format_duration, format_time
from trainyard.facts.price import AtLeast, AtMost, Estimated, Price, Unknown, usd

SCHEMA = 1


def as_json(plan: Plan) -> dict[str, Any]:
    """docs/plan.md names every key."""
    expiry = plan.expiry
    return {
        "schema": SCHEMA,
        "stack": plan.stack,
        "environment": plan.environment,
        "origin": plan.origin.value,
        "lease": {
            "id": plan.lease_id,
            "ttl": format_duration(expiry.ttl),
            "extend_to": format_duration(expiry.extend_to),
            "cap_usd": str(plan.cap.cap_usd),
            "at_limit": plan.at_limit,
            "not_read": plan.unread,
        },
        "at": format_time(plan.at),
        "currency": "USD",
        "fits": not plan.misfits,
        "misfits": list(plan.misfits),
        "warnings": list(plan.warnings),
        "cost": {"to_ttl": _range(plan.to_ttl), "to_extend_to": _range(plan.to_extend_to)},
        "cap": {
            "usd": str(plan.cap.cap_usd),
            "need_usd": _amount(plan.cap.need_usd),
            "left_usd": _amount(plan.cap.left_usd),
            "spent_usd": _amount(plan.cap.spent_usd),
        },
        "budget": _budget(plan),
        "workloads": {each.workload: _workload(each) for each in plan.workloads},
    }


def price_json(price: Price) -> dict[str, Any]:
    """Kind, figure, date and source of a price, and what is missing of it."""
    kind = {AtLeast: "at-least", AtMost: "at-most", Estimated: "estimated", Unknown: "unknown"}.get(type(price))
    figure = usd(price)
    date = getattr(price, "date", None)
    told = {
        "kind": kind or type(price).__name__.lower(),
        "usd_hour": None if figure is None else str(figure),
        "date": date.isoformat() if date else None,
        "source": getattr(price, "source", None),
    }
    for key in ("lacks", "why", "how", "reason"):
        if words := getattr(price, key, None):
            told["note"] = words
    return told


def _workload(each: WorkloadPlan) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "nodes": each.nodes,
        "taken": each.taken,
        "held": each.held,
        "reason": each.reason,
        "left_out": list(each.left_out),
        "runs_on": each.runs_on,
        "candidates": [_option(option) for option in each.options],
        "moves": [
            {
                "cloud": move.cloud,
                "image": move.image,
                "data": list(move.data),
                "machine_type": move.first,
                "price": price_json(move.price),
            }
            for move in each.moves
        ],
    }


def _option(option: Option) -> dict[str, Any]:
    offer, shape = option.candidate.offer, option.shape
    return {
        "candidate": option.key,
        "cloud": offer.cloud,
        "region": offer.region,
        "zone": offer.zone or None,
        "machine_type": offer.machine_type,
        "accelerator": {
            "chip": offer.accelerator.chip,
            "count": offer.accelerator_count,
            "memory_gib": offer.accelerator.memory_gib,
            "form": offer.accelerator.form,
            "fabric": offer.accelerator.fabric,
        },
        "vcpus": shape.vcpus,
        "memory_gib": shape.memory_gib,
        "boot_disk": shape.boot_disk,
        "local_disks": shape.local_disks,
        "interfaces": shape.interfaces,
        "image": shape.image,
        "cannot_stop": shape.cannot_stop,
        "price": price_json(option.price),
        "to_ttl": _range(option.to_ttl),
        "to_extend_to": _range(option.to_extend_to),
        "ends": [{"who": end.who, "means": end.means, "stays": list(end.stays)} for end in option.ends],
        "late": option.late,
        "reads": [
            {
                "data": each.data,
                "from": each.place,
                "usd_gib": None if isinstance(each.price, Unknown) else str(each.price.usd_gib),
                "source": None if isinstance(each.price, Unknown) else each.price.source,
            }
            for each in option.reads
        ],
    }


def _budget(plan: Plan) -> dict[str, Any]:
    match plan.budget:
        case NotRead(why=why):
            return {"state": "not-read", "note": why}
        case NoBudget(cost_center=center):
            return {"state": "none", "cost_center": center}
        case BudgetRoom() as room:
            return {
                "state": "read",
                "cost_center": room.cost_center,
                "limit_usd": str(room.budget.limit_usd),
                "period": room.budget.period,
                "others_usd": str(room.others.usd),
                "others": room.others.leases,
                "unpriced": list(room.others.unpriced),
                "left_usd": _amount(room.left_usd),
                "over_soft": room.warns,
            }


def _range(of: Range) -> dict[str, str | None]:
    return {"low_usd": str(of.low), "high_usd": _amount(of.high)}


def _amount(amount: Decimal | Unknown | None) -> str | None:
    return str(amount) if isinstance(amount, Decimal) else None
