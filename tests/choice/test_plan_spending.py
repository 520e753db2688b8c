"""What a cost center's other leases take of its budget, as the store's records have it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from trainyard.choice.plan.spending import period_start, records, spending
from trainyard.facts.origin import Origin
from trainyard.lease.record import Record, Spend, Terms, Workload
from trainyard.lease.store import open_store

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def record(name: str, *, start: datetime = NOW - 4 * HOUR, usd_hour: str | None = "2", center: str = "lab") -> Record:
    granted = Workload(
        kind="gpu-vm",
        nodes=1,
        cloud="gcp",
        scope="gcp:acme",
        place="europe-west4-a",
        machine_type="g2-standard-8",
        capacity="on-demand",
        usd_hour=Decimal(usd_hour) if usd_hour else None,
    )
    return Record(
        id=name,
        origin=Origin.CLOUD,
        project="acme",
        stack=name,
        environment="dev",
        backend="gs://acme",
        holder="h",
        scopes=(),
        terms=Terms(
            start=start,
            ttl=10 * HOUR,
            extend_to=20 * HOUR,
            hard_end=start + 20 * HOUR,
            cap_usd=Decimal(100),
            at_limit="end",
            grace=HOUR,
            owner="ml",
            cost_center=center,
            workloads={"w": granted},
        ),
    )


def counted(*found: Record, period: str = "month", but: str | None = None) -> tuple[Decimal, int, tuple[str, ...]]:
    told = spending(found, "lab", period, NOW, but)
    return told.usd, told.leases, told.unpriced


def test_a_living_lease_counts_until_its_soft_end() -> None:
    assert counted(record("a")) == (Decimal(20), 1, ())


def test_what_was_metered_counts_instead_of_the_terms_and_the_rest_is_committed() -> None:
    metered = replace(record("a"), spend=Spend(usd=Decimal(5), at=NOW))
    assert counted(metered) == (Decimal(17), 1, ())


def test_an_ended_lease_counts_what_it_ran() -> None:
    assert counted(replace(record("a"), ended=NOW - HOUR)) == (Decimal(6), 1, ())


def test_a_lease_that_ended_before_the_period_counts_nothing() -> None:
    old = replace(record("a", start=datetime(2026, 10, 1, tzinfo=UTC)), ended=datetime(2026, 10, 2, tzinfo=UTC))
    assert counted(old) == (Decimal(0), 0, ())
    assert counted(old, period="quarter") == (Decimal(48), 1, ())


def test_another_cost_center_counts_nothing() -> None:
    assert counted(record("a", center="other")) == (Decimal(0), 0, ())


def test_the_leases_own_record_is_left_to_its_plan_but_its_earlier_lives_count() -> None:
    assert counted(record("a"), but="a")[0] == 0
    assert counted(replace(record("a"), ended=NOW - HOUR), but="a")[0] == 6


def test_a_lease_of_unknown_price_is_told_and_never_counted_as_nothing_known() -> None:
    assert counted(record("a", usd_hour=None)) == (Decimal(0), 1, ("a",))


@pytest.mark.parametrize(("period", "month"), [("month", 11), ("quarter", 10), ("year", 1)])
def test_a_period_begins_with_its_first_month(period: str, month: int) -> None:
    assert period_start(period, NOW) == datetime(2026, month, 1, tzinfo=UTC)


def test_all_records_of_a_store_are_read_those_of_earlier_lives_too(tmp_path: Path) -> None:
    store = open_store(tmp_path.as_uri())
    first = replace(record("a", start=NOW - 40 * HOUR), ended=NOW - 30 * HOUR)
    version = store.create(first)
    store.archive("a")
    store.replace(record("a"), version)
    store.create(record("b"))
    assert {(each.id, each.ended) for each in records(store)} == {("a", None), ("a", NOW - 30 * HOUR), ("b", None)}


def test_an_ended_record_that_also_lies_in_the_archive_counts_once(tmp_path: Path) -> None:
    store = open_store(tmp_path.as_uri())
    store.create(replace(record("a"), ended=NOW - HOUR))
    store.archive("a")
    assert len(records(store)) == 1
