"""Offers by what a kind of workload pays on them."""

from decimal import Decimal

import pytest

from trainyard.choice.offers.answer import answer
from trainyard.choice.offers.ask import Ask, AskError
from trainyard.choice.offers.index import Catalogue
from trainyard.choice.offers.query import search
from trainyard.facts.accelerator import Wanted
from trainyard.facts.price import AtLeast, Estimated

L4 = Ask(wanted=Wanted(chip="L4"), count=1, capacities=("on-demand",))


def test_a_job_pays_its_service_too_and_the_order_follows(catalogue: Catalogue) -> None:
    machine = search(L4, catalogue).rows
    job = answer("L4", L4, catalogue, kind="training-job").rows
    google = next(row for row in job if row.cloud == "gcp")
    base = next(row for row in machine if (row.machine_type, row.place) == (google.machine_type, google.place))
    assert isinstance(google.price, Estimated)
    assert google.price_usd_hour == (base.price_usd_hour or 0) * Decimal("1.15")
    prices = [row.price_usd_hour for row in job if row.price_usd_hour is not None]
    assert prices == sorted(prices)


def test_a_fee_that_no_source_tells_makes_a_lower_bound(catalogue: Catalogue) -> None:
    rows = answer("L4", L4, catalogue, kind="training-job").rows
    amazon = next(row for row in rows if row.cloud == "aws" and row.price_usd_hour is not None)
    assert isinstance(amazon.price, AtLeast)
    assert amazon.price.lacks == "SageMaker's own fee"


def test_the_limit_in_money_holds_what_the_workload_pays(catalogue: Catalogue) -> None:
    limit = next(row.price_usd_hour for row in search(L4, catalogue).rows if row.cloud == "gcp")
    ask = Ask(wanted=L4.wanted, count=1, capacities=("on-demand",), clouds=("gcp",), max_usd_hour=limit)
    found = answer("L4", ask, catalogue, kind="training-job")
    assert search(ask, catalogue).rows
    assert not found.rows
    text = "\n".join(found.lines(None, explain=False))
    assert "L4: 0 of" in text
    assert f"dearer than {limit} USD/h" in text


def test_what_is_left_out_for_the_kind_is_counted(catalogue: Catalogue) -> None:
    found = answer("L4", Ask(wanted=L4.wanted, count=1), catalogue, kind="notebook")
    assert sum(found.left_out.values()) + len(found.rows) == len(found.found.rows)
    assert any("takes no spot machines" in why for why in found.left_out)


def test_a_kind_that_is_none_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(AskError, match="give one of gpu-vm, tpu-node, training-job, notebook"):
        answer("L4", L4, catalogue, kind="lab")
