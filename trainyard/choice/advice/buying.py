"""A workstation of one's own: what an hour of it costs, and when it has paid for itself against renting."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from trainyard.choice.advice.candidates import Candidate, Left, placed
from trainyard.choice.advice.run import AdviceError, Run
from trainyard.choice.advice.work import peak
from trainyard.choice.offers.query import Offered
from trainyard.facts.accelerator import Accelerator, AcceleratorError, accelerators, parse, resolve
from trainyard.facts.price import AtLeast, Estimated, Price, Unknown

CARDS = ("RTX-PRO-6000", "A6000")  # that workstations are sold with, the larger memory first
_COUNTS = (1, 2, 4)
_HOURS_A_MONTH = 730
_HOURS_A_YEAR = 8760


@dataclass(frozen=True, kw_only=True)
class Purchase:
    """What is known of it; what is not is said to lack, never guessed."""

    today: date
    accelerator: str | None = None  # "RTX-PRO-6000:2"; None: the smallest that holds the run
    usd: Decimal | None = None
    usd_kwh: Decimal | None = None
    watts: int | None = None  # the whole machine under load; None: its accelerators' own
    years: int = 3  # until it is worth nothing, in equal parts
    busy_percent: int = 50  # of all hours

    def __post_init__(self) -> None:
        for name, given in (("purchase_usd", self.usd), ("usd_kwh", self.usd_kwh), ("watts", self.watts)):
            if given is not None and given <= 0:
                message = f"{name} is {given}; give a number over 0, or leave it out."
                raise AdviceError(message)
        if not 1 <= self.years <= 20 or not 1 <= self.busy_percent <= 100:
            message = (
                f"years is {self.years} and busy_percent {self.busy_percent}; give 1 to 20 years and 1 to 100 percent."
            )
            raise AdviceError(message)

    @property
    def hours_a_month(self) -> float:
        """That it works."""
        return _HOURS_A_MONTH * self.busy_percent / 100


@dataclass(frozen=True, kw_only=True)
class BreakEven:
    """Buying against renting the best offer for the same work, over the years that the machine is used."""

    rented: Candidate
    saved_usd_month: tuple[Decimal, Decimal]  # renting less electricity, from and to
    months: tuple[float, float] | None  # soonest and latest; None: the price is unknown, or it never does
    worth_usd: Decimal  # the most that it may cost and still pay for itself in its years
    lacks: str  # what the figures leave out; "" for nothing


def workstation(run: Run, purchase: Purchase) -> Candidate | Left | None:
    """The workstation for the run; None where none with at most four cards holds it."""
    if purchase.accelerator is not None:
        chip, count = _asked(purchase.accelerator)
        return _candidate(run, purchase, chip, count)
    for chip in (_card(name) for name in CARDS):
        for count in _COUNTS:
            if isinstance(found := _candidate(run, purchase, chip, count), Candidate):
                return found
    return None


def break_even(bought: Candidate, rented: Candidate, purchase: Purchase) -> BreakEven | None:
    """When it has paid for itself; None where no price of the rented machine is known.

    A run takes the workstation so many hours and costs so much rented, at the same end of the utilisation, so renting
    costs cost / hours for each of its hours.
    """
    if rented.usd is None:
        return None
    power = _energy_usd_hour(purchase, bought) or Decimal(0)
    ends = ((rented.usd.most, bought.hours.most), (rented.usd.least, bought.hours.least))
    monthly = Decimal(purchase.hours_a_month)
    saved = sorted((cost / Decimal(hours) - power) * monthly for cost, hours in ends)
    months = None
    if purchase.usd is not None and saved[0] > 0:
        months = (float(purchase.usd / saved[1]), float(purchase.usd / saved[0]))
    lacking = _lacking(purchase, bought)
    if isinstance(rented.price, AtLeast):
        lacking.append(rented.price.lacks)
    return BreakEven(
        rented=rented,
        saved_usd_month=(saved[0], saved[1]),
        months=months,
        worth_usd=max(Decimal(0), saved[0] * 12 * purchase.years),
        lacks=" and ".join(lacking),
    )


def _candidate(run: Run, purchase: Purchase, chip: Accelerator, count: int) -> Candidate | Left:
    row = Offered(
        cloud="own",
        region="own",
        zone="",
        machine_type="workstation",
        accelerator=chip,
        count=count,
        vcpus=None,
        memory_gib=None,
        capacity="bought",
        price_usd_hour=None,
        price=Unknown("it is bought"),
    )
    of = peak(chip)
    if of is None:
        return Left(row, "no vendor's 16-bit peak is stored for its chip")
    found = placed(run, "buy", row, Unknown("nobody gave its purchase price; give --purchase-usd"), of, 1)
    if isinstance(found, Left):
        return found
    return replace(found, price=_price(purchase, found))


def _price(purchase: Purchase, bought: Candidate) -> Price:
    if purchase.usd is None:
        return bought.price
    wear = purchase.usd / Decimal(purchase.years * _HOURS_A_YEAR) * 100 / purchase.busy_percent
    energy = _energy_usd_hour(purchase, bought)
    source = f"purchase price {purchase.usd:,} USD, as given"
    how = f"worn out in {purchase.years} years at {purchase.busy_percent} % of all hours, and electricity"
    if lacking := _lacking(purchase, bought):
        return AtLeast(
            usd_hour=wear + (energy or 0), date=purchase.today, source=f"{source}; {how}", lacks=" and ".join(lacking)
        )
    return Estimated(usd_hour=wear + (energy or 0), date=purchase.today, source=source, how=how)


def _lacking(purchase: Purchase, bought: Candidate) -> list[str]:
    if purchase.usd_kwh is None:
        return ["electricity"]
    if purchase.watts is None:
        return ["the power of all but its accelerators" if bought.peak.watts else "its power"]
    return []


def _energy_usd_hour(purchase: Purchase, bought: Candidate) -> Decimal | None:
    own = None if bought.peak.watts is None else bought.peak.watts * bought.accelerators
    watts = purchase.watts or own
    if watts is None or purchase.usd_kwh is None:
        return None
    return Decimal(watts) / 1000 * purchase.usd_kwh


def _asked(text: str) -> tuple[Accelerator, int]:
    try:
        name, count = parse(text)
        chip = _card(name)
    except AcceleratorError as error:
        raise AdviceError(str(error)) from None
    if count < 1:
        message = f'"{text}" is a share of a chip; give whole ones to buy, for example "{name}:2".'
        raise AdviceError(message)
    return chip, int(count)


def _card(name: str) -> Accelerator:
    """The chip of a name as a card in a machine of one's own."""
    wanted = resolve(name)
    fitting = [
        each
        for each in accelerators().values()
        if each.chip == wanted.chip
        and wanted.memory_gib in (None, each.memory_gib)
        and wanted.form in (None, each.form)
    ]
    return min(fitting, key=lambda each: (each.fabric != "none", each.form == "unverified", -each.memory_gib))
