"""What a project holds as the API lists it; made once for each state of the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trainyard.sandbox.api.call import Call
from trainyard.sandbox.api.compute import instance_json, parts_json
from trainyard.sandbox.api.compute.names import path_of
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
    return call.scene.seen.of(("instances", call.project), lambda: _in_order(_instance(one) for one in machines(call)))


def parts(call: Call, type_: str) -> Sequence[Listed]:
    """The project's disks, addresses or snapshots, by place and name."""
    return call.scene.seen.of((type_, call.project), lambda: _in_order(_parts(call, type_)))


def machines(call: Call) -> Sequence[Thing]:
    """The project's machines as the store holds them."""
    return call.store.list(type=instance_json.TYPE, project=call.project)


def disk_of(call: Call, zone: str, name: str) -> tuple[Thing, list[str]] | None:
    """A disk, own or a machine's boot disk, with the addresses of the machines that hold it."""
    wanted = f"projects/{call.project}/zones/{zone}/disks/{name}"
    found = call.store.get(parts_json.DISK, wanted)
    users: list[str] = []
    for machine in machines(call):
        if wanted in _held(machine):
            users.append(instance_json.to_json(machine)["selfLink"])
            found = found or parts_json.boot_disk(machine)
    return None if found is None else (found, users)


def _instance(thing: Thing) -> Listed:
    return Listed(
        scope=f"zones/{thing.place}", name=thing.name, created=thing.created, json=instance_json.to_json(thing)
    )


def _parts(call: Call, type_: str) -> list[Listed]:
    things = {thing.id: thing for thing in call.store.list(type=type_, project=call.project)}
    users: dict[str, list[str]] = {}
    if type_ == parts_json.DISK:
        for machine in machines(call):
            link = instance_json.to_json(machine)["selfLink"]
            for held in _held(machine):
                users.setdefault(held, []).append(link)
            boot = parts_json.boot_disk(machine)
            if boot is not None:
                things.setdefault(boot.id, boot)
    if type_ == parts_json.ADDRESS:
        in_use = {str(nat): link for machine in machines(call) for nat, link in _external(machine)}
        for thing in things.values():
            address = parts_json.to_json(thing)["address"]
            if address in in_use:
                users[thing.id] = [in_use[address]]
    return [_part(thing, users.get(thing.id, ())) for thing in things.values()]


def _part(thing: Thing, users: Sequence[str]) -> Listed:
    scope = parts_json.path(thing).split("/", 2)[2].rsplit("/", 2)[0]
    return Listed(scope=scope, name=thing.name, created=thing.created, json=parts_json.to_json(thing, users))


def _held(machine: Thing) -> list[str]:
    given = {**machine.inputs, **machine.outputs}
    return [path_of(disk["source"]) for disk in instance_json.disks(machine, given) if "source" in disk]


def _external(machine: Thing) -> list[tuple[str, str]]:
    shown = instance_json.to_json(machine)
    return [
        (access["natIP"], shown["selfLink"])
        for nic in shown["networkInterfaces"]
        for access in nic.get("accessConfigs", ())
        if "natIP" in access
    ]


def _in_order(things: Iterable[Listed]) -> Sequence[Listed]:
    return sorted(things, key=lambda thing: thing.key)
