"""A scope: what one list call covers and one credential opens; what is said where it cannot be listed or emptied."""

from __future__ import annotations

from trainyard.facts.billable import Billable


class UnknownScopeError(ValueError):
    """The text is no scope of a cloud that is built."""


class ScopeUnreadable(Exception):  # noqa: N818 - an outcome that callers match on
    """What lives in the scope is not known; never to be taken for "nothing"."""

    def __init__(self, scope: str, reason: str) -> None:
        super().__init__(f"{scope} cannot be listed: {reason}")
        self.scope = scope
        self.reason = reason


class NotEndedError(Exception):
    """A thing could not be ended, and may go on billing."""

    def __init__(self, thing: Billable, reason: str) -> None:
        super().__init__(f"{thing.kind} {thing.name} in {thing.place} ({thing.scope}) could not be ended: {reason}")
        self.thing = thing


def split_scope(scope: str) -> tuple[str, str]:
    """Cloud and place of "gcp:acme-ml-dev"; UnknownScopeError when one is missing."""
    cloud, colon, place = scope.partition(":")
    if not colon or not cloud or not place:
        message = f'"{scope}" is no scope; give cloud and place, for example "gcp:acme-ml-dev".'
        raise UnknownScopeError(message)
    return cloud, place
