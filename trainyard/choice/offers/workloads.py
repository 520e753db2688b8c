"""Offers as what a kind of workload pays on them: a managed service's fee on top, no machine that it cannot have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from trainyard.choice.offers.ask import AskError
from trainyard.choice.offers.query import Offered
from trainyard.facts import kinds, surcharge
from trainyard.facts.price import Price, usd

KINDS = ("gpu-vm", "tpu-node", "training-job", "notebook")


@dataclass(frozen=True, kw_only=True)
class ForKind:
    """The offers in the order of what the workload pays, and how many are left out for which reason."""

    rows: list[Offered]
    left_out: dict[str, int]


def for_kind(rows: Iterable[Offered], kind: str, max_usd_hour: Decimal | None) -> ForKind:
    """The offers that a workload of this kind can have; AskError for a kind that is none."""
    if kind not in KINDS:
        message = f'no kind is named "{kind}"; give one of {", ".join(KINDS)}.'
        raise AskError(message)
    kept: list[Offered] = []
    left_out: Counter[str] = Counter()
    for row in rows:
        why = kinds.not_built(kind, row.cloud, row.machine_type) or kinds.not_sold(
            kind, row.cloud, row.machine_type, row.capacity
        )
        if why:
            left_out[why] += 1
            continue
        price = _price(kind, row)
        paid = replace(row, price=price, price_usd_hour=usd(price))
        if max_usd_hour is None:
            kept.append(paid)
        elif paid.price_usd_hour is None:
            left_out["no known price, and a limit in money was given"] += 1
        elif paid.price_usd_hour > max_usd_hour:
            left_out[f"dearer than {max_usd_hour:f} USD/h"] += 1
        else:
            kept.append(paid)
    kept.sort(key=lambda row: (row.price_usd_hour is None, row.price_usd_hour or Decimal(0)))
    return ForKind(rows=kept, left_out=dict(left_out.most_common()))


def _price(kind: str, row: Offered) -> Price:
    return surcharge.estimated(kind, row.cloud, row.machine_type, row.capacity, row.price) or kinds.priced(
        kind, row.cloud, row.price, row.capacity
    )
