"""A thing's inputs as its provider reads them back: as given, unless the cloud really holds something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainyard.sandbox.changes import Facts
from trainyard.sandbox.provider.changed import changed
from trainyard.sandbox.provider.diff import replace_facts
from trainyard.sandbox.provider.gcp_instance import TYPE as INSTANCE
from trainyard.sandbox.schema import Anything, Kind, Listing, Named, Object, ResourceType
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import Secret, has_secret, reveal


def inputs_now(type: ResourceType, thing: Thing) -> dict[str, Any]:
    """What Read returns as inputs. What only differs as text, order or default stays as the program wrote it."""
    facts = replace_facts(type)
    outputs = reveal(dict(thing.outputs))
    if type.token == INSTANCE:
        # hashicorp/terraform-provider-google: desired_status is set from the machine's status where it is given.
        outputs["desiredStatus"] = outputs.get("currentStatus")
    return {name: _now(type, facts, name, given, outputs.get(name)) for name, given in thing.inputs.items()}


def _now(type: ResourceType, facts: Facts, name: str, given: Any, told: Any) -> Any:
    if told is None or given is None or name not in type.inputs:
        return given
    plain = reveal(given)
    # Labels that somebody else put there are no part of what the program holds (pulumiLabels, effectiveLabels).
    alone = name == "labels" and "effectiveLabels" in type.outputs
    held = _spoken_of(type.inputs[name].kind, plain, told, alone=alone)
    if next(changed(facts, {name: plain}, {name: held}, {}), None) is None:
        return given
    return Secret(held) if has_secret(given) else held


def _spoken_of(kind: Kind, given: Any, told: Any, *, alone: bool = False) -> Any:
    """What the cloud tells, without what the program never said of an object."""
    if isinstance(given, Mapping) and isinstance(told, Mapping):
        if isinstance(kind, Named | Anything) and not alone:
            return dict(told)
        fields = kind.fields if isinstance(kind, Object) else {}
        return {
            key: _spoken_of(fields[key].kind if key in fields else Anything(), item, told.get(key, item))
            for key, item in given.items()
            if not alone or key in told
        }
    if isinstance(given, list) and isinstance(told, Mapping):
        return given  # Azure tells some lists as a mapping, such as the identities of a thing
    if isinstance(given, list) and isinstance(told, list):
        item = kind.item if isinstance(kind, Listing) else Anything()
        return [_spoken_of(item, given[number], one) if number < len(given) else one for number, one in enumerate(told)]
    return told
