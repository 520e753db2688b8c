"""What bills under a lease's label and is in no state: the clouds' lists beside the engine's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from trainyard.facts.billable import Billable

# Groups make machines of their own, which no state holds; Amazon tells by a tag of its own whose they are.
_GROUP_TAG = "aws:autoscaling:groupName"


def outside_state(stack: str, resources: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A line for each thing that bills and is not of the state's `resources`, and each scope that gave no list."""
    from stacks.checking import project_name  # Pulumi takes half a second, and most commands need none of it
    from stacks.environment import FOLDER, TOLD, read_environment
    from trainyard.clouds import ScopeUnreadable, UnknownScopeError, open_scope
    from trainyard.lease.store import Held, open_store
    from trainyard.provider.lease.things import line

    try:
        environment = read_environment(project_name(), stack, Path(FOLDER))
        if environment.settings.lease is None:
            return
        reading = open_store(environment.store).read(environment.lease_id)
    except TOLD:
        return  # the check of the stack tells it
    known = names_in(resources, environment.lease_id)
    for scope in reading.record.scopes if isinstance(reading, Held) else ():
        try:
            lister = open_scope(scope, environment.sandbox)
            found = lister.list_billable(environment.lease_id)
        except (ScopeUnreadable, UnknownScopeError) as error:
            yield f"what bills in {scope} is unknown, which is not nothing: {error}"
            continue
        for thing in found:
            if thing.billing and not is_of(thing, known):
                yield (
                    f"outside of the state, and bills: {line(thing)}. `pulumi destroy` is refused over it. End it: "
                    f"{lister.end_by_hand(thing)}"
                )


def names_in(resources: Iterable[Mapping[str, Any]], lease_id: str) -> frozenset[str]:
    """The names and ids under which a cloud may tell a state's resources."""
    found: set[str] = set()
    for resource in resources:
        outputs = resource.get("outputs") or {}
        told = (resource.get("id"), outputs.get("name"), outputs.get("displayName"))
        found |= {str(each).rpartition("/")[2] for each in told if each}
    return frozenset(found - {lease_id, ""})


def is_of(thing: Billable, known: frozenset[str]) -> bool:
    """Whether it is one of the names, or a part of one: a group's machine, a machine's disk."""
    name = thing.name.rpartition("/")[2]
    owners = {name, thing.labels.get(_GROUP_TAG, "")}
    return bool(owners & known) or any(name.startswith((f"{each}-", f"{each}_")) for each in known)
