"""Property values that plain JSON cannot say: secrets, values not known in a preview, assets and references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final


class Unknown:
    """A value that the engine does not know yet, as in a preview; there is one, `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __copy__(self) -> Unknown:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Unknown:
        return self


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that state must hold encrypted; its text form never shows it."""

    value: Any = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file, given as text, as a path or as an address."""

    text: str | None = None
    path: str | None = None
    uri: str | None = None
    hash: str | None = None


@dataclass(frozen=True, kw_only=True)
class Archive:
    """Several files, given as named assets, as a path or as an address."""

    assets: Mapping[str, Any] | None = None
    path: str | None = None
    uri: str | None = None
    hash: str | None = None


@dataclass(frozen=True, kw_only=True)
class ResourceReference:
    """A whole resource passed as a value; `id` is None for a component and UNKNOWN before it is made."""

    urn: str
    id: Any = None
    package_version: str = ""


LATER: Final = (Unknown, ResourceReference)  # types of values that nobody can check yet
_PLAIN: Final = frozenset({str, int, float, bool, type(None)})  # hold nothing: most values, asked first


def reveal(value: Any) -> Any:
    """The same value with every secret opened, at any depth."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, Mapping):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [reveal(item) for item in value]
    return value


def has_secret(value: Any) -> bool:
    """Whether anything in the value is a secret, at any depth."""
    if type(value) in _PLAIN:
        return False
    if isinstance(value, Secret):
        return True
    if isinstance(value, Mapping):
        return any(has_secret(item) for item in value.values())
    return isinstance(value, list) and any(has_secret(item) for item in value)


def has_unknown(value: Any) -> bool:
    """Whether anything in the value is not known yet, at any depth."""
    if type(value) in _PLAIN:
        return False
    if isinstance(value, Unknown):
        return True
    if isinstance(value, Secret):
        return has_unknown(value.value)
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    if isinstance(value, ResourceReference):
        return isinstance(value.id, Unknown)
    return isinstance(value, Archive) and has_unknown(dict(value.assets or {}))
