"""The bill of the simulated clouds, from the first second of each thing to its last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from trainyard.facts.price import AtLeast, Price, Unknown, at_least, text, usd
from trainyard.sandbox.lives import Span, spans
from trainyard.sandbox.money.meter import Metered, bills, metered
from trainyard.sandbox.money.prices import price

if TYPE_CHECKING:
    from trainyard.sandbox.store import Store, Thing

_CENT: Final = Decimal("0.01")
_LABELS: Final = {"lease": "trainyard-lease", "owner": "trainyard-owner", "cost-center": "trainyard-cost-center"}
GROUPS: Final = (*_LABELS, "cloud", "project")


@dataclass(frozen=True, kw_only=True)
class Line:
    """A time in which one thing billed at one price."""

    package: str
    project: str
    place: str
    name: str
    type: str
    what: Metered
    labels: Mapping[str, str]
    since: datetime
    until: datetime  # now, where it goes on
    running: bool  # it bills now
    price: Price

    @property
    def hours(self) -> float:
        return (self.until - self.since) / timedelta(hours=1)

    @property
    def usd(self) -> Decimal:
        """What is certain; 0 where the price is unknown."""
        return at_least(self.price, self.until - self.since)

    @property
    def whole(self) -> bool:
        """Whether `usd` is all of it."""
        return not isinstance(self.price, Unknown | AtLeast)

    def group(self, by: str) -> str:
        """The line's value for one of GROUPS; "" where it has none."""
        if by in _LABELS:
            return self.labels.get(_LABELS[by], "")
        return self.package if by == "cloud" else self.project


@dataclass(frozen=True, kw_only=True)
class Bill:
    lines: Sequence[Line]
    until: datetime

    @property
    def usd(self) -> Decimal:
        """The certain part of the sum."""
        return sum((line.usd for line in self.lines), Decimal(0)).quantize(_CENT)

    @property
    def unpriced(self) -> Sequence[Line]:
        """What bills as well and is not, or not wholly, in the sum."""
        return [line for line in self.lines if not line.whole]

    @property
    def usd_hour_now(self) -> Decimal:
        """What is certain to be added each hour from now on."""
        running = (usd(line.price) or Decimal(0) for line in self.lines if line.running)
        return sum(running, Decimal(0)).quantize(_CENT)

    def between(self, since: datetime, until: datetime) -> Bill:
        """The part of it that fell between two moments, as it stood at the later one."""
        cut = (
            replace(
                line,
                since=max(line.since, since),
                until=min(line.until, until),
                running=line.running or line.until > until,
            )
            for line in self.lines
        )
        return Bill(lines=[line for line in cut if line.until > line.since], until=until)

    def by(self, group: str) -> Mapping[str, Bill]:
        """The bill split by one of GROUPS."""
        lines = sorted(self.lines, key=lambda line: line.group(group))
        parts = groupby(lines, key=lambda line: line.group(group))
        return {name: Bill(lines=list(part), until=self.until) for name, part in parts}


def bill(store: Store) -> Bill:
    """Everything that has billed until now, deleted things too."""
    now = _utc(store.now())
    lines = [line for line in _lines(store, now) if line.until > line.since]
    lines.sort(key=lambda line: (line.since, line.package, line.type, line.name))
    return Bill(lines=lines, until=now)


def as_json(whole: Bill) -> dict[str, Any]:
    """Plain values: the sum, what it lacks, and each line."""
    return {
        "until": whole.until.isoformat(),
        "usd": str(whole.usd),
        "whole": not whole.unpriced,
        "usd_hour_now": str(whole.usd_hour_now),
        "lines": [
            {
                "package": line.package,
                "project": line.project,
                "place": line.place,
                "type": line.type,
                "name": line.name,
                **asdict(line.what),
                "labels": dict(line.labels),
                "since": line.since.isoformat(),
                "until": line.until.isoformat(),
                "running": line.running,
                "hours": round(line.hours, 4),
                "price": text(line.price),
                "usd": str(line.usd),
            }
            for line in whole.lines
        ],
    }


def _lines(store: Store, moment: datetime) -> Iterator[Line]:
    for _, of_one in groupby(spans(store), key=lambda span: (span.type, span.id)):
        thing: Thing | None = None
        for span, what in _billing(of_one):
            thing = thing or store.recall(span.type, span.id)
            if thing is not None and _utc(span.since) < moment:
                yield _line(thing, span, what, moment)


def _billing(of_one: Iterable[Span]) -> Iterator[tuple[Span, Metered]]:
    for span in of_one:
        what = metered(span.type, span.inputs)
        if what is not None and bills(what, span.status):
            yield span, what


def _line(thing: Thing, span: Span, what: Metered, moment: datetime) -> Line:
    end = None if span.until is None else _utc(span.until)
    return Line(
        package=thing.package,
        project=thing.project,
        place=thing.place,
        name=thing.name or thing.id,
        type=thing.type,
        what=what,
        labels=thing.labels,
        since=_utc(span.since),
        until=moment if end is None or end > moment else end,
        running=end is None or end > moment,
        price=price(thing.package, what, thing.place),
    )


def _utc(when: float) -> datetime:
    return datetime.fromtimestamp(int(when), UTC)
