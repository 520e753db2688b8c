"""Which arm of "made here or existing by id" a value is: the tags of pydantic's unions that base stacks are made of."""

from __future__ import annotations

from collections.abc import Callable, Collection

from trainyard.settings.shape import Section, keys


def made_or_existing(*of_existing: str) -> Callable[[object], str]:
    """ "(existing)" for what has one of these keys, which only things that others own have, else "(made)"."""

    def which(value: object) -> str:
        return "(existing)" if any(key in _keys(value) for key in of_existing) else "(made)"

    return which


def made_or_existing_of(*kinds: str) -> Callable[[object], str | None]:
    """ "(made bucket)" or "(existing bucket)" by `kind` and `id`; None for another kind."""

    def which(value: object) -> str | None:
        kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
        return f"({'existing' if 'id' in _keys(value) else 'made'} {kind})" if kind in kinds else None

    return which


def _keys(value: object) -> Collection[str]:
    """Of a mapping out of a file, or of the section that it became."""
    if isinstance(value, dict):
        return value
    return keys(type(value)) if isinstance(value, Section) else ()
