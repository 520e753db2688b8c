"""Advice as plain data; money as text, so that no digit is lost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from trainyard.choice.advice.advise import Advice
from trainyard.choice.advice.candidates import Candidate, Left
from trainyard.choice.advice.run import Run
from trainyard.choice.advice.words import parts_of
from trainyard.choice.advice.work import flops
from trainyard.choice.offers.words import note
from trainyard.facts.price import Agreed, Unknown

_CENT = Decimal("0.01")


def as_data(advice: Advice) -> dict[str, object]:
    """All of it."""
    return {
        "run": _run(advice.run),
        "in_time": advice.in_time,
        "have": list(advice.have),
        "candidates": [_candidate(advice.run, each) for each in advice.ranked],
        "left_out": _left(advice),
        "nearest": list(advice.nearest),
        "buying": _buying(advice),
    }


def _run(run: Run) -> dict[str, object]:
    model = run.model
    return {
        "model": model.name,
        "params": model.params,
        "active_params": model.active_params,
        "shape": {"layers": model.layers, "hidden": model.hidden, "heads": model.heads, "vocab": model.vocab},
        "shape_source": model.source,
        "method": run.method,
        "tokens": run.tokens,
        "deadline_hours": run.deadline / timedelta(hours=1) if run.deadline else None,
        "sequence": run.sequence,
        "micro_batch": run.micro_batch,
        "precision": run.precision,
        "optimizer": run.optimizer,
        "checkpointing": run.checkpointing,
        "zero": run.zero,
        "rank": None if run.method == "full" else run.rank,
        "flops": flops(run),
    }


def _candidate(run: Run, each: Candidate) -> dict[str, object]:
    row, price = each.offered, each.price
    dated = None if isinstance(price, Unknown | Agreed) else price
    return {
        "way": each.way,
        "cloud": row.cloud,
        "region": row.region,
        "zone": row.zone or None,
        "machine_type": row.machine_type,
        "machines": each.machines,
        "accelerator": row.accelerator.chip,
        "accelerator_memory_gb": row.accelerator.memory_gib,
        "accelerators": each.accelerators,
        "capacity": row.capacity,
        "in_time": each.meets(run.deadline),
        "hours": {"least": round(each.hours.least, 2), "most": round(each.hours.most, 2)},
        "usd": None if each.usd is None else {"least": _cents(each.usd.least), "most": _cents(each.usd.most)},
        "usd_hour": None if each.usd_hour is None else _plain(each.usd_hour),
        "price_is": type(price).__name__,
        "price_note": note(price),
        "price_date": str(dated.date) if dated else None,
        "price_source": dated.source if dated else None,
        "memory_bytes": {name: round(value) for name, value in parts_of(each)},
        "memory_needed_gb": round(each.memory.needed_gb, 1),
        "peak_tflops": each.peak.tflops,
        "peak_format": each.peak.format,
        "peak_source": each.peak.source,
        "utilisation": {
            "low": each.utilisation.low,
            "high": each.utilisation.high,
            "measured_on": list(each.utilisation.measured_on),
            "measured_on_this_chip": each.measured,
            "source": each.utilisation.source,
        },
    }


def _left(advice: Advice) -> list[dict[str, object]]:
    groups: dict[str, list[str]] = {}
    for each in advice.left:
        groups.setdefault(each.why, []).append(f"{each.offered.cloud} {each.offered.machine_type}")
    return [{"why": why, "count": len(names), "examples": names[:3]} for why, names in groups.items()]


def _buying(advice: Advice) -> dict[str, object]:
    purchase, even, bought = advice.purchase, advice.break_even, advice.bought
    data: dict[str, object] = {
        "purchase_usd": None if purchase.usd is None else _plain(purchase.usd),
        "usd_kwh": None if purchase.usd_kwh is None else _plain(purchase.usd_kwh),
        "watts": purchase.watts,
        "years": purchase.years,
        "busy_percent": purchase.busy_percent,
        "why_not": bought.why if isinstance(bought, Left) else None,
    }
    if even is not None:
        data |= {
            "against": f"{even.rented.offered.cloud} {even.rented.offered.machine_type} {even.rented.offered.capacity}",
            "saved_usd_month": {"least": _cents(even.saved_usd_month[0]), "most": _cents(even.saved_usd_month[1])},
            "worth_usd_at_most": _cents(even.worth_usd),
            "break_even_month": None
            if even.months is None
            else {"soonest": round(even.months[0], 1), "latest": round(even.months[1], 1)},
            "lacks": even.lacks or None,
        }
    return data


def _cents(usd: Decimal) -> str:
    return str(usd.quantize(_CENT))


def _plain(usd: Decimal) -> str:
    return f"{usd.normalize():f}"
