"""A plan of a stack: candidates with shape, cost, ends and what stays, room under cap and budget."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.choice.conftest import NOTHING, Planned
from trainyard.choice.plan.as_json import as_json
from trainyard.choice.plan.moving import moves
from trainyard.choice.plan.plan import Plan
from trainyard.choice.plan.room import BudgetRoom, NoBudget, NotRead, Spending
from trainyard.choice.plan.words import lines
from trainyard.facts.price import Unknown
from trainyard.lease.record import Record
from trainyard.settings import load
from trainyard.settings.candidates import accepted

DATA = "        data: { corpus: { kind: bucket, location: europe-west4 }, old: { kind: bucket, id: acme-old } }\n"
ACCELERATOR = "        accelerator: A100:1\n"


NOTEBOOK = {
    "kind: gpu-vm": "kind: notebook\n        idle: { after: 1h, then: stop }",
    "[spot, on-demand]": "[on-demand]",
}


def text(plan: Plan) -> str:
    """On one line: where it wraps does not matter."""
    return " ".join(" ".join(lines(plan)).split())


def test_the_candidates_come_in_the_order_in_which_they_are_tried(planned: Planned) -> None:
    [bench] = planned().workloads
    ways = [option.key.rpartition("/")[2] for option in bench.options]
    assert ways == sorted(ways, key=("spot", "on-demand").index)
    assert bench.taken == bench.options[0].key


def test_each_costs_its_price_over_ttl_and_extend_to_and_the_stack_from_cheapest_to_dearest(planned: Planned) -> None:
    plan = planned()
    [bench] = plan.workloads
    for option in bench.options:
        hour = option.price.usd_hour  # type: ignore[union-attr]
        assert option.to_ttl.low == option.to_ttl.high == (hour * 12).quantize(Decimal("0.01"))
        assert option.to_extend_to.high == (hour * 24).quantize(Decimal("0.01"))
    assert plan.to_ttl.low == min(option.to_ttl.low for option in bench.options)
    assert plan.to_ttl.high == max(option.to_ttl.low for option in bench.options)


def test_two_nodes_cost_twice_as_much(planned: Planned) -> None:
    one = planned().to_ttl
    two = planned({ACCELERATOR: f"{ACCELERATOR}        nodes: 2\n        fabric: none\n"}).to_ttl
    assert abs(two.low - 2 * one.low) < 1
    assert isinstance(two.high, Decimal)
    assert isinstance(one.high, Decimal)
    assert two.high == 2 * one.high


def test_the_cap_is_held_against_the_dearest_accepted_candidates(planned: Planned) -> None:
    plan = planned()
    assert plan.cap.need_usd == plan.to_ttl.high
    assert plan.cap.left_usd == Decimal(100) - plan.cap.need_usd  # type: ignore[operator]
    assert plan.misfits == ()


def test_a_cap_that_is_too_low_does_not_fit_and_says_the_least_that_does(planned: Planned) -> None:
    plan = planned({"cap_usd: 100": "cap_usd: 20"})
    [misfit] = plan.misfits
    assert "raise cap_usd to at least" in misfit
    assert "too little" in text(plan)


def test_a_part_without_known_price_makes_the_high_unknown_and_the_low_what_is_certain(planned: Planned) -> None:
    plan = planned(NOTEBOOK)
    assert isinstance(plan.to_ttl.high, Unknown)
    assert plan.to_ttl.low > 0
    assert "cannot be checked" in plan.misfits[0]
    assert f"≥{plan.to_ttl.low}" in text(plan)


def test_the_budget_is_what_other_leases_and_this_plan_leave_of_it(planned: Planned) -> None:
    plan = planned(others=Spending(usd=Decimal("900.00"), leases=2, unpriced=()))
    assert isinstance(plan.budget, BudgetRoom)
    assert plan.budget.left_usd == Decimal(5000) - 900 - plan.cap.need_usd  # type: ignore[operator]
    assert plan.misfits == ()


def test_a_budget_that_cannot_hold_the_plan_does_not_fit(planned: Planned) -> None:
    plan = planned(others=Spending(usd=Decimal("4990.00"), leases=7, unpriced=()))
    assert "beside 4990.00 USD of its 7 other leases" in plan.misfits[0]


def test_over_its_soft_share_a_budget_warns_and_holds(planned: Planned) -> None:
    plan = planned(others=Spending(usd=Decimal("4100.00"), leases=1, unpriced=()))
    assert "over its soft share of 0.8" in text(plan)
    assert plan.misfits == ()


def test_a_store_that_was_not_read_is_no_budget_that_holds(planned: Planned) -> None:
    plan = planned(others=NotRead("it does not answer"))
    assert "budget not read: it does not answer" in text(plan)
    assert as_json(plan)["budget"] == {"state": "not-read", "note": "it does not answer"}


def test_an_environment_without_budget_says_so(planned: Planned) -> None:
    plan = planned({"budgets: { ml-research": "budgets: { ml-platform"})
    assert plan.budget == NoBudget("ml-research")


def test_what_a_nodes_own_end_leaves_is_its_boot_disk_and_the_clouds_end_leaves_nothing(planned: Planned) -> None:
    first = planned().workloads[0].options[0]
    assert {end.who: end.stays for end in first.ends} == {
        "node": ("boot disk (200 GiB pd-balanced, 0.72 USD a day)",),
        "cloud": (),
    }


def test_a_living_lease_stays_on_the_candidate_that_its_record_names(planned: Planned, held: Record) -> None:
    last = planned().workloads[0].options[-1].key
    [bench] = planned(record=replace(held, placement={"bench": last})).workloads
    assert (bench.taken, bench.held) == (last, True)


def test_a_record_that_names_an_offer_which_has_gone_holds_nothing(planned: Planned, held: Record) -> None:
    [bench] = planned(record=replace(held, placement={"bench": "gcp/nowhere-1a/a2-highgpu-1g/spot"})).workloads
    assert (bench.taken, bench.held) == (bench.options[0].key, False)


def test_two_machine_types_differ_in_more_than_price(planned: Planned) -> None:
    [bench] = planned({"[spot, on-demand]": "[on-demand]"}).workloads
    shapes = {option.candidate.offer.machine_type: option.shape for option in bench.options}
    assert shapes["a2-highgpu-1g"].local_disks == "none"
    assert shapes["a2-ultragpu-1g"].local_disks == "1 SSDs of 375 GiB"
    assert shapes["a2-ultragpu-1g"].cannot_stop is not None


def test_fewer_than_two_ends_stand_before_everything_else(planned: Planned) -> None:
    plan = planned(NOTEBOOK)
    assert list(lines(plan))[1].startswith("! bench: 1 of 2 independent ends.")


def test_data_that_lies_elsewhere_is_priced_or_said_to_be_of_unknown_price(planned: Planned) -> None:
    uses = f"{ACCELERATOR}        data: {{ corpus: read, old: read }}\n        egress: allowed\n"
    plan = planned({ACCELERATOR: uses}, base=DATA)
    reads = {
        (option.candidate.offer.region, each.data, each.place): each.price
        for option in plan.workloads[0].options
        for each in option.reads
    }
    assert set(reads) == {
        ("us-central1", "corpus", "europe-west4"),
        ("us-central1", "old", None),
        ("europe-west4", "old", None),
    }
    assert all(isinstance(price, Unknown) for price in reads.values())
    assert "us-central1 reads corpus from europe-west4" in text(plan)


def test_a_place_that_is_none_for_its_data_is_told(planned: Planned) -> None:
    plan = planned({ACCELERATOR: f"{ACCELERATOR}        data: {{ corpus: read }}\n"}, base=DATA)
    assert "without us-central1 on gcp would read corpus from europe-west4" in text(plan)


def test_a_workload_on_several_clouds_says_what_a_move_means() -> None:
    settings = load(Path(__file__).parents[2] / "stacks", "sandbox-clouds")
    by_name = {each.workload: each for each in accepted(settings)}
    told = {move.cloud: move.image for move in moves(settings, by_name["anywhere"])}
    assert told == {"azure": "ubuntu-hpc-2404", "aws": "dlami-base-ubuntu-2404", "gcp": "ubuntu-2404-nvidia-580"}
    assert moves(settings, by_name["on-google"]) == ()


@pytest.mark.parametrize("every", [False, True])
def test_people_read_it_in_a_hundred_columns(planned: Planned, every: bool) -> None:
    told = list(lines(planned(), every=every))
    assert max(len(line) for line in told) <= 100


def test_the_json_holds_every_candidate_and_is_the_same_each_time(planned: Planned) -> None:
    plan = planned()
    first, second = json.dumps(as_json(plan)), json.dumps(as_json(planned()))
    assert first == second
    assert len(json.loads(first)["workloads"]["bench"]["candidates"]) == len(plan.workloads[0].options)


def test_the_page_names_every_key_of_the_json(planned: Planned) -> None:
    page = (Path(__file__).parents[2] / "docs" / "plan.md").read_text()
    told = as_json(planned())
    [workload] = told["workloads"].values()
    [first, *_] = workload["candidates"]
    sections = (told, told["lease"], told["cost"], told["cap"], told["budget"], workload, first, first["price"])
    assert [key for section in sections for key in section if f"`{key}" not in page] == []


def test_nothing_else_is_spent_where_the_store_is_empty(planned: Planned) -> None:
    plan = planned(others=NOTHING)
    assert isinstance(plan.budget, BudgetRoom)
    assert plan.budget.others.usd == 0
