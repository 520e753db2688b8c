"""A plan as people read it, in at most 100 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from trainyard.choice.plan.money import Range, either
from trainyard.choice.plan.plan import Option, Plan, WorkloadPlan
from trainyard.choice.plan.reading import Reading
from trainyard.choice.plan.room import BudgetRoom, NoBudget, NotRead
from trainyard.facts.expiry import format_duration
from trainyard.facts.origin import Origin
from trainyard.facts.price import AtLeast, AtMost, Estimated, Price, Unknown

WIDTH = 100
_KEYS = 54  # columns of a candidate's number and key
_SHOWN = 8  # candidates of a workload; the rest are counted


def lines(plan: Plan, *, every: bool = False) -> Iterator[str]:
    """What stands first comes first; `every`: all candidates, however many."""
    place = "sandbox: simulated clouds, nothing bills" if plan.origin is Origin.SANDBOX else "real clouds"
    yield f"{plan.stack}  ({place})  lease {plan.lease_id}"
    if plan.unread:
        yield from _wrapped(f"! the lease's record was not read: {plan.unread}", "  ")
    yield from (line for warning in plan.warnings for line in _wrapped(f"! {warning}", "  "))
    for each in plan.workloads:
        yield ""
        yield from _workload(plan, each, every)
    yield ""
    yield from _totals(plan)


def _workload(plan: Plan, each: WorkloadPlan, every: bool) -> Iterator[str]:
    nodes = f", {each.nodes} nodes" if each.nodes > 1 else ""
    count = len(each.options)
    if each.runs_on:
        yield f"{each.workload}  {each.kind}: runs on the machines of {each.runs_on}, which alone pays for them"
        return
    yield f"{each.workload}  {each.kind}{nodes}: {count} candidate{'' if count == 1 else 's'} in this order"
    ttl, longest = format_duration(plan.expiry.ttl), format_duration(plan.expiry.extend_to)
    yield f"    {'':<{_KEYS - 4}} {'USD/h':>10} {f'to {ttl}':>10} {f'to {longest}':>10}  ends"
    shown = each.options if every else each.options[:_SHOWN]
    for number, option in enumerate(shown, 1):
        yield from _option(number, option, option.key == each.taken, each.nodes)
    if len(shown) < count:
        dearest = either(option.to_ttl for option in each.options).high
        most = "not known" if isinstance(dearest, Unknown) else f"{dearest:.2f} USD"
        yield f"    and {count - len(shown)} more (--all); the dearest to the ttl: {most}"
    yield from _wrapped(f"why     {each.reason}", "        ", "    ")
    for numbers, option in _alike(shown):
        yield from _wrapped(f"{numbers:<7} {_shape(option)}", "        ", "    ")
    images = dict.fromkeys(option.shape.image for option in shown)
    yield from (f"    image   {_short(image)}" for image in images)
    yield from _further(plan, each)


def _option(number: int, option: Option, taken: bool, nodes: int) -> Iterator[str]:
    mark = "*" if taken else " "
    ends = "+".join(dict.fromkeys(end.who for end in option.ends)) or "none"
    hour = hourly(option.price, nodes)
    head = f"{number:>3}{mark}{option.key}"
    # A key that is wider than its column has a line of its own.
    if len(head) > _KEYS:
        yield head
        head = ""
    yield f"{head:<{_KEYS}} {hour:>10} {usd(option.to_ttl):>10} {usd(option.to_extend_to):>10}  {ends}"


def hourly(price: Price, nodes: int = 1) -> str:
    """ "3.67", "≥41.66", "≤88.49", "~5.10", "unknown"."""
    if isinstance(price, Unknown):
        return "unknown"
    mark = "≥" if isinstance(price, AtLeast) else "≤" if isinstance(price, AtMost) else ""
    mark = "~" if isinstance(price, Estimated) else mark
    return f"{mark}{price.usd_hour * nodes:.2f}"


def usd(of: Range) -> str:
    """ "44.08", "≥41.66" where the rest has no known price, "≤88.49", "10.00 to 20.00"."""
    if isinstance(of.high, Unknown):
        return f"≥{of.low:.2f}" if of.low else "unknown"
    if of.low == of.high:
        return f"{of.high:.2f}"
    return f"≤{of.high:.2f}" if not of.low else f"{of.low:.2f} to {of.high:.2f}"


def _shape(option: Option) -> str:
    of = option.shape
    parts = [of.accelerators]
    if of.vcpus:
        parts.append(f"{of.vcpus} vCPUs, {of.memory_gib} GiB")
    if of.boot_disk == of.local_disks == of.interfaces:
        parts.append(f"disks and interfaces {of.boot_disk}")
    else:
        parts += [f"boot {of.boot_disk}", f"local {of.local_disks}", f"interfaces {of.interfaces}"]
    return "; ".join(parts)


def _alike(options: tuple[Option, ...]) -> Iterator[tuple[str, Option]]:
    """Options of one shape, told once with their numbers: "1 to 3", "1, 6"."""
    found: dict[str, list[int]] = {}
    for number, option in enumerate(options, 1):
        found.setdefault(_shape(option), []).append(number)
    for numbers in found.values():
        first, last = numbers[0], numbers[-1]
        run = len(numbers) > 2 and numbers == list(range(first, last + 1))
        yield f"{first} to {last}" if run else ", ".join(map(str, numbers)), options[first - 1]


def _short(image: str) -> str:
    """A container by the first twelve digits of its digest, as registries show them."""
    name, at, digest = image.partition("@sha256:")
    return f"{name}@sha256:{digest[:12]}…" if at else name


def _further(plan: Plan, each: WorkloadPlan) -> Iterator[str]:
    told: dict[str, None] = {}
    stopless = list(dict.fromkeys(why for option in each.options if (why := option.shape.cannot_stop)))
    if plan.at_limit == "stop" and stopless:
        more = f" ({len(stopless) - 1} more machine types likewise)" if len(stopless) > 1 else ""
        told[f"limit   at_limit: stop means end: {stopless[0]}{more}"] = None
    for end in each.chosen.ends:
        if end.stays:
            told[f"stays   after the {end.who}'s own end ({end.means}): {', '.join(end.stays)}"] = None
    told |= dict.fromkeys(
        f"reads   {reading_words(option, reading)}" for option in each.options for reading in option.reads
    )
    for move in each.moves:
        data = f"; {', '.join(move.data)}" if move.data else ""
        price = hourly(move.price)
        told[f"moves   on {move.cloud}: first {move.first} at {price} USD/h, image {_short(move.image)}{data}"] = None
    if any(move.data for move in each.moves):
        told["moves   each cloud has its own copy of the data, and nothing here copies from one to another"] = None
    told |= dict.fromkeys(f"without {why}" for why in each.left_out)
    for line in told:
        yield from _wrapped(line, "        ", "    ")


def reading_words(option: Option, reading: Reading) -> str:
    """What a candidate's region reads from elsewhere, and for how much."""
    where = f"{option.candidate.offer.region} reads {reading.data} from {reading.place or 'a place not told'}"
    match reading.price:
        case Unknown(reason=reason):
            return f"{where}; its price is unknown: {reason}"
        case price:
            return f"{where} at {price.usd_gib} USD per GiB ({price.source}); how much is read, no file tells"


def _totals(plan: Plan) -> Iterator[str]:
    expiry = plan.expiry
    ttl, longest = format_duration(expiry.ttl), format_duration(expiry.extend_to)
    dates = plan.price_dates
    prices = f", list prices of {dates[0]}{f' to {dates[1]}' if dates[0] != dates[1] else ''}" if dates else ""
    yield f"cost    {usd(plan.to_ttl)} USD to the ttl ({ttl}), {usd(plan.to_extend_to)} USD to extend_to ({longest})"
    yield from _wrapped(f"machines only: without disks, addresses and traffic{prices}", "", "        ")
    yield from _cap(plan)
    yield from _wrapped(_budget(plan), "        ")
    for misfit in plan.misfits:
        yield from _wrapped(f"✗ {misfit}", "  ")
    yield f"ends    soft after {ttl}, hard after {longest}"


def _cap(plan: Plan) -> Iterator[str]:
    cap = plan.cap
    need, left = cap.need_usd, cap.left_usd
    if isinstance(need, Unknown) or isinstance(left, Unknown):
        yield f"cap     {cap.cap_usd} USD: what the dearest candidates need is not known"
    else:
        room = f"{left:.2f} left" if left >= 0 else f"{-left:.2f} too little"
        yield f"cap     {cap.cap_usd} USD, the dearest candidates need {need:.2f} over the ttl: {room}"
    if cap.spent_usd is not None:
        yield f"        {cap.spent_usd:.2f} USD spent so far, as the record has it"


def _budget(plan: Plan) -> str:
    match plan.budget:
        case NotRead(why=why):
            return f"budget  budget not read: {why}"
        case NoBudget(cost_center=center):
            return f"budget  none for {center} in stacks/env.{plan.environment}.yaml"
        case BudgetRoom() as room:
            left = room.left_usd
            after = "what is left is not known" if isinstance(left, Unknown) else f"{left:.2f} left after this one"
            low = f" (counted too low: {', '.join(room.others.unpriced)})" if room.others.unpriced else ""
            warns = f"; over its soft share of {room.budget.soft}" if room.warns else ""
            return (
                f"budget  {room.cost_center}: {room.budget.limit_usd} USD a {room.budget.period}, {room.others.usd} in "
                f"{room.others.leases} other leases{low}, {after}{warns}"
            )


def _wrapped(text: str, further: str, first: str = "") -> list[str]:
    """Lines of at most 100 columns; words are never cut."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=first + further,
        break_long_words=False,
        break_on_hyphens=False,
    )
