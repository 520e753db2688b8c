"""Brings each group's machines to what it wants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Final
from weakref import WeakKeyDictionary

from trainyard.sandbox import faults
from trainyard.sandbox.groups import amazon, azure, google
from trainyard.sandbox.groups.group import Wanted, cap, cap_of
from trainyard.sandbox.groups.naming import member_name
from trainyard.sandbox.provider.faulty import about
from trainyard.sandbox.provider.makers import maker_of
from trainyard.sandbox.provider.order import Order, Refused, thing_of
from trainyard.sandbox.quotas.limits import check_quotas
from trainyard.sandbox.schema import resource_type
from trainyard.sandbox.store import AlreadyThere, Store, Thing

# The clouds name no figure; a lost machine is seen, and made again, after this time, and one that did not come as well.
REPAIR_SECONDS: Final = 120.0
_WANTED: Final[Mapping[str, Callable[[Store, Thing], Wanted | None]]] = {
    **dict.fromkeys(google.TYPES, google.wanted),
    **dict.fromkeys(amazon.TYPES, amazon.wanted),
    **dict.fromkeys(azure.TYPES, azure.wanted),
}
# A write of these, or of what belongs to a thing, can leave a group with too many machines or too few.
_WATCHED: Final = frozenset([*_WANTED, *google.ALSO, *amazon.ALSO])
# The state in which all groups of a store had what they want, and time alone changes nothing.
_WHOLE: Final[WeakKeyDictionary[Store, tuple[int, int]]] = WeakKeyDictionary()


def keep(store: Store) -> None:
    """What is missing is made, what is too many goes; called whenever the store is looked at."""
    store.watched = _WATCHED
    elsewhere = store.written_elsewhere()
    if _WHOLE.get(store) == (store.touched, elsewhere):
        return
    with store.transaction():  # whoever writes meanwhile would be undone by what was read before
        groups = [group for type in _WANTED for group in store.list(type=type) if group.status == "live"]
        if all([_keep(store, group) for group in groups]):  # each is kept, whatever comes of the others
            _WHOLE[store] = (store.touched, elsewhere)
        else:
            _WHOLE.pop(store, None)


def _keep(store: Store, group: Thing) -> bool:
    """Whether it has what it wants until something is written."""
    wanted = _WANTED[group.type](store, group)
    if wanted is None:
        return True
    capped = _cap(store, group, wanted)
    ever = [one for one in store.owned(group.type, group.id) if one[0] == wanted.type]
    there = [id for _, id, status, _, _ in ever if status != "deleted"]
    size = wanted.size if capped is None else min(wanted.size, capped)
    if wanted.whole and size < wanted.size and len(there) < wanted.size:
        size = len(there)  # a part of what is missing is nothing at all
    for id in there[size:]:
        store.delete(wanted.type, id)
    if len(there) >= size:
        return capped is None or not wanted.tries
    if not _makes_more(store, group, wanted, [one[4] for one in ever if one[2] == "deleted"]):
        return not wanted.repairs
    for number in range(len(ever), len(ever) + size - len(there)):
        if not _make(store, group, wanted, number):
            if wanted.whole:
                _take_back(store, group, wanted, there)
            return False
    store.set_meta(_made_key(group), repr(group.changed))
    return capped is None or not wanted.tries


def _cap(store: Store, group: Thing, wanted: Wanted) -> int | None:
    """The most machines that a group made halfway may have; None once it was changed, or got the rest by itself."""
    held = cap_of(store, group)
    if held is None:
        return None
    most, since = held
    if not wanted.tries or store.now() < since + REPAIR_SECONDS or _comes_halfway(store, group):
        return most
    cap(store, group, None)
    store.set_meta(_made_key(group), "")
    return None


def _comes_halfway(store: Store, group: Thing) -> bool:
    """Whether the fault still holds that let only some of its machines come."""
    told = about(group.inputs, {}, group)
    return any(
        fault.kind == "partial"
        and fnmatchcase(f"{group.type} create", fault.call)
        and faults.holds(fault, store.now())
        and faults.fits(fault, told)
        for fault in faults.all_of(store)
    )


def _makes_more(store: Store, group: Thing, wanted: Wanted, lost: list[float]) -> bool:
    """Whether the group makes what is missing now: after its own change, else only what it repairs."""
    if store.meta(_made_key(group)) != repr(group.changed):
        return True
    return wanted.repairs and store.now() >= max(lost, default=0.0) + REPAIR_SECONDS


def _make(store: Store, group: Thing, wanted: Wanted, number: int) -> bool:
    """Whether the cloud gave the machine."""
    name = member_name(wanted.names, group.id, number)
    inputs = {**wanted.inputs, **({wanted.name_in: name} if wanted.name_in else {})}
    about = {"name": name, "place": group.place, "project": group.project, "machine_type": _size(inputs)}
    fault = faults.take(store, f"{wanted.type} create", about)
    if fault is not None:
        return False
    order = Order(
        type=resource_type(group.package, wanted.type),
        name=name,
        inputs=inputs,
        config={},
        store=store,
        now=store.now(),
    )
    try:
        made = wanted.made(group, number, inputs) if wanted.made else maker_of(wanted.type, group.package)(order)
    except (Refused, KeyError, ValueError):
        return False  # a template that no machine can be made of: the cloud's group stays empty as well
    thing = replace(thing_of(order, made), owner=f"{group.type} {group.id}")
    try:
        check_quotas(store, thing)
        store.add(thing, *made.parts)
    except (Refused, AlreadyThere):
        return False
    return True


def _take_back(store: Store, group: Thing, wanted: Wanted, before: list[str]) -> None:
    """What came of a whole that did not come: it never was."""
    for type, id, status, _, _ in store.owned(group.type, group.id):
        if type == wanted.type and status != "deleted" and id not in before:
            store.delete(type, id)


def _size(inputs: Mapping[str, object]) -> str:
    given = inputs.get("machineType") or inputs.get("instanceType") or ""
    return str(given).rpartition("/")[2]


def _made_key(group: Thing) -> str:
    """Of the group's last change whose machines were all made."""
    return f"made {group.type} {group.id}"
