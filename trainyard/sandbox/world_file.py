"""The world file: what is on the clouds already and in no stack, such as another team's network."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import yaml

from trainyard.sandbox import registered
from trainyard.sandbox.check import check_inputs, nearest
from trainyard.sandbox.folder import SandboxError
from trainyard.sandbox.packages import Package, installed
from trainyard.sandbox.provider.makers import maker_of
from trainyard.sandbox.provider.names import name_property
from trainyard.sandbox.provider.order import Order, Refused, thing_of
from trainyard.sandbox.provider.rules import check_rules
from trainyard.sandbox.references import already_there, check_references, remember
from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.store import AlreadyThere, Store, Thing

PLACE: Final = Path("stacks") / "world.yaml"  # in a checkout; `trainyard sandbox start` reads it
_DECLARED: Final = "declared"  # the path of a row in `refs`: the thing came from the file that `to_id` names
_FILE: Final = "world file"
_HASH: Final = "world_file"
_CONFIG: Final = ("project", "region", "zone", "location", "subscriptionId")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing of the file."""

    line: int
    type: ResourceType
    id: str  # where the file gives one; else the cloud's usual way
    inputs: Mapping[str, Any]
    config: Mapping[str, Any]  # what stands in the entry and is the provider's to know


def load(store: Store, path: Path) -> tuple[Thing, ...]:
    """Puts the file's things in place of those declared before; SandboxError with every mistake, and nothing loaded."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read ({error}); give a YAML file with a list of things"
        raise SandboxError(message) from error
    entries, problems = parse(text)
    if problems:
        raise SandboxError("\n".join(f"{path}:{problem}" for problem in problems))
    with store.transaction():
        before = declared(store)
        for thing in before:
            _forget(store, thing)
        registered.declare(store, registrations(text))
        made = tuple(_make(store, entry, path, before) for entry in entries)
        store.set_meta(_HASH, _mark(text))
    return made


def load_once(store: Store, path: Path) -> None:
    """Loads the file unless the store holds it as it is."""
    if path.exists() and store.meta(_HASH) != _mark(path.read_text(encoding="utf-8")):
        load(store, path)


def declared(store: Store) -> tuple[Thing, ...]:
    """Everything that a world file declared and that is still there."""
    rows = store.rows("SELECT type, id FROM refs WHERE to_type=? ORDER BY type, id", _FILE)
    return tuple(thing for type, id in rows if (thing := store.get(type, id)) is not None)


def clear(store: Store) -> int:
    """Takes away what was declared, used or not; how many things that were."""
    with store.transaction():
        found = declared(store)
        for thing in found:
            _forget(store, thing)
        registered.declare(store, ())
        store.set_meta(_HASH, "")
    return len(found)


def parse(text: str) -> tuple[list[Entry], list[str]]:
    """The file's entries, and what is wrong with it, each with its line: "12: …"."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return [], [f"{mark.line + 1 if mark else 1}: is no YAML: {getattr(error, 'problem', error)}"]
    if value is None:
        return [], []
    if not isinstance(value, list) or not isinstance(node, yaml.SequenceNode):
        return [], ["1: a list of things is expected; write `- type: gcp:compute/network:Network` entries"]
    entries: list[Entry] = []
    problems: list[str] = []
    for item, at in zip(value, node.value, strict=True):
        if registered.is_entry(item):
            told = registered.read(item)
            problems += [f"{at.start_mark.line + 1}: {told}"] if isinstance(told, str) else []
            continue
        found = _entry(item, at)
        if isinstance(found, Entry):
            wrong = list(_wrong(found, at))
            problems += wrong
            entries += [] if wrong else [found]
        else:
            problems.append(found)
    return entries, problems


def registrations(text: str) -> Iterator[registered.Registered]:
    """What the file says that subscriptions are registered for."""
    for item in yaml.safe_load(text) or ():
        if registered.is_entry(item) and not isinstance(told := registered.read(item), str):
            yield told


def _entry(item: Any, node: yaml.Node) -> Entry | str:
    line = node.start_mark.line + 1
    if not isinstance(item, dict) or not isinstance(item.get("type"), str):
        return f"{line}: an entry is a mapping with `type`, such as `type: gcp:compute/network:Network`"
    found = _type(item["type"])
    if isinstance(found, str):
        return f"{_line_of(node, 'type')}: {found}"
    package, token = found
    type = ResourceType(package, token)
    python = {python: wire for wire, python in type.python_names.items()}
    given = {python.get(str(key), str(key)): value for key, value in item.items() if key not in ("type", "id")}
    own = name_property(type)
    if own is not None and own != "name" and own not in given and "name" in given and "name" not in type.inputs:
        given[own] = given.pop("name")
    config: dict[str, Any] = {key: str(given[key]) for key in _CONFIG if key in given}
    inputs = {key: value for key, value in given.items() if key in type.inputs or key not in config}
    return Entry(line=line, type=type, id=str(item.get("id") or ""), inputs=inputs, config=config)


def _wrong(entry: Entry, node: yaml.Node) -> Iterator[str]:
    for problem in (*check_inputs(entry.type, entry.inputs), *check_rules(entry.type, entry.inputs, entry.config)):
        top = problem.path.partition(".")[0].partition("[")[0]
        yield f"{_line_of(node, top, entry.type.python_names.get(top, top))}: {problem.path}: {problem.reason}"
    own = name_property(entry.type)
    if own is not None and not entry.id and not entry.inputs.get(own):
        yield f"{entry.line}: {own}: a thing that is there already has a name: give it"


def _type(given: str) -> tuple[Package, str] | str:
    """The package and token of "gcp:compute/network:Network", "gcp:compute:Network" or "gcp.compute.Network"."""
    start, _, _ = given.replace(".", ":").partition(":")
    package = installed().get(start) or installed().get(start.replace("_", "-"))
    if package is None:
        return f'there is no package "{start}"; installed are {", ".join(sorted(installed()))}'
    token = package.token_of(given)
    if token is not None:
        return package, token
    short = {_short(token): token for token in package.types}
    wanted = given.replace(".", ":").replace("azure_native", "azure-native")
    if wanted in short:
        return package, short[wanted]
    near = nearest(wanted, list(short)) or nearest(given, list(package.types))
    return f'"{given}" is no resource type of {package.name}' + (f'; did you mean "{near}"?' if near else "")


def _short(token: str) -> str:
    module, _, kind = token.rpartition(":")
    return f"{module.partition('/')[0]}:{kind}"


def _make(store: Store, entry: Entry, path: Path, before: tuple[Thing, ...]) -> Thing:
    """The thing in the store; SandboxError, in the cloud's words, where it does not fit what is there."""
    own = name_property(entry.type)
    name = str(entry.inputs.get(own or "name") or entry.id or f"world-{entry.line}")
    inputs = {key: value for key, value in entry.inputs.items() if value is not None}
    order = Order(
        type=entry.type, name=name, inputs=inputs, config=entry.config, store=store, now=store.now(), before=None
    )
    try:
        pointers = check_references(order)
        older = next((one for one in before if one.type == entry.type.token and one.name == name), None)
        made = maker_of(entry.type.token, entry.type.package)(replace(order, before=older) if older else order)
    except (Refused, ValueError) as error:
        message = f"{path}:{entry.line}: {error}"
        raise SandboxError(message) from error
    id = entry.id or made.id
    outputs = {**inputs, **made.outputs, **({"id": id} if "id" in entry.type.outputs else {})}
    # A declared thing has no end of its own: it stays until the file says otherwise.
    thing = replace(thing_of(order, made), id=id, outputs=outputs, ends=None, end_action=None)
    try:
        thing = store.add(thing)
    except AlreadyThere as there:
        message = f"{path}:{entry.line}: {already_there(order, str(there))}"
        raise SandboxError(message) from there
    remember(store, thing, pointers)
    store.run("INSERT OR REPLACE INTO refs VALUES (?,?,?,?,?)", thing.type, thing.id, _DECLARED, _FILE, f"{path.name}")
    return thing


def _forget(store: Store, thing: Thing) -> None:
    """As if it had never been: its name is free, and its id was never given out."""
    store.run("DELETE FROM resources WHERE owner=?", f"{thing.type} {thing.id}")
    store.run("DELETE FROM resources WHERE type=? AND id=?", thing.type, thing.id)
    store.run("DELETE FROM refs WHERE type=? AND id=?", thing.type, thing.id)


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _line_of(node: yaml.Node, *keys: str) -> int:
    """The line of an entry's key, else the entry's own."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    for key, _ in pairs:
        if key.value in keys:
            return int(key.start_mark.line) + 1
    return int(node.start_mark.line) + 1
