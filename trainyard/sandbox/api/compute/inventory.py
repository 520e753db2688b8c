"""What a project holds as the API lists it; made once for each state of the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from trainyard.sandbox.api.call import Call
from trainyard.sandbox.api.compute import instance_json, parts_json
from trainyard.sandbox.api.compute.names import path_of, url
from trainyard.sandbox.api.compute.pages import Listed
from trainyard.sandbox.api.google_error import not_found
from trainyard.sandbox.store import Thing

COPY_PREFIX = "trainyard-sandbox-copy-of-"  # a rehearsal's own projects; they are there before anything is in them


def check_project(call: Call) -> None:
    """404 for a project that the sandbox never gave anything out in."""
    if call.project.startswith(COPY_PREFIX):
        return
    key = ("project", call.project)
    if not call.scene.seen.of(key, lambda: bool(call.store.list(project=call.project, deleted=True))):
        raise not_found(resource=f"projects/{call.project}")


def instances(call: Call) -> Sequence[Listed]:
    """The project's machines, by zone and name."""
    return call.scene.seen.of(("instances", call.project), lambda: _in_order(map(_instance, machines(call))))


def parts(call: Call, collection: str) -> Sequence[Listed]:
    """The project's disks, addresses or snapshots, by place and name."""
    return call.scene.seen.of((collection, call.project), lambda: _in_order(_parts(call, collection)))


def machines(call: Call) -> Sequence[Thing]:
    """The project's machines as the store holds them."""
    return call.store.list(type=instance_json.TYPE, project=call.project)


def find_part(call: Call, type_: str, place: str, name: str) -> Thing | None:
    """A disk, address or snapshot by its place and name."""
    found = call.store.list(type=type_, project=call.project, name=name)
    return next((thing for thing in found if place in ("", thing.place)), None)


def users_of(call: Call, thing: Thing) -> Sequence[str]:
    """The addresses of the machines that hold a disk or an address."""
    return _users(call, _collection(thing.type)).get(_mark(thing), ())


def _parts(call: Call, collection: str) -> Iterable[Listed]:
    types = [type_ for type_ in parts_json.TYPES if _collection(type_) == collection]
    things = [thing for type_ in types for thing in call.store.list(type=type_, project=call.project)]
    users = _users(call, collection)
    return (_part(thing, users.get(_mark(thing), ())) for thing in things)


def _users(call: Call, collection: str) -> Mapping[str, list[str]]:
    held: dict[str, list[str]] = {}
    for machine in machines(call) if collection != "snapshots" else ():
        for mark in _disks(machine) if collection == "disks" else _addresses(machine):
            held.setdefault(mark, []).append(url(instance_json.path(machine)))
    return held


def _mark(thing: Thing) -> str:
    """What a machine that holds the thing says: a disk's path, an address's number."""
    if _collection(thing.type) == "addresses":
        return str(parts_json.to_json(thing)["address"])
    return parts_json.path(thing)


def _disks(machine: Thing) -> list[str]:
    given = {**machine.inputs, **machine.outputs}
    return [path_of(disk["source"]) for disk in instance_json.disks(machine, given) if "source" in disk]


def _addresses(machine: Thing) -> list[str]:
    nics = instance_json.to_json(machine)["networkInterfaces"]
    return [access["natIP"] for nic in nics for access in nic.get("accessConfigs", ()) if "natIP" in access]


def _instance(thing: Thing) -> Listed:
    return Listed(
        scope=f"zones/{thing.place}", name=thing.name, created=thing.created, json=instance_json.to_json(thing)
    )


def _part(thing: Thing, users: Sequence[str]) -> Listed:
    json = parts_json.to_json(thing, users)
    return Listed(scope=parts_json.scope(thing), name=thing.name, created=thing.created, json=json)


def _collection(type_: str) -> str:
    return parts_json.TYPES[type_].collection


def _in_order(things: Iterable[Listed]) -> Sequence[Listed]:
    return sorted(things, key=lambda thing: thing.key)
