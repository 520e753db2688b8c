"""What the leases of a store took of a cost center's budget: read once, counted without a cloud."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from trainyard.choice.plan.room import Spending
from trainyard.lease.record import Record
from trainyard.lease.store import Held, Store

_HOUR = timedelta(hours=1)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def records(store: Store) -> tuple[Record, ...]:
    """All records that can be read, living and ended; LeaseError when the store cannot be."""
    found = []
    for lease_id in store.list_ids():
        match store.read(lease_id):
            case Held(record, _):
                found.append(record)
        found += [record for record in store.archived(lease_id) if record not in found]
    return tuple(found)


def spending(found: Iterable[Record], cost_center: str, period: str, now: datetime, but: str | None) -> Spending:
    """Over the period that holds `now`; `but`: the living lease whose own plan is counted instead.

    What the guard metered counts whole in the period in which a lease lives; without a meter its terms count.
    """
    since = period_start(period, now)
    usd, leases, unpriced = Decimal(0), 0, []
    for record in found:
        if record.terms.cost_center != cost_center or (record.id == but and record.ended is None):
            continue
        if (record.ended or record.expiry.hard_end) < since:
            continue
        leases += 1
        cost, whole = _cost(record, since, now)
        usd += cost
        if not whole:
            unpriced.append(record.id)
    return Spending(usd=usd.quantize(Decimal("0.01")), leases=leases, unpriced=tuple(unpriced))


def period_start(period: str, now: datetime) -> datetime:
    """The first moment of the month, quarter or year, in UTC."""
    months = _MONTHS[period]
    month = (now.month - 1) // months * months + 1
    return datetime(now.year, month, 1, tzinfo=UTC)


def _cost(record: Record, since: datetime, now: datetime) -> tuple[Decimal, bool]:
    """What a lease has cost and is committed to, and whether all of its parts have a price."""
    prices = [workload.usd_hour for workload in record.terms.workloads.values()]
    rate = sum((price for price in prices if price is not None), Decimal(0))
    start = max(record.terms.start, since)
    if record.ended is not None:
        spent = record.spend.usd if record.spend else _over(rate, record.ended - start)
        return spent, record.spend is not None or None not in prices
    committed = _over(rate, record.expiry.soft_end - max(now, start))
    spent = record.spend.usd if record.spend else _over(rate, now - start)
    return spent + committed, None not in prices


def _over(rate: Decimal, span: timedelta) -> Decimal:
    minutes = max(span, timedelta()) // timedelta(minutes=1)
    return rate * minutes / (_HOUR // timedelta(minutes=1))
