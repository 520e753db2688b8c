"""What `trainyard offers` says to one question: a table or plain data, with reasons where they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from trainyard.choice.offers.ask import Ask
from trainyard.choice.offers.currency import Rate
from trainyard.choice.offers.explain import removed
from trainyard.choice.offers.index import Catalogue
from trainyard.choice.offers.nearest import nearest, sentences
from trainyard.choice.offers.query import Found, Offered, search
from trainyard.choice.offers.words import as_data, table
from trainyard.choice.offers.workloads import for_kind


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One question with what was found."""

    title: str
    found: Found
    rows: Sequence[Offered]
    rate: Rate | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)  # of what was found: by the workload's kind

    def lines(self, limit: int | None, *, explain: bool) -> Iterator[str]:
        """For a terminal; `limit` None shows every row."""
        rows = self.rows
        shown = rows[:limit]
        more = f", the cheapest {len(shown)} of them" if len(shown) < len(rows) else ""
        yield f"{self.title}: {len(rows)} of {len(self.found.catalogue)} offers fit{more}"
        yield from table(shown, self.rate)
        if not self.found.rows:
            yield from sentences(self.found.ask, self.found.catalogue)
        if explain or (self.found.rows and not rows):
            yield from self._reasons()

    def data(self, limit: int | None, *, explain: bool) -> dict[str, object]:
        """For programs."""
        rows = self.rows
        data: dict[str, object] = {
            "asked": self.title,
            "fit": len(rows),
            "of": len(self.found.catalogue),
            "offers": [as_data(row, self.rate) for row in rows[:limit]],
        }
        if not self.found.rows:
            data["nearest"] = [
                {"relaxed": way.demands, "words": way.words, "lets_in": as_data(way.lets_in), "count": way.count}
                for way in nearest(self.found.ask, self.found.catalogue)
            ]
        if explain:
            data["removed"] = [
                {"by": each.demand, "why": each.why, "count": each.count, "examples": each.examples}
                for each in removed(self.found.ask, self.found.catalogue)
            ]
        if self.left_out:
            data["left_out"] = self.left_out
        return data

    def _reasons(self) -> Iterator[str]:
        groups = removed(self.found.ask, self.found.catalogue)
        yield "" if groups else "no other offer is known"
        width = max((len(f"{group.count}") for group in groups), default=0)
        for group in groups:
            yield f"{group.count:>{width}}  {group.why}: {', '.join(group.examples)}, …"
        for why, count in self.left_out.items():
            yield f"{count:>{width}}  {why}"


def answer(title: str, ask: Ask, catalogue: Catalogue, *, rate: Rate | None = None, kind: str | None = None) -> Answer:
    """The answer to a question; with a kind of workload, by what that pays. AskError for a word that nobody has."""
    if kind is None:
        found = search(ask, catalogue)
        return Answer(title=title, found=found, rows=found.rows, rate=rate)
    found = search(replace(ask, max_usd_hour=None), catalogue)
    paid = for_kind(found.rows, kind, ask.max_usd_hour)
    return Answer(title=title, found=found, rows=paid.rows, rate=rate, left_out=paid.left_out)
