"""What fits, how many, how long and for how much; what ranks first, and what is said where nothing does."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from trainyard.choice.advice.advise import Advice, advise
from trainyard.choice.advice.buying import Purchase
from trainyard.choice.advice.candidates import TOO_SMALL, Candidate, Left, candidates
from trainyard.choice.advice.memory import memory
from trainyard.choice.advice.run import AdviceError, Run
from trainyard.choice.advice.work import flops, scale, utilisation
from trainyard.choice.offers.query import Offered
from trainyard.facts.price import AtLeast, Estimated, Unknown

DAY = date(2026, 11, 24)
H100 = "h100-80-sxm-efa"
Offers = Callable[..., Offered]
Runs = Callable[..., Run]


def advice(run: Run, *rows: Offered, purchase: Purchase | None = None, **more: object) -> Advice:
    return advise(run, rows, purchase=purchase or Purchase(today=DAY), **more)  # type: ignore[arg-type]


def vm(told: Advice) -> Candidate:
    found = told.best("VM")
    assert found is not None
    return found


def test_hours_and_dollars_are_the_flops_over_what_the_accelerators_reach(run: Runs, offers: Offers) -> None:
    asked = run()
    found = vm(advice(asked, offers("aws", "p5.48xlarge", H100, 8, "40")))
    seconds = flops(asked) / (8 * 989.5e12)
    assert found.hours.most == pytest.approx(seconds / 3600 / 0.30)
    assert found.hours.least == pytest.approx(seconds / 3600 / 0.64)
    assert found.usd is not None
    assert float(found.usd.most) == pytest.approx(40 * found.hours.most)


def test_a_run_takes_as_many_machines_as_hold_it(run: Runs, offers: Offers) -> None:
    row = offers("aws", "p5.48xlarge", H100, 8, "40")
    asked = run("llama-3-70b", tokens=10**6)
    found = vm(advice(asked, row))
    assert memory(asked, found.accelerators).needed_gb <= 80
    assert memory(asked, found.accelerators - 8).needed_gb > 80


def test_machines_without_a_fabric_between_them_stay_one(run: Runs, offers: Offers) -> None:
    row = offers("aws", "g6.48xlarge", "l4-24-pcie-none", 8, "5")
    told = advice(run("llama-3-70b", tokens=10**6), row)
    assert told.best("VM") is None
    assert Left(row, TOO_SMALL) in told.left


def test_more_machines_are_taken_until_the_run_ends_in_time(run: Runs, offers: Offers) -> None:
    row = offers("aws", "p5.48xlarge", H100, 8, "40")
    asked = run("llama-3-8b", tokens=20 * 10**9, deadline=timedelta(hours=48))
    found = vm(advice(asked, row))
    assert found.machines > 1
    assert found.meets(asked.deadline) == "yes"


def test_in_time_at_the_high_end_only_is_neither_yes_nor_no(run: Runs, offers: Offers) -> None:
    row = offers("aws", "g6.48xlarge", "l4-24-pcie-none", 8, "5")
    free = vm(advice(run(deadline=None, tokens=10**7), row))
    between = timedelta(hours=(free.hours.least + free.hours.most) / 2)
    assert free.meets(None) is None
    assert free.meets(between) == "at best"
    assert free.meets(timedelta(hours=free.hours.most * 1.01)) == "yes"
    assert free.meets(timedelta(hours=free.hours.least * 0.99)) == "no"


def test_what_is_cheap_comes_first_and_what_has_no_price_last_of_those_in_time(run: Runs, offers: Offers) -> None:
    rows = [
        offers("aws", "p5.48xlarge", H100, 8, "40"),
        offers("coreweave", "gd-8xh100ib-i128", "h100-80-sxm-infiniband", 8, "20"),
        offers("azure", "Standard_ND96isr_H100_v5", "h100-80-sxm-infiniband", 8, None),
    ]
    ranked = [each.offered.cloud for each in advice(run(), *rows).ranked if each.way in ("VM", "specialised")]
    assert ranked == ["coreweave", "aws", "azure"]


def test_an_unknown_price_is_no_cost_at_all(run: Runs, offers: Offers) -> None:
    found = vm(advice(run(), offers("aws", "p5.48xlarge", H100, 8, None)))
    assert isinstance(found.price, Unknown)
    assert found.usd is None


def test_ones_own_cloud_breaks_ties_and_only_ties(run: Runs, offers: Offers) -> None:
    def first(aws: str, azure: str, have: tuple[str, ...]) -> str:
        rows = [
            offers("aws", "p5.48xlarge", H100, 8, aws),
            offers("azure", "Standard_ND96isr_H100_v5", "h100-80-sxm-infiniband", 8, azure),
        ]
        return advice(run(), *rows, have=have).ranked[0].offered.cloud

    assert first("40", "40", ("azure",)) == "azure"
    assert first("40", "40", ("aws",)) == "aws"
    assert first("40", "50", ("azure",)) == "aws"


def test_a_managed_job_pays_its_service_where_a_source_tells_how_much(run: Runs, offers: Offers) -> None:
    told = advice(run(), offers("gcp", "a3-highgpu-8g", "h100-80-sxm-gpudirect-tcpx", 8, "100"))
    job = told.best("job")
    assert job is not None
    assert isinstance(job.price, Estimated)
    assert job.price.usd_hour == 115  # Vertex AI's × 1.15 of surcharges.csv
    assert told.ranked.index(job) > told.ranked.index(vm(told))


def test_a_managed_job_says_which_fee_its_price_lacks_where_none_does(run: Runs, offers: Offers) -> None:
    told = advice(run(), offers("gcp", "a3-highgpu-8g", "h100-80-sxm-gpudirect-tcpx", 8, "88", capacity="spot"))
    job = told.best("job")
    assert job is not None
    assert isinstance(job.price, AtLeast)
    assert "fee" in job.price.lacks
    assert told.ranked.index(job) > told.ranked.index(vm(told))


def test_the_cheapest_place_of_a_machine_type_stands_for_it(run: Runs, offers: Offers) -> None:
    cheap = offers("aws", "p5.48xlarge", H100, 8, "30", zone="use1-az1")
    dear = offers("aws", "p5.48xlarge", H100, 8, "40", zone="use1-az2")
    assert vm(advice(run(), cheap, dear)).offered is cheap


def test_an_agreed_factor_lowers_the_prices_of_its_cloud_only(run: Runs, offers: Offers) -> None:
    rows = [
        offers("aws", "p5.48xlarge", H100, 8, "40"),
        offers("azure", "Standard_ND96isr_H100_v5", "h100-80-sxm-infiniband", 8, "40"),
    ]
    told = advice(run(), *rows, ways=("VM",), price_factors={"azure": Decimal("0.5")})
    assert [each.usd_hour for each in told.ranked if each.way == "VM"] == [20, 40]


def test_machines_of_ones_own_are_ranked_beside_the_clouds(run: Runs, offers: Offers) -> None:
    own = offers("on-premise", "rack-7", "a6000-48-pcie-none", 4, "1.20", region="office", zone="")
    rack = advice(run(method="lora"), own, offers("aws", "p5.48xlarge", H100, 8, "400")).ranked[0]
    assert (rack.way, rack.offered.machine_type, rack.machines) == ("own", "rack-7", 1)


def test_ways_leave_the_others_out(run: Runs, offers: Offers) -> None:
    row = offers("gcp", "a3-highgpu-8g", "h100-80-sxm-gpudirect-tcpx", 8, "88")
    assert {each.way for each in advice(run(), row, ways=("VM",)).ranked} <= {"VM", "buy"}


def test_every_offer_is_a_candidate_or_says_why_not(run: Runs, offers: Offers) -> None:
    rows = [
        offers("gcp", "n1-standard-8", "p100-16-pcie-none", 1, "2"),
        offers("gcp", "g4-standard-6", "rtx-pro-6000-96-pcie-none", 0.125, "1"),
        offers("gcp", "a4x-highgpu-4g", "gb200-186-superchip-infiniband", 4, "60"),
    ]
    for row in rows:
        answers = list(candidates(run(), [row], 8))
        assert answers
        assert all(isinstance(each, Left) and each.why for each in answers)


def test_a_deadline_that_nothing_meets_is_answered_with_what_would_do(run: Runs, offers: Offers) -> None:
    row = offers("aws", "p5.48xlarge", H100, 8, "40")
    asked = run(tokens=10**11, deadline=timedelta(hours=24))
    told = advice(asked, row, most_machines=2)
    assert not told.in_time
    soonest, more = told.nearest
    hours = int(soonest.partition("--deadline ")[2].partition("h")[0])
    again = run(tokens=10**11, deadline=timedelta(hours=hours))
    assert advice(again, row, most_machines=2).in_time
    machines = int(more.rpartition("--max-machines ")[2].rstrip("."))
    assert vm(advice(asked, row, most_machines=machines)).meets(asked.deadline) == "yes"
    assert vm(advice(asked, row, most_machines=machines - 1)).meets(asked.deadline) != "yes"


def test_a_run_that_nothing_holds_is_answered_with_what_makes_it_fit(run: Runs, offers: Offers) -> None:
    row = offers("aws", "g6.12xlarge", "l4-24-pcie-none", 4, "5")
    told = advice(run("llama-3-70b"), row)
    assert told.nearest[0].startswith("nothing holds it: nearest is 1 × g6.12xlarge of aws")
    assert "it fits with --method qlora" in told.nearest[1]
    asked = run("llama-3-70b", method="qlora", deadline=None)
    assert advice(asked, row).best("VM") is not None


def test_a_run_that_needs_more_machines_to_fit_says_how_many(run: Runs, offers: Offers) -> None:
    row = offers("aws", "p5.48xlarge", H100, 8, "40")
    asked = run("llama-3.1-405b", method="qlora", rank=16, sequence=65536)
    told = advice(asked, row, most_machines=1)
    assert told.nearest[0].startswith("nothing holds it")


def test_no_offers_at_all_say_which_options_to_leave_out(run: Runs) -> None:
    assert "leave --region" in advice(run()).nearest[0]


def test_the_flex_start_of_google_is_none_for_a_run_of_more_than_seven_days(run: Runs, offers: Offers) -> None:
    row = offers("gcp", "g2-standard-96", "l4-24-pcie-none", 8, "5", capacity="flex-start")
    told = advice(run(tokens=10**11, method="lora", deadline=None), row)
    assert any("may run 7d at most" in each.why for each in told.left)


def test_a_workstation_pays_for_itself_when_its_price_is_saved(run: Runs, offers: Offers) -> None:
    """Ten machines' hours: the same peak as the rented one, so an hour of it saves an hour of rent less electricity."""
    row = offers("aws", "g7e.2xlarge", "rtx-pro-6000-96-pcie-none", 1, "3")
    bought = Purchase(
        today=DAY,
        accelerator="RTX-PRO-6000:1",
        usd=Decimal(9125),
        usd_kwh=Decimal("0.50"),
        watts=1000,
        years=3,
        busy_percent=50,
    )
    told = advice(run(method="lora", tokens=10**7), row, purchase=bought, ways=("VM",))
    even = told.break_even
    assert even is not None
    # (3.00 - 0.50) USD × 365 hours a month = 912.50 USD
    assert [round(each, 2) for each in even.saved_usd_month] == [Decimal("912.50")] * 2
    assert even.months is not None
    assert even.months[0] == pytest.approx(10)
    assert even.worth_usd.quantize(Decimal(1)) == Decimal("32850")
    assert even.lacks == ""
    own = told.best("buy")
    assert own is not None
    # 9,125 USD over 3 × 8,760 / 2 hours, and electricity
    assert float(own.usd_hour or 0) == pytest.approx(9125 / 13140 + 0.50)


def test_what_nobody_told_of_a_workstation_is_said_to_lack(run: Runs, offers: Offers) -> None:
    row = offers("aws", "p5.48xlarge", H100, 8, "40")
    told = advice(run(method="lora", tokens=10**7), row)
    own = told.best("buy")
    assert own is not None
    assert own.usd is None
    assert told.break_even is not None
    assert told.break_even.lacks == "electricity"
    assert told.break_even.months is None
    priced = advice(run(method="lora"), row, purchase=Purchase(today=DAY, usd=Decimal(9000), usd_kwh=Decimal("0.3")))
    own = priced.best("buy")
    assert own is not None
    assert isinstance(own.price, AtLeast)
    assert own.price.lacks == "the power of all but its accelerators"


def test_electricity_that_costs_more_than_renting_never_pays(run: Runs, offers: Offers) -> None:
    row = offers("aws", "g7e.2xlarge", "rtx-pro-6000-96-pcie-none", 1, "0.4")
    bought = Purchase(today=DAY, usd=Decimal(9000), usd_kwh=Decimal("0.50"), watts=1000)
    told = advice(run(method="lora", tokens=10**7), row, purchase=bought, ways=("VM",))
    assert told.break_even is not None
    assert told.break_even.months is None
    assert told.break_even.worth_usd == 0


@pytest.mark.parametrize(
    "wrong", [{"usd": Decimal(0)}, {"usd_kwh": Decimal(-1)}, {"watts": 0}, {"years": 0}, {"busy_percent": 101}]
)
def test_a_purchase_of_nonsense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(AdviceError, match="give"):
        Purchase(today=DAY, **wrong)  # type: ignore[arg-type]


def test_an_unknown_card_or_a_share_of_one_is_refused(run: Runs) -> None:
    for words in ("RTX-9999:2", "RTX-PRO-6000:0.5"):
        with pytest.raises(AdviceError):
            advice(run(), purchase=Purchase(today=DAY, accelerator=words))


def test_the_order_does_not_depend_on_the_order_of_the_offers(run: Runs, offers: Offers) -> None:
    rows = [
        offers("aws", "p5.48xlarge", H100, 8, "40"),
        offers("azure", "Standard_ND96isr_H100_v5", "h100-80-sxm-infiniband", 8, "40"),
        offers("gcp", "a3-highgpu-8g", "h100-80-sxm-gpudirect-tcpx", 8, "40"),
        offers("coreweave", "gd-8xh100ib-i128", "h100-80-sxm-infiniband", 8, "40"),
    ]
    first = advice(run(), *rows).ranked
    for seed in range(5):
        shuffled = random.Random(seed).sample(rows, len(rows))
        assert advice(run(), *shuffled).ranked == first


def test_the_number_of_machines_is_that_of_trying_every_number(run: Runs, offers: Offers) -> None:
    chance = random.Random(7)
    row = offers("aws", "p4d.24xlarge", "a100-40-sxm-efa", 8, "20")
    for _ in range(60):
        asked = run(
            chance.choice(["llama-3-8b", "llama-3-70b", "llama-3.1-405b"]),
            method=chance.choice(["full", "lora", "qlora"]),
            tokens=10 ** chance.randrange(7, 12),
            zero=chance.randrange(4),
            deadline=chance.choice([None, timedelta(hours=chance.randrange(1, 400))]),
        )
        every = [_alone(asked, row, machines) for machines in range(1, 41)]
        known = [each for each in every if each is not None]
        found = advice(asked, row, most_machines=40, ways=("VM",)).best("VM")
        assert (found.machines if found else None) == _plainly(asked, known), asked


def _alone(run: Run, row: Offered, machines: int) -> tuple[int, float, float] | None:
    """(machines, least hours, most hours) where so many hold the run and there is a utilisation."""
    share = utilisation(run, row.accelerator, scale(machines * 8, machines))
    if share is None or memory(run, machines * 8).needed_gb > 40:
        return None
    seconds = flops(run) / (machines * 8 * 312e12)
    return machines, seconds / 3600 / share.high, seconds / 3600 / share.low


def _plainly(run: Run, every: list[tuple[int, float, float]]) -> int | None:
    if not every or run.deadline is None:
        return every[0][0] if every else None
    limit = run.deadline / timedelta(hours=1)
    surely = next((machines for machines, _least, most in every if most <= limit), None)
    at_best = next((machines for machines, least, _most in every if least <= limit), None)
    return surely or at_best or min(every, key=lambda each: each[1])[0]
