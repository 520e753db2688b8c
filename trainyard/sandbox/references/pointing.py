"""Follows what an order points at, before the cloud makes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from trainyard.sandbox.provider.order import Order, Refused
from trainyard.sandbox.references import amazon, azure, finding, google
from trainyard.sandbox.references.cross import check_together
from trainyard.sandbox.references.description import Reference, gives, references_of, target_of, targets
from trainyard.sandbox.references.finding import GIVES, PART, Hit, values_at
from trainyard.sandbox.references.unique import check_free
from trainyard.sandbox.store import Store, Thing
from trainyard.servicer.values import reveal


@dataclass(frozen=True, kw_only=True)
class Pointer:
    """One property of an order that points at a thing."""

    path: str  # "networkInterfaces[0].subnetwork"
    given: str
    target: str  # the kind: "subnetwork"
    to: Hit | None  # None: there by rule, or not the sandbox's to know
    blocks: bool  # whether it is kept: the target cannot go, or takes this one along


def check_references(order: Order) -> Sequence[Pointer]:
    """What the order points at; Refused, in the cloud's words, when something of it is not there or does not fit.

    What an update leaves as it was is followed and not refused: a cloud does not look at it again.
    """
    pointers = [*_by_rule(order), *_by_table(order)]
    if order.before is None:
        check_free(order)
    check_together(order, pointers)
    return pointers


def remember(store: Store, thing: Thing, pointers: Sequence[Pointer]) -> None:
    """Keeps what a thing points at, and what came along with it."""
    rows = {(pointer.path, pointer.to.type, pointer.to.id) for pointer in pointers if pointer.to and pointer.blocks}
    for output, name in gives(thing.package, thing.type).items():
        id = _at(thing.outputs, output)
        if isinstance(id, str) and id:
            rows.add((f"{GIVES}{output}", targets(thing.package)[name].types[0], id))
    known = store.rows("SELECT 1 FROM refs WHERE type=? AND id=? LIMIT 1", thing.type, thing.id)
    if known:
        store.run("DELETE FROM refs WHERE type=? AND id=?", thing.type, thing.id)
    for path, to_type, to_id in rows:
        store.run("INSERT OR REPLACE INTO refs VALUES (?,?,?,?,?)", thing.type, thing.id, path, to_type, to_id)


def _by_table(order: Order) -> Iterator[Pointer]:
    package = order.type.package
    finder = {"gcp": google.find, "aws": amazon.find}.get(package)
    for reference in references_of(package, order.type.token):
        if reference.steps[0] not in order.inputs:
            continue
        for path, given in values_at(order.inputs, reference.steps):
            if finder is not None:
                hit = _tried(order, reference, path, given, finder)
            else:
                hit = azure.find_parent(order, reference, given)
            part = reference.target.form == "parent"
            yield Pointer(
                path=f"{PART}{path}" if part else path,
                given=given,
                target=reference.target.name,
                to=hit,
                blocks=reference.blocks or part,
            )


def _tried(order: Order, reference: Reference, path: str, given: str, finder: Any) -> Hit | None:
    try:
        hit: Hit | None = finder(order, reference, given, path)
    except Refused:
        if order.before is not None and _was(order.before, reference, given):
            return None
        raise
    return hit


def _was(before: Thing, reference: Reference, given: str) -> bool:
    return any(old == given for _, old in values_at(before.inputs, reference.steps))


def _by_rule(order: Order) -> Iterator[Pointer]:
    """Azure: the resource group, and every path of a thing wherever it stands."""
    if order.type.package != "azure-native":
        return
    azure.check_registered(order)
    azure.check_scope(order)
    group = azure.find_group(order)
    if group is not None:
        yield Pointer(path="resourceGroupName", given=group.name, target="resourceGroup", to=group, blocks=False)
    old = {given for _, given in azure.paths(order.before.inputs)} if order.before else set()
    for path, given in azure.paths(order.inputs):
        hit = finding.by_path(order.store, given) if path == "id" or given in old else azure.find(order, given, path)
        target = target_of("azure-native", hit.type) if hit is not None else None
        blocks = target is not None and target.blocks
        yield Pointer(path=path, given=given, target=target.name if target else "", to=hit, blocks=blocks)


def _at(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = reveal(value)
        value = value.get(step) if isinstance(value, dict) else None
    return value
