from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from trainyard.facts.capacity import FlexStart, OnDemand, Reserved, Spot
from trainyard.facts.cost import Need, cap_error, dearest, outlook
from trainyard.facts.expiry import Expiry
from trainyard.facts.offer import load_machine_offers
from trainyard.facts.price import Estimated, Unknown
from trainyard.facts.request import Request
from trainyard.facts.selection import Candidate, Selection, select

HALF_DAY = timedelta(hours=12)


def chosen(*capacities: object) -> Selection:
    request = Request(
        cloud="gcp",
        chip="H100",
        count=8,
        machine_type="a3-highgpu-8g",
        zones=("us-central1-a",),
        capacities=capacities,  # type: ignore[arg-type]
    )
    return select(request, load_machine_offers("gcp"))


def test_the_dearest_accepted_candidate_decides() -> None:
    need = dearest(chosen(Spot(), OnDemand()).candidates, HALF_DAY)
    assert need.candidate.capacity == OnDemand()
    assert need.usd == Decimal("1061.88")


def test_two_nodes_cost_twice_as_much() -> None:
    need = dearest(chosen(OnDemand()).candidates, HALF_DAY, nodes=2)
    assert need.usd == Decimal("2123.76")


def test_one_unknown_price_among_the_accepted_makes_the_need_unknown() -> None:
    calendar = Reserved(id="week", bound=True)
    need = dearest(chosen(OnDemand(), calendar).candidates, HALF_DAY)
    assert isinstance(need.usd, Unknown)
    assert need.candidate.capacity == calendar


def test_flex_start_needs_no_more_than_on_demand() -> None:
    flex, demand = (dearest(chosen(way).candidates, HALF_DAY).usd for way in (FlexStart(), OnDemand()))
    assert flex == demand


def test_an_agreed_price_is_taken_as_it_is() -> None:
    way = Reserved(id="week", bound=True, usd_hour=Decimal("50.5"))
    assert dearest(chosen(way).candidates, HALF_DAY).usd == Decimal("606.00")


def test_an_estimate_counts_only_where_the_environment_lets_it() -> None:
    first = chosen(OnDemand()).first
    guess = Estimated(usd_hour=Decimal(10), date=date(2026, 1, 1), source="x", how="GPUs alone")
    candidate = Candidate(offer=first.offer, capacity=first.capacity, price=guess)
    assert dearest([candidate], HALF_DAY).usd == Unknown("it is only estimated (GPUs alone)")
    assert dearest([candidate], HALF_DAY, estimates=True).usd == Decimal("120.00")


def test_a_cap_that_holds_the_need_is_no_error() -> None:
    needs = {"finetune": dearest(chosen(OnDemand()).candidates, HALF_DAY)}
    assert cap_error(needs, Decimal("1061.88")) is None


def test_a_cap_below_the_need_is_refused_with_the_sum_and_the_ways_on() -> None:
    needs = {"finetune": dearest(chosen(OnDemand()).candidates, HALF_DAY)}
    error = cap_error(needs, Decimal("1000"))
    assert error == (
        "cap_usd 1000 cannot hold 1061.88 USD, the dearest accepted candidates over the ttl "
        "(finetune: a3-highgpu-8g on-demand in us-central1-a for 12h = 1061.88 USD); "
        "raise cap_usd to at least 1061.88, shorten ttl, or accept fewer candidates."
    )


def test_a_cap_holds_the_sum_over_all_workloads() -> None:
    need = dearest(chosen(OnDemand()).candidates, HALF_DAY)
    assert cap_error({"a": need, "b": need}, Decimal("2123.75")) is not None
    assert cap_error({"a": need, "b": need}, Decimal("2123.76")) is None


def test_no_cap_holds_an_unknown_price() -> None:
    need: Need = dearest(chosen(Reserved(id="week", bound=True)).candidates, HALF_DAY)
    error = cap_error({"finetune": need}, Decimal(10**9))
    assert error is not None
    assert "no known price (it is paid with its reservation" in error


def test_the_outlook_reaches_to_both_ends() -> None:
    expiry = Expiry(
        start=datetime(2026, 11, 24, tzinfo=UTC),
        ttl=HALF_DAY,
        extend_to=timedelta(hours=24),
        extensions=timedelta(hours=6),
    )
    found = outlook(chosen(OnDemand()).first, expiry)
    assert found.to_soft_end == Decimal("1592.82")
    assert found.to_hard_end == Decimal("2123.76")
