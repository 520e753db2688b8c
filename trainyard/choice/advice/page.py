"""Advice as one HTML page: no script, nothing from elsewhere, a table beside each chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from trainyard.choice.advice import charts, words
from trainyard.choice.advice.advise import Advice, deadline_hours
from trainyard.choice.advice.candidates import Candidate
from trainyard.choice.advice.memory import GB
from trainyard.choice.advice.table import shown_of

_CSS = """
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #57606a; --rule: #d0d7de; --paper: #fff; --bar: #0b62a8;
 --p0: #0b62a8; --p1: #c25b12; --p2: #2f7d4f; --p3: #8250b8; --p4: #8a6d00; --limit: #b3261e; --mark: #eef4fa; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --dim: #9da7b1; --rule: #3d444d; --paper: #0d1117;
 --bar: #58a6ff; --p0: #58a6ff; --p1: #f0883e; --p2: #56d364; --p3: #bc8cff; --p4: #e3b341; --limit: #ff7b72;
 --mark: #14233a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
 font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; }
p { max-width: 75ch; margin: .35rem 0; } .dim { color: var(--dim); }
.pair { display: grid; grid-template-columns: minmax(0, 11fr) minmax(0, 9fr); gap: 1.5rem; align-items: start; }
.pair.wide { grid-template-columns: minmax(0, 1fr); } .wide figure { max-width: 760px; }
@media (max-width: 900px) { .pair, .pair.wide { grid-template-columns: minmax(0, 1fr); } }
figure { margin: 0; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .85rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--dim); padding: 0 0 .4rem; }
th, td { text-align: left; padding: .3rem .5rem .3rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
th { font-weight: 600; } .number { text-align: right; white-space: nowrap; }
tr.first td, tr.first th { background: var(--mark); }
.pair table { font-size: .78rem; } .pair td:first-child { white-space: nowrap; }
svg { width: 100%; height: auto; display: block; font: 12px system-ui, sans-serif; }
svg text { fill: var(--ink); } svg .tick { fill: var(--dim); }
.grid { stroke: var(--rule); stroke-width: 1; } .bar { fill: var(--bar); }
.room { fill: none; stroke: var(--dim); stroke-width: 1.5; }
.limit { stroke: var(--limit); stroke-width: 2; stroke-dasharray: 5 3; } svg .limit-text { fill: var(--limit); }
.part0 { fill: var(--p0); } .part1 { fill: var(--p1); } .part2 { fill: var(--p2); } .part3 { fill: var(--p3); }
.part4 { fill: var(--p4); } .saved, .price { stroke-width: 2.5; }
.saved { stroke: var(--p0); } .price { stroke: var(--p1); }
ol.sources { font-size: .85rem; padding-left: 1.5rem; } ol.sources li { margin: .15rem 0; }
"""
_PARTS = ("weights", "gradients", "optimizer", "activations", "gathered")


def page(advice: Advice, most: int) -> str:
    """The whole page; the best `most` candidates, with the best of each other way."""
    shown = shown_of(advice, most)
    question, *rest = words.asked(advice.run)
    body = [
        "<main>",
        f"<h1>Where to train: {escape(question)}</h1>",
        *(f'<p class="dim">{escape(text)}</p>' for text in rest),
        *(f"<p><strong>{escape(text[0].upper() + text[1:])}</strong></p>" for text in advice.nearest),
    ]
    if shown:
        body += [*_candidates(advice, shown), *_costs(shown), *_hours(advice, shown), *_memory(shown)]
    body += [*_buying(advice), *_sources(shown), "</main>"]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Where to train: {escape(question)}</title><style>{_CSS}</style></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _candidates(advice: Advice, shown: Sequence[tuple[int, Candidate]]) -> Iterator[str]:
    deadline = advice.run.deadline
    titles = ["", "how", "machines", "where", "hours", "USD", "price", "utilisation"]
    if deadline:
        titles.insert(5, f"in {words.span(deadline)}")
    rows = []
    for rank, each in shown:
        row = [
            str(rank),
            words.WAYS[each.way],
            words.machines(each),
            words.place(each),
            f"{'' if each.measured else '≈ '}{words.hours(each.hours)}",
            words.money(each.usd, each.price),
            words.rate(each),
            f"{each.utilisation.low:.0%} to {each.utilisation.high:.0%}",
        ]
        if deadline:
            row.insert(5, each.meets(deadline) or "")
        rows.append(row)
    yield "<h2>What fits, the best first</h2>"
    notes = "; ".join(words.notes(advice.run, (each for _rank, each in shown)))
    yield "<h2>What fits, the best first</h2>"
    yield _table(f"{notes}." if notes else "", titles, rows, first=shown[0][0] == 1, numbers=("hours", "USD", ""))


def _costs(shown: Sequence[tuple[int, Candidate]]) -> Iterator[str]:
    rows = [
        charts.Span(
            label=_name(rank, each),
            least=float(each.usd.least),
            most=float(each.usd.most),
            text=words.money(each.usd, each.price),
        )
        for rank, each in shown
        if each.usd is not None
    ]
    yield "<h2>What it costs</h2>"
    if not rows:
        yield "<p>No price is known of any of them.</p>"
        return
    told = charts.Told(
        id="costs",
        title="Cost of the run by candidate, in US dollars",
        description="Each bar goes from the cost at the high end of the utilisation to that at the low end. "
        + "; ".join(f"{row.label}: {row.text}" for row in rows),
    )
    unknown = [_name(rank, each) for rank, each in shown if each.usd is None]
    caption = f"Unknown: {', '.join(unknown)}." if unknown else "At the high and at the low end of the utilisation."
    table = _table(caption, ["candidate", "USD"], [[row.label, row.text] for row in rows], numbers=("USD",))
    yield _pair(charts.spans(told, rows, "US dollars"), table)


def _hours(advice: Advice, shown: Sequence[tuple[int, Candidate]]) -> Iterator[str]:
    limit = deadline_hours(advice.run)
    rows = [
        charts.Span(label=_name(rank, each), least=each.hours.least, most=each.hours.most, text=words.hours(each.hours))
        for rank, each in shown
    ]
    told = charts.Told(
        id="hours",
        title="Hours of training by candidate",
        description="Each bar goes from the hours at the high end of the utilisation to those at the low end. "
        + (f"The deadline is {limit:g} hours. " if limit else "")
        + "; ".join(f"{row.label}: {row.text}" for row in rows),
    )
    verdicts = [
        [row.label, row.text, each.meets(advice.run.deadline) or "–"]
        for row, (_, each) in zip(rows, shown, strict=True)
    ]
    table = _table("Training alone.", ["candidate", "hours", "in time"], verdicts, numbers=("hours",))
    yield "<h2>How long it takes</h2>"
    yield _pair(charts.spans(told, rows, "hours", (f"deadline {limit:g} h", limit) if limit else None), table)


def _memory(shown: Sequence[tuple[int, Candidate]]) -> Iterator[str]:
    rows = [
        charts.Stack(
            label=_name(rank, each),
            parts=tuple(value / GB for _part, value in words.parts_of(each)),
            room=float(each.offered.accelerator.memory_gib),
        )
        for rank, each in shown
    ]
    told = charts.Told(
        id="memory",
        title="Memory of each accelerator by candidate, in GB",
        description="Each bar stacks weights, gradients, optimizer, activations and weights gathered for a moment; its "
        "outline is what the accelerator has. "
        + "; ".join(f"{row.label}: {sum(row.parts):.1f} of {row.room:.0f}" for row in rows),
    )
    cells = [[row.label, *(f"{part:.1f}" for part in row.parts), f"{row.room:.0f}"] for row in rows]
    titles = ["candidate", *_PARTS, "has"]
    yield "<h2>Memory of each accelerator</h2>"
    table = _table("In GB.", titles, cells, numbers=(*_PARTS, "has"))
    yield _pair(charts.stacks(told, rows, _PARTS, "GB"), table, kind="pair wide")


def _buying(advice: Advice) -> Iterator[str]:
    yield "<h2>Buying a workstation instead</h2>"
    for text in words.buying(advice):
        yield f"<p>{escape(text[0].upper() + text[1:])}</p>"
    even, purchase, bought = advice.break_even, advice.purchase, advice.bought
    if even is None or purchase.usd is None or even.rented.usd is None or not isinstance(bought, Candidate):
        return
    months = purchase.years * 12
    low, high = (float(each) * months for each in even.saved_usd_month)
    price = float(purchase.usd)
    saved = [charts.Line(label="saved", first=0, last=max(high, 0), kind="saved")]
    if round(low) != round(high):
        at_most, at_least = "saved, at most", "saved, at least"
        saved = [
            charts.Line(label=at_most, first=0, last=max(high, 0), kind="saved"),
            charts.Line(label=at_least, first=0, last=max(low, 0), kind="saved", dashed=True),
        ]
    lines = [*saved, charts.Line(label="purchase price", first=price, last=price, kind="price")]
    told = charts.Told(
        id="buying",
        title="What buying saves against renting, month by month",
        description=f"Over {months} months at {purchase.busy_percent} % of all hours buying saves {low:,.0f} to "
        f"{high:,.0f} US dollars of rent; it costs {price:,.0f}.",
    )
    share = [(month, month / months) for month in range(0, months + 1, max(1, months // 6))]
    rows = [[str(month), f"{low * part:,.0f}", f"{high * part:,.0f}", f"{price:,.0f}"] for month, part in share]
    titles = ["month", "saved at least", "saved at most", "price"]
    yield _pair(charts.course(told, lines, months, "months"), _table("In US dollars.", titles, rows, numbers=titles))


def _sources(shown: Sequence[tuple[int, Candidate]]) -> Iterator[str]:
    texts: dict[str, None] = {}
    for _rank, each in shown:
        chip = each.offered.accelerator.chip
        texts[f"{chip}, {each.peak.tflops:g} TFLOPS of {each.peak.format}: {each.peak.source}"] = None
        texts[f"Utilisation {each.utilisation.low:.2f} to {each.utilisation.high:.2f}: {each.utilisation.source}"] = (
            None
        )
        if source := words.priced_by(each.price):
            texts[source[0].upper() + source[1:]] = None
    yield '<h2>Sources</h2><ol class="sources">'
    yield from (f"<li>{escape(text)}</li>" for text in sorted(texts))
    yield "<li>Memory: ZeRO (arXiv:1910.02054), Korthikanti et al. (arXiv:2205.05198), QLoRA (arXiv:2305.14314), FSDP "
    yield "(arXiv:2304.11277). FLOPs: Kaplan et al. (arXiv:2001.08361), PaLM (arXiv:2204.02311).</li></ol>"


def _name(rank: int, each: Candidate) -> str:
    row = each.offered
    where = "" if each.way == "buy" else f" {row.cloud} {row.capacity}"
    way = "job " if each.way == "job" else ""
    return f"{rank}. {way}{each.accelerators} {row.accelerator.chip}{where or ' bought'}"


def _pair(chart: str, table: str, kind: str = "pair") -> str:
    return f'<div class="{kind}"><figure>{chart}</figure>{table}</div>'


def _table(
    caption: str, titles: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[str], first: bool = False
) -> str:
    kinds = [' class="number"' if title in numbers else "" for title in titles]
    head = "".join(f'<th scope="col"{kind}>{escape(title)}</th>' for title, kind in zip(titles, kinds, strict=True))
    lines = []
    for number, row in enumerate(rows):
        cells = "".join(f"<td{kind}>{escape(cell)}</td>" for cell, kind in zip(row, kinds, strict=True))
        kind = ' class="first"' if first and number == 0 else ""
        lines.append(f"<tr{kind}>{cells}</tr>")
    return (
        f'<div class="scroll" tabindex="0"><table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )
