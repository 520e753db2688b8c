from datetime import date
from decimal import Decimal

import pytest

from trainyard.facts.azure.learning import LACKS_PARTS, price
from trainyard.facts.azure.learning_conflicts import JobAsked, NotebookAsked, job_conflicts, notebook_conflicts
from trainyard.facts.ends import independent_ends, late_end
from trainyard.facts.expiry import ttl_limit
from trainyard.facts.price import Agreed, AtLeast, Known, Unknown

MACHINE = Known(usd_hour=Decimal(3), date=date(2026, 11, 1), source="a price list")


def test_a_machine_bills_as_the_virtual_machine_does_and_its_disks_besides() -> None:
    found = price(MACHINE, "on-demand")
    assert isinstance(found, AtLeast)
    assert (found.usd_hour, found.lacks) == (Decimal(3), LACKS_PARTS)


def test_a_low_priority_machine_has_no_price_here_for_it_is_no_spot_machine() -> None:
    assert isinstance(price(MACHINE, "spot"), Unknown)
    agreed = Agreed(usd_hour=Decimal(1))
    assert price(agreed, "spot") == agreed


def test_a_jobs_timeout_ends_it_and_a_notebook_has_no_end_but_the_guards() -> None:
    assert independent_ends("training-job", "azure", "spot") == 1
    assert independent_ends("notebook", "azure", "on-demand") == 0
    assert "comes on top of the hard end" in (late_end("training-job", "azure", "on-demand") or "")


@pytest.mark.parametrize(("capacity", "days"), [("on-demand", 21), ("spot", 7)])
def test_a_job_lives_for_weeks_at_most(capacity: str, days: int) -> None:
    limit = ttl_limit("training-job", "azure", capacity)
    assert limit is not None
    assert limit.longest.days == days


def test_every_row_that_stands_against_a_job_or_a_notebook_names_its_source_and_the_way_out() -> None:
    job = JobAsked(
        capacity="spot",
        nodes=101,
        command=False,
        retries=True,
        runs_on=True,
        tensorboard=True,
        wanted_fabric="none",
    )
    notebook = NotebookAsked(people=0, others=1, idle=False, idle_ends=True, image=True, data=True)
    rows = [*job_conflicts(job), *notebook_conflicts(notebook)]
    assert len(rows) == len({row.name for row in rows}) == 12
    assert [row.name for row in rows if "learn.microsoft.com" not in row.source] == []
    assert [row.name for row in rows if not any(word in row.text for word in ("give", "remove", "at most"))] == []
    assert list(job_conflicts(JobAsked(capacity="on-demand"))) == []
    assert list(notebook_conflicts(NotebookAsked(people=1))) == []
