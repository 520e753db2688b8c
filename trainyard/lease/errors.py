"""What can go wrong between a program and the store of lease records."""

from __future__ import annotations


class LeaseError(Exception):
    """Base of all errors of this room; the text says what was given, what is allowed, what to do next."""


class StoreUrlError(LeaseError):
    """The text is no place where records can lie."""


class StoreUnreachable(LeaseError):  # noqa: N818 - an outcome that callers match on
    """The store did not answer, or not us; nothing is known about the record, least of all that it is absent."""


class Conflict(LeaseError):  # noqa: N818 - an outcome that callers match on
    """Somebody else wrote first: read again, and apply only one's own fields."""


class RecordTooNewError(LeaseError):
    """A later Trainyard wrote the record; this one would lose what it does not know."""


class RecordMissingError(LeaseError):
    """A field of a record was to be written, but there is no readable record."""
