"""What `trainyard offers` says to one question: a table or plain data, with reasons where they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trainyard.choice.offers.ask import Ask
from trainyard.choice.offers.currency import Rate
from trainyard.choice.offers.explain import removed
from trainyard.choice.offers.index import Catalogue
from trainyard.choice.offers.nearest import nearest, sentences
from trainyard.choice.offers.query import Found, search
from trainyard.choice.offers.words import as_data, table


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One question with what was found."""

    title: str
    found: Found
    rate: Rate | None = None

    def lines(self, limit: int | None, *, explain: bool) -> Iterator[str]:
        """For a terminal; `limit` None shows every row."""
        rows = self.found.rows
        shown = rows[:limit]
        more = f", the cheapest {len(shown)} of them" if len(shown) < len(rows) else ""
        yield f"{self.title}: {len(rows)} of {len(self.found.catalogue)} offers fit{more}"
        yield from table(shown, self.rate)
        if not rows:
            yield from sentences(self.found.ask, self.found.catalogue)
        if explain:
            yield from self._reasons()

    def data(self, limit: int | None, *, explain: bool) -> dict[str, object]:
        """For programs."""
        rows = self.found.rows
        data: dict[str, object] = {
            "asked": self.title,
            "fit": len(rows),
            "of": len(self.found.catalogue),
            "offers": [as_data(row, self.rate) for row in rows[:limit]],
        }
        if not rows:
            data["nearest"] = [
                {"relaxed": way.demands, "words": way.words, "lets_in": as_data(way.lets_in), "count": way.count}
                for way in nearest(self.found.ask, self.found.catalogue)
            ]
        if explain:
            data["removed"] = [
                {"by": each.demand, "why": each.why, "count": each.count, "examples": each.examples}
                for each in removed(self.found.ask, self.found.catalogue)
            ]
        return data

    def _reasons(self) -> Iterator[str]:
        groups = removed(self.found.ask, self.found.catalogue)
        yield "" if groups else "no other offer is known"
        width = max((len(f"{group.count}") for group in groups), default=0)
        for group in groups:
            yield f"{group.count:>{width}}  {group.why}: {', '.join(group.examples)}, …"


def answer(title: str, ask: Ask, catalogue: Catalogue, rate: Rate | None = None) -> Answer:
    """The answer to a question; AskError for a place that nobody has."""
    return Answer(title=title, found=search(ask, catalogue), rate=rate)
