"""Offers as tables and as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from trainyard.choice.offers.currency import Rate
from trainyard.choice.offers.query import Offered
from trainyard.facts.price import Agreed, AtLeast, AtMost, Estimated, Price, Unknown

_CENT = Decimal("0.01")
_LEFT = ("way", "cloud", "machine", "accelerator", "fabric", "where", "price of")


def as_data(row: Offered, rate: Rate | None = None) -> dict[str, object]:
    """One offer for JSON; money as text, so that no digit is lost."""
    price = row.price
    dated = None if isinstance(price, Unknown | Agreed) else price
    data: dict[str, object] = {
        "cloud": row.cloud,
        "region": row.region,
        "zone": row.zone or None,
        "machine_type": row.machine_type,
        "accelerator": row.accelerator.chip,
        "count": row.count,
        "accelerator_memory_gib": row.accelerator.memory_gib,
        "form": row.accelerator.form,
        "fabric": row.accelerator.fabric,
        "vcpus": row.vcpus,
        "memory_gib": row.memory_gib,
        "capacity": row.capacity,
        "price_usd_hour": _plain(row.price_usd_hour),
        "price_usd_accelerator_hour": _plain(row.usd_per_accelerator),
        "price_is": _kind(price),
        "price_note": note(price),
        "price_date": str(dated.date) if dated else None,
        "price_source": dated.source if dated else None,
    }
    if rate is not None:
        usd = row.price_usd_hour
        data["billing"] = {
            "currency": rate.currency,
            "per_usd": _plain(rate.per_usd),
            "rate_date": str(rate.day),
            "price_hour": _plain(None if usd is None else rate.of(usd)),
        }
    return data


def note(price: Price) -> str | None:
    """What a figure alone does not say."""
    match price:
        case AtLeast():
            return f"without {price.lacks}"
        case AtMost():
            return price.why
        case Estimated():
            return price.how
        case Unknown():
            return price.reason
        case _:
            return None


def table(rows: Sequence[Offered], rate: Rate | None = None) -> Iterator[str]:
    """Lines with columns, and a line for each source and note that they point to."""
    if not rows:
        return
    sources: dict[str, int] = {}
    titles = ["USD/h", *([f"{rate.currency}/h"] if rate else []), "a chip", *_LEFT[:2], "machine", "accelerator"]
    titles += ["fabric", "vCPUs", "GiB", "where", "price of"]
    lines = [_cells(row, rate, sources) for row in rows]
    widths = [max(len(line[at]) for line in (titles, *lines)) for at in range(len(titles))]
    for line in (titles, *lines):
        padded = (
            cell.ljust(width) if title in _LEFT else cell.rjust(width)
            for cell, width, title in zip(line, widths, titles, strict=True)
        )
        yield "  ".join(padded).rstrip()
    for text, number in sources.items():
        yield f"[{number}] {text}"
    if rate is not None:
        yield f"1 USD = {rate.per_usd:f} {rate.currency} on {rate.day}, as given"


def _cells(row: Offered, rate: Rate | None, sources: dict[str, int]) -> list[str]:
    usd, price, chip = row.price_usd_hour, row.price, row.accelerator
    mark = {"at least": "≥ ", "at most": "≤ ", "estimated": "≈ "}.get(_kind(price), "")
    each = row.usd_per_accelerator
    return [
        "unknown" if usd is None else f"{mark}{_cents(usd)}",
        *([] if rate is None else ["unknown" if usd is None else f"{mark}{_cents(rate.of(usd))}"]),
        "" if each is None else _cents(each),
        row.capacity,
        row.cloud,
        row.machine_type,
        f"{row.count:g} × {chip.chip} {chip.memory_gib} GB {chip.form}",
        chip.fabric,
        "" if row.vcpus is None else str(row.vcpus),
        "" if row.memory_gib is None else str(row.memory_gib),
        row.place,
        _dated(price, sources),
    ]


def _dated(price: Price, sources: dict[str, int]) -> str:
    """The price's date with the numbers of its source and its note."""
    texts = [] if isinstance(price, Unknown | Agreed) else [price.source]
    texts += [words] if (words := note(price)) else []
    numbers = "".join(f"[{sources.setdefault(text, len(sources) + 1)}]" for text in texts)
    return numbers if isinstance(price, Unknown | Agreed) else f"{price.date} {numbers}"


def _kind(price: Price) -> str:
    match price:
        case AtLeast():
            return "at least"
        case AtMost():
            return "at most"
        case Estimated():
            return "estimated"
        case Unknown():
            return "unknown"
        case _:
            return "known"


def _cents(usd: Decimal) -> str:
    return f"{usd.quantize(_CENT)}" if usd >= _CENT else f"{usd:f}"


def _plain(usd: Decimal | None) -> str | None:
    return None if usd is None else f"{usd.normalize():f}"
