"""The one way in which components take a moment: RFC 3339 text in UTC, as clouds and nodes take it."""

from datetime import UTC, datetime


def check_instant(what: str, text: str) -> None:
    """ValueError unless the text reads like "2026-11-24T14:00:00Z"."""
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        message = f'The {what} {text!r} is no RFC 3339 time in UTC; write it as "2026-11-24T14:00:00Z".'
        raise ValueError(message) from None
