"""A billing currency at a rate that the user gives with its date; Trainyard itself knows no rates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trainyard.choice.offers.ask import AskError

_RATE = re.compile(
    r"(?P<currency>[A-Z]{3})=(?P<per_usd>[0-9]{1,6}(?:\.[0-9]{1,8})?)@(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
)


@dataclass(frozen=True, kw_only=True)
class Rate:
    """What one US dollar costs in another currency, as of a day."""

    currency: str
    per_usd: Decimal
    day: date

    def of(self, usd: Decimal) -> Decimal:
        """Dollars in this currency."""
        return usd * self.per_usd


def rate(text: str) -> Rate:
    """The rate of "EUR=0.86@2026-11-20"; AskError for any other text."""
    found = _RATE.fullmatch(text)
    try:
        if found is None or (per_usd := Decimal(found["per_usd"])) <= 0:
            raise ValueError
        return Rate(currency=found["currency"], per_usd=per_usd, day=date.fromisoformat(found["day"]))
    except ValueError:
        message = f'"{text}" is no rate; give the currency, what one US dollar costs and its day: EUR=0.86@2026-11-20.'
        raise AskError(message) from None
