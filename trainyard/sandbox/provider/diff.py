"""What changed between the inputs in state and the new ones, and whether the cloud can change it in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from trainyard.sandbox.changes import Facts, facts_of
from trainyard.sandbox.provider.changed import Leaf, changed
from trainyard.sandbox.provider.grown import grown
from trainyard.sandbox.provider.names import is_autonamed, name_property
from trainyard.sandbox.schema import Field, Kind, Listing, Object, ResourceType
from trainyard.servicer.values import reveal


@dataclass(frozen=True)
class Change:
    path: str  # "networkInterfaces[0].subnetwork"
    kind: Literal["add", "delete", "update"]
    replaces: bool


@dataclass(frozen=True)
class Difference:
    changes: Sequence[Change]
    delete_first: bool


def difference(
    type: ResourceType,
    name: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    ignored: Sequence[str],
    told: Mapping[str, Any] | None = None,
) -> Difference:
    """Every changed leaf; `ignored` are paths that the program wants left alone, `told` the outputs in state."""
    facts = replace_facts(type)
    leaves = changed(facts, _visible(old), _visible(new), _visible(told or {}))
    changes = [
        Change(leaf.path, leaf.kind, _replaces(type, facts, leaf))
        for leaf in leaves
        if not any(_covers(skipped, leaf.path) for skipped in ignored)
    ]
    return Difference(changes, _delete_first(type, name, old, new) and any(change.replaces for change in changes))


@cache
def replace_facts(type: ResourceType) -> Facts:
    """The table's facts of the type; where no source was read, its own name and the SDK's words besides."""
    facts = facts_of(type.package, type.token)
    own = {wire for wire in (name_property(type), "name") if wire and wire in type.inputs} if not facts.whole else set()
    if type.package == "azure-native":  # a part of the path: an input that no output has
        own |= {wire for wire in type.inputs if wire.endswith("Name") and wire not in type.outputs}
    said = type.replacers if not facts.whole else frozenset()
    return Facts(**{**vars(facts), "new": (facts.new | own | said) - facts.update})


def _replaces(type: ResourceType, facts: Facts, leaf: Leaf) -> bool:
    if any(_covers(path, leaf.bare) for path in facts.update):
        return False
    how = facts.grows.get(leaf.bare)
    if how is not None:
        return not grown(how, leaf.old, leaf.new)
    if any(_covers(rule, leaf.bare) for rule in facts.new):
        return True
    if leaf.kind != "update" and leaf.bare in facts.new_block:
        return True
    if any(path in facts.new or path in facts.new_block for path in leaf.below):
        return True
    return not facts.whole and any(_sdk_says(type.inputs, path) for path in (leaf.bare, *leaf.below))


def _sdk_says(fields: Mapping[str, Field], path: str) -> bool:
    """Whether the description of a nested property on the path says that its change makes a new thing."""
    head, _, rest = path.partition(".")
    field = fields.get(head)
    if field is None:
        return False
    if field.forces_new:
        return True
    inner = _object_in(field.kind)
    return bool(rest) and inner is not None and _sdk_says(inner.fields, rest)


def _object_in(kind: Kind) -> Object | None:
    while isinstance(kind, Listing):
        kind = kind.item
    return kind if isinstance(kind, Object) else None


def _covers(rule: str, path: str) -> bool:
    return path == rule or path.startswith((f"{rule}.", f"{rule}["))


def _visible(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in reveal(value).items() if not key.startswith("__")}


def _delete_first(type: ResourceType, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a replaced one must go first, since the new one has the same name and no other may have it."""
    own = name_property(type)
    if own is None:
        return False
    before, after = reveal(old.get(own)), reveal(new.get(own))
    return before is not None and before == after and not is_autonamed(type, after, name)
