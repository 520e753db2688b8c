"""Numbers and phrases of advice, as the table, the page and the files share them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal

from trainyard.choice.advice.advise import Advice
from trainyard.choice.advice.buying import BreakEven
from trainyard.choice.advice.candidates import Candidate, Hours, Left, Money
from trainyard.choice.advice.memory import GB, RESERVE
from trainyard.choice.advice.run import Run
from trainyard.choice.advice.work import flops
from trainyard.choice.offers.words import note
from trainyard.facts.expiry import format_duration
from trainyard.facts.price import Agreed, AtLeast, AtMost, Estimated, Price, Unknown

WAYS = {
    "job": "managed job",
    "VM": "VM",
    "TPU": "TPU",
    "specialised": "specialised cloud",
    "own": "own machine",
    "buy": "workstation, bought",
}


def asked(run: Run) -> Iterator[str]:
    """The question, and what it comes to."""
    model = run.model
    deadline = f", within {span(run.deadline)}" if run.deadline else ""
    yield f"{model.name}, {run.method}, {amount(run.tokens)} tokens{deadline}"
    yield f"{model.params / 1e9:.4g}B parameters; {model.source}."
    yield (
        f"Sequences of {run.sequence}, {run.micro_batch} at a time on each accelerator, precision {run.precision}, "
        f"{run.optimizer}, checkpointing {run.checkpointing}, ZeRO {run.zero}"
        f"{'' if run.method == 'full' else f', adapters of rank {run.rank}'}: {flops(run):.3g} FLOPs of the model."
    )
    yield (
        f"Hours are of the training alone, at the utilisation that was measured elsewhere; {RESERVE:.0%} of each "
        "accelerator's memory is held back, which is an assumption. A spot machine may be taken back at any time; what "
        "that costs is not counted."
    )


NOTES = {
    "at best": "at best: ends in time at the high end of the utilisation only",
    "unmeasured": "≈ hours: the utilisation was measured on other chips",
    "at least": "≥: a part of the price is not known",
    "TPU": "a TPU takes JAX or PyTorch/XLA, no CUDA",
}


def notes(run: Run, shown: Iterable[Candidate]) -> Iterator[str]:
    """What the marks in a list of candidates mean, those that are there."""
    candidates = list(shown)
    if any(each.meets(run.deadline) == "at best" for each in candidates):
        yield NOTES["at best"]
    if any(not each.measured for each in candidates):
        yield NOTES["unmeasured"]
    if any(isinstance(each.price, AtLeast) for each in candidates):
        yield NOTES["at least"]
    if any(each.offered.accelerator.form == "tpu" for each in candidates):
        yield NOTES["TPU"]


def span(deadline: timedelta) -> str:
    """ "48h", as people write deadlines; "90m" where it is no whole number of hours."""
    hours_, rest = divmod(deadline, timedelta(hours=1))
    return format_duration(deadline) if rest else f"{hours_}h"


def memory_words(each: Candidate) -> str:
    """What one accelerator of a candidate holds."""
    memory = each.memory
    parts = [f"{name} {value / GB:.1f}" for name, value in parts_of(each) if value]
    return f"{memory.total / GB:.1f} GB on each of {each.accelerators}: {', '.join(parts)}"


def parts_of(each: Candidate) -> tuple[tuple[str, float], ...]:
    """The parts of its memory, in bytes."""
    memory = each.memory
    return (
        ("weights", memory.weights),
        ("gradients", memory.gradients),
        ("optimizer", memory.optimizer),
        ("activations", memory.activations),
        ("gathered", memory.gathered),
    )


def machines(each: Candidate) -> str:
    """How many of what, with their accelerators."""
    row = each.offered
    chip = f"{row.accelerator.chip} {row.accelerator.memory_gib} GB"
    if each.way == "buy":
        return f"workstation ({each.accelerators} {chip})"
    return f"{each.machines} × {row.machine_type} ({each.accelerators} {chip})"


def place(each: Candidate) -> str:
    """Cloud, place and capacity."""
    return "" if each.way == "buy" else f"{each.offered.cloud} {each.offered.place}, {each.offered.capacity}"


def hours(value: Hours) -> str:
    """ "10–20" or, below ten, "2.1–4.2"."""
    return f"{_short(value.least)}–{_short(value.most)}"


def money(value: Money | None, price: Price) -> str:
    """ "15–30" with the mark of what its price leaves open."""
    if value is None:
        return "unknown"
    return f"{mark(price)}{_short(float(value.least))}–{_short(float(value.most))}"


def mark(price: Price) -> str:
    """What a figure of this price is."""
    match price:
        case AtLeast():
            return "≥\u00a0"
        case AtMost():
            return "≤\u00a0"
        case Estimated():
            return "≈\u00a0"
        case _:
            return ""


def rate(each: Candidate) -> str:
    """Its price an hour, with what is said of it."""
    hourly = each.usd_hour
    words = note(each.price)
    text = "unknown" if hourly is None else f"{mark(each.price)}{hourly:.2f} USD/h"
    return f"{text} ({words})" if words else text


def priced_by(price: Price) -> str | None:
    """Source and date of a price; None where it has none."""
    if isinstance(price, Unknown | Agreed):
        return None
    return f"price of {price.date}: {price.source}"


def buying(advice: Advice) -> Iterator[str]:
    """What is to be said of buying."""
    purchase, bought = advice.purchase, advice.bought
    if bought is None:
        yield "No workstation of up to 4 cards holds the run; name other accelerators by --buy."
        return
    if isinstance(bought, Left):
        accelerator = bought.offered.accelerator
        chips = f"{bought.offered.count:g} {accelerator.chip} {accelerator.memory_gib} GB"
        yield f"A workstation with {chips} does not do: {bought.why}."
        return
    even = advice.break_even
    if even is None:
        yield "No price of a rented machine is known, so buying is compared with nothing."
        return
    yield (
        f"Buying a {machines(bought)} instead of renting {machines(even.rented)} ({place(even.rented)}), busy "
        f"{purchase.busy_percent} % of all hours over {purchase.years} years:"
    )
    yield from _break_even(even, purchase.usd, purchase.years * 12)


def _break_even(even: BreakEven, price: Decimal | None, months: int) -> Iterator[str]:
    low, high = even.saved_usd_month
    lacks = f" Not counted: {even.lacks}." if even.lacks else ""
    if high <= 0:
        yield f"electricity alone costs more than renting, so it never pays for itself.{lacks}"
        return
    saved = f"{low:,.0f}" if round(low) == round(high) else f"{max(low, Decimal(0)):,.0f} to {high:,.0f}"
    yield f"it saves {saved} USD a month, so it may cost {even.worth_usd:,.0f} USD at most.{lacks}"
    if even.months is not None:
        soonest, latest = (f"{each:.0f}" for each in even.months)
        yield f"Bought for {price:,} USD it has paid for itself in month {soonest}" + (
            f"{'' if soonest == latest else f' to {latest}'}"
            f"{f', but is worn out in month {months}' if even.months[1] > months else ''}."
        )
    elif price is None:
        yield "Its price is not known; --purchase-usd tells the month in which it has paid for itself."
    else:
        yield f"Bought for {price:,} USD it may never pay for itself: electricity may cost as much as renting."


def amount(tokens: int) -> str:
    """ "200M"."""
    for size, unit in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k")):
        if tokens >= size:
            return f"{tokens / size:.4g}{unit}"
    return str(tokens)


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 0.995 else f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"
