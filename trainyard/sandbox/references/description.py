"""What points at what: `data/<package>.json`, by type and property."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

DATA: Final = Path(__file__).parent / "data"


@dataclass(frozen=True, kw_only=True)
class Target:
    """A kind of thing that is pointed at."""

    name: str  # "network"
    types: tuple[str, ...]  # tokens; the first is the usual one
    form: str  # how a program names it: "google", "id", "name", "arn", "arm" or one of the special ones
    collection: str = ""  # google: the path's word before the name
    scope: str = ""  # google: "global", "region", "zone"; "" where only project and name count
    missing: str = ""  # the cloud's answer where it is not there; {given} is what the program said
    blocks: bool = False  # it cannot be deleted while it is pointed at
    in_use: str = ""  # the cloud's answer to its deletion; {name}, {id}, {user}


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One property of one type that points at a target."""

    path: str  # "networkInterfaces[].subnetwork"
    target: Target
    blocks: bool
    same: str = ""  # "zone" or "region": where the target must be with what points at it
    missing: str = ""  # instead of the target's own

    @cached_property
    def steps(self) -> list[str]:
        return self.path.replace("[]", ".[]").split(".")


@cache
def references_of(package: str, token: str) -> tuple[Reference, ...]:
    """Every property of a type that points at something."""
    table = _table(package)
    given: Mapping[str, Any] = table.get("references", {}).get(token, {})
    return tuple(_reference(package, path, said) for path, said in given.items())


@cache
def targets(package: str) -> Mapping[str, Target]:
    """Every kind of thing that is pointed at, by its short name."""
    given: Mapping[str, Any] = _table(package).get("targets", {})
    return {name: _target(name, said) for name, said in given.items()}


@cache
def target_of(package: str, token: str) -> Target | None:
    """The kind that a type is of; None where nothing points at it."""
    return next((target for target in targets(package).values() if token in target.types), None)


def gives(package: str, token: str) -> Mapping[str, str]:
    """Outputs of a type that are ids of things that came along with it, and the target that each is."""
    given: Mapping[str, str] = _table(package).get("gives", {}).get(token, {})
    return given


def _reference(package: str, path: str, said: str | Mapping[str, Any]) -> Reference:
    more: dict[str, Any] = {} if isinstance(said, str) else dict(said)
    target = targets(package)[said if isinstance(said, str) else more.pop("to")]
    return Reference(path=path, target=target, **{"blocks": target.blocks, **more})


def _target(name: str, said: Mapping[str, Any]) -> Target:
    return Target(name=name, **{**said, "types": tuple(said["types"])})


@cache
def _table(package: str) -> Mapping[str, Any]:
    path = DATA / f"{package}.json"
    if not path.exists():
        return {}
    table: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return table
