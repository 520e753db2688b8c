"""Newer prices over the known rows; what cannot be right stays out, is listed, and the old price holds."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trainyard.choice.offers.index import NANO, NOT_SOLD
from trainyard.choice.offers.names import accelerator
from trainyard.choice.offers.newer.quote import Quote
from trainyard.choice.offers.rows import Row
from trainyard.facts.accelerator import UNVERIFIED, Accelerator
from trainyard.facts.tpu import of_slice_name

_TENTH, _TENFOLD = Decimal("0.1"), Decimal(10)
_ROUNDING = Decimal("1.0001")  # sources round in the fifth digit
_LOCAL_ZONE = re.compile(r"[a-z]+[0-9]+-[a-z]{3}[0-9]+-az[0-9]+")  # AWS's local zones have prices of their own
_SELLS_NO_SPOT = ("lambda", "paperspace")


@dataclass(frozen=True, kw_only=True)
class Quarantined:
    """A price that was not taken."""

    quote: Quote
    last_usd_hour: Decimal | None
    why: str


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What came of a source: rows that are new or have a newer price, and what was not taken."""

    rows: list[Row]
    chips: dict[str, Accelerator]  # that were not known
    quarantined: list[Quarantined]
    taken: int  # prices
    older: int  # prices that are older than the known ones


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What the new prices carry as their source, and its day."""

    code: str
    day: date


def checked(
    quotes: Iterable[Quote],
    known: Iterable[Row],
    chips: Mapping[str, Accelerator],
    days: Mapping[str, date],
    mark: Mark,
) -> Checked:
    """The quotes as rows; `days`: the day of each source of the known prices."""
    return _Check(known, chips, days, mark).of(quotes)


class _Check:
    def __init__(self, known: Iterable[Row], chips: Mapping[str, Accelerator], days: Mapping[str, date], mark: Mark):
        self.rows: dict[tuple[str, ...], Row] = {}
        self.types: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self.regions: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for row in known:
            self._know(row)
        self.chips, self.new_chips, self.days, self.mark = dict(chips), dict[str, Accelerator](), days, mark
        self.quarantined: list[Quarantined] = []
        self.changed: dict[tuple[str, ...], None] = {}
        self.taken = self.older = 0

    def of(self, quotes: Iterable[Quote]) -> Checked:
        # On-demand first, for spot is held against it.
        for quote in sorted(quotes, key=lambda quote: quote.way):
            row = self._row(quote)
            if isinstance(row, str):
                self._out(quote, None, row)
                continue
            for each in self._places(quote, row):
                self._price(quote, each)
        return Checked(
            rows=[self.rows[key] for key in self.changed],
            chips=self.new_chips,
            quarantined=self.quarantined,
            taken=self.taken,
            older=self.older,
        )

    def _know(self, row: Row) -> None:
        if row.key not in self.rows:
            self.types[row.cloud, row.machine_type].append(row)
            self.regions[row.cloud, row.machine_type, row.region].append(row)
        self.rows[row.key] = row

    def _row(self, quote: Quote) -> Row | str:
        """A row of this machine without prices, or why there can be none."""
        wanted = accelerator(quote.chip)
        if wanted is None:
            return f'unknown accelerator "{quote.chip}"'
        slices = of_slice_name(quote.machine_type) if quote.cloud == "gcp" else None
        if slices is not None:
            chips = int(quote.machine_type.rpartition("-")[2]) // slices.cores_in_name
            like = next(iter(self.types[quote.cloud, quote.machine_type]), None)
            key = like.accelerator if like else self._chip(wanted.chip, None)
            return self._bare(quote, key, str(chips)) if key else f'unknown accelerator "{quote.chip}"'
        count = f"{quote.count:g}"
        for row in self.types[quote.cloud, quote.machine_type]:
            chip = self.chips[row.accelerator]
            if row.chips == count and chip.chip == wanted.chip:
                return self._bare(quote, row.accelerator, count, row.vcpus, row.memory_gib)
        if self.types[quote.cloud, quote.machine_type] and not quote.machine_type.startswith("n1-"):
            row = self.types[quote.cloud, quote.machine_type][0]
            return (
                f"{quote.machine_type} has {row.chips} × {self.chips[row.accelerator].chip}, not {count} × {quote.chip}"
            )
        found = self._chip(wanted.chip, wanted.memory_gib or quote.chip_memory_gib)
        return self._bare(quote, found, count) if found else f'unknown memory of accelerator "{quote.chip}"'

    def _bare(self, quote: Quote, chip: str, count: str, vcpus: str | None = None, memory: str | None = None) -> Row:
        none = "!no-spot" if quote.cloud in _SELLS_NO_SPOT else "!unlisted"
        return Row(
            cloud=quote.cloud,
            machine_type=quote.machine_type,
            accelerator=chip,
            chips=count,
            vcpus=vcpus if vcpus is not None else _text(quote.vcpus),
            memory_gib=memory if memory is not None else _text(quote.memory_gib),
            region=quote.region,
            zone=quote.zone,
            on_demand="",
            on_demand_source="!unlisted",
            spot="",
            spot_source=none,
        )

    def _chip(self, name: str, memory_gib: int | None) -> str | None:
        """The id of an accelerator whose form and fabric no source tells."""
        memories = {chip.memory_gib for chip in self.chips.values() if chip.chip == name}
        if memory_gib is None and len(memories) == 1:
            (memory_gib,) = memories
        if memory_gib not in memories:
            return None
        forms = {(chip.form, chip.fabric) for chip in self.chips.values() if chip.chip == name}
        form, fabric = forms.pop() if len(forms) == 1 else (UNVERIFIED, UNVERIFIED)
        key = f"{name.lower()}-{memory_gib}-{form}-{fabric}"
        if key not in self.chips:
            self.chips[key] = self.new_chips[key] = Accelerator(
                chip=name, memory_gib=memory_gib, form=form, fabric=fabric
            )
        return key

    def _places(self, quote: Quote, row: Row) -> list[Row]:
        """The rows that the price holds for: its zone, or every known zone of its region."""
        if quote.zone:
            return [self.rows.get(row.key, row)]
        there = [
            self.rows[each.key]
            for each in self.regions[row.cloud, row.machine_type, row.region]
            if each.accelerator == row.accelerator and each.chips == row.chips and not _LOCAL_ZONE.fullmatch(each.zone)
        ]
        return there or [row]

    def _price(self, quote: Quote, row: Row) -> None:
        spot = quote.way == "spot"
        text, source = (row.spot, row.spot_source) if spot else (row.on_demand, row.on_demand_source)
        last = Decimal(text) if text else None
        if source in NOT_SOLD:
            return self._out(quote, None, f"{row.machine_type} is not sold as {quote.way}")
        if last is not None and self.days[source.partition("+")[0]] > self.mark.day:
            self.older += 1
            return None
        usd = (quote.usd_hour * NANO).to_integral_value() / NANO
        on_demand = Decimal(row.on_demand) if row.on_demand else None
        if not usd:
            return self._out(quote, last, "the price is 0")
        if last is not None and usd < last * _TENTH:
            return self._out(quote, last, "under a tenth of the last price")
        if last is not None and usd > last * _TENFOLD:
            return self._out(quote, last, "over ten times the last price")
        if spot and on_demand is not None and usd > on_demand * _ROUNDING:
            return self._out(quote, last, f"spot above on-demand ({on_demand:f} USD/h)")
        written = f"{usd.normalize():f}"
        code = self.mark.code + quote.lacks
        newer = (
            row._replace(spot=written, spot_source=code)
            if spot
            else row._replace(on_demand=written, on_demand_source=code)
        )
        self._know(newer)
        self.changed[newer.key] = None
        self.taken += 1
        return None

    def _out(self, quote: Quote, last: Decimal | None, why: str) -> None:
        self.quarantined.append(Quarantined(quote=quote, last_usd_hour=last, why=why))


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
