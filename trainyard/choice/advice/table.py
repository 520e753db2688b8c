"""Advice in a terminal, in lines of at most `width` columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from trainyard.choice.advice import words
from trainyard.choice.advice.advise import Advice
from trainyard.choice.advice.candidates import Candidate

WIDTH = 100


def lines(advice: Advice, most: int, width: int = WIDTH) -> Iterator[str]:
    """The question, the best `most` with the best of each other way, what each ≥ and ≈ means, and sources."""
    run = advice.run
    for text in words.asked(run):
        yield from _wrapped(text, width)
    yield ""
    shown = shown_of(advice, most)
    sources: dict[str, int] = {}
    if shown:
        yield from _rows(advice, shown, sources, width)
        first = shown[0][1]
        yield from _wrapped(f"memory of 1: {words.memory_words(first)}.", width)
    for text in advice.nearest:
        yield from _wrapped(text, width)
    yield ""
    for text in words.buying(advice):
        yield from _wrapped(text, width)
    if shown:
        yield ""
        for text, number in sources.items():
            yield from _wrapped(f"[{number}] {text}", width, indent=4)


def shown_of(advice: Advice, most: int) -> list[tuple[int, Candidate]]:
    """The best, and the best of each way that is not among them, each with its rank."""
    ranks = list(enumerate(advice.ranked, 1))
    shown = ranks[:most]
    ways = {each.way for _rank, each in shown}
    for rank, each in ranks[most:]:
        if each.way not in ways:
            ways.add(each.way)
            shown.append((rank, each))
    return shown


def _rows(advice: Advice, shown: list[tuple[int, Candidate]], sources: dict[str, int], width: int) -> Iterator[str]:
    deadline = advice.run.deadline
    titles = ["", "hours", "USD", f"in {words.span(deadline)}" if deadline else "", "way", "what"]
    cells = [_cells(advice, rank, each, sources) for rank, each in shown]
    widths = [max(len(line[at]) for line in (titles, *cells)) for at in range(5)]
    for line in (titles, *cells):
        aligned = [line[at].rjust(widths[at]) if at < 3 else line[at].ljust(widths[at]) for at in range(5)]
        start = "  ".join(aligned) + "  "
        yield from (
            textwrap.wrap(
                start + line[5],
                width,
                subsequent_indent=" " * len(start),
                break_long_words=False,
                break_on_hyphens=False,
            )
            if line[5]
            else [start.rstrip()]
        )
    for text in words.notes(advice.run, (each for _rank, each in shown)):
        yield from _wrapped(text, width)


def _cells(advice: Advice, rank: int, each: Candidate, sources: dict[str, int]) -> list[str]:
    texts = [
        words.priced_by(each.price),
        f"utilisation {each.utilisation.low:.2f} to {each.utilisation.high:.2f}: {each.utilisation.source}",
        f"{each.offered.accelerator.chip}, {each.peak.tflops:g} TFLOPS of {each.peak.format}: {each.peak.source}",
    ]
    numbers = "".join(f"[{sources.setdefault(text, len(sources) + 1)}]" for text in texts if text)
    place = words.place(each)
    return [
        str(rank),
        f"{'' if each.measured else '≈ '}{words.hours(each.hours)}",
        words.money(each.usd, each.price),
        each.meets(advice.run.deadline) or "",
        each.way,
        f"{words.machines(each)}, {place + ', ' if place else ''}{words.rate(each)} {numbers}",
    ]


def _wrapped(text: str, width: int, indent: int = 0) -> list[str]:
    return textwrap.wrap(
        text, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
    ) or [""]
