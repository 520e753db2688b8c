"""The functions that look up a thing of some type, whichever it is: `getAddress` for an `Address`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from trainyard.sandbox.packages import Package
from trainyard.sandbox.provider.functions.question import Question
from trainyard.sandbox.provider.order import Refused
from trainyard.sandbox.references import finding
from trainyard.sandbox.store import Thing
from trainyard.servicer.values import reveal

_VERSION: Final = re.compile(r"^(azure-native:[a-z0-9]+)/v[0-9]+[a-z0-9]*(:.+)$")
_PLACES: Final = ("project", "region", "zone", "location")


def plain_token(token: str) -> str:
    """The token without an API version of Azure: "azure-native:network:getSubnet"."""
    versioned = _VERSION.match(token)
    return "".join(versioned.groups()) if versioned else token


def type_asked(token: str, package: Package) -> str | None:
    """The resource type that a function looks up; None where there is none of its name."""
    start, _, name = token.rpartition(":")
    if not name.startswith("get"):
        return None
    noun = name.removeprefix("get")
    if package.name == "azure-native":
        wanted = f"{start}:{noun}"
    else:
        wanted = f"{start.partition('/')[0]}/{noun[:1].lower()}{noun[1:]}:{noun}"
    return wanted if wanted in package.types else None


def stored(type: str, question: Question) -> dict[str, Any]:
    """What the store holds of the thing that is asked for; Refused, as the cloud does, when there is none."""
    thing = found(type, question)
    return {**reveal(dict(thing.outputs)), "id": thing.id}


def found(type: str, question: Question) -> Thing:
    """The thing itself; Refused, as the cloud does, when there is none."""
    thing = find(type, question)
    if thing is None:
        raise Refused(_missing(type, question))
    return thing


def find(type: str, question: Question) -> Thing | None:
    """The thing of the type that fits the question's arguments."""
    given = {name: value for name, value in question.args.items() if isinstance(value, str) and value}
    for text in given.values():
        last = text.rpartition("/")[2]
        hits = [finding.by_id(question.store, [type], text), *finding.by_name(question.store, [type], last)]
        for hit in hits:
            thing = question.store.get(hit.type, hit.id) if hit is not None else None
            if thing is not None and _fits(thing, given, question):
                return thing
    one = next((hit for text in given.values() if (hit := finding.by_text(question.store, [type], text))), None)
    thing = question.store.get(one.type, one.id) if one is not None else None
    return thing if thing is not None and _fits(thing, given, question) else None


def _fits(thing: Thing, given: Mapping[str, str], question: Question) -> bool:
    """Whether nothing of the question speaks against the thing."""
    if thing.package == "azure-native":
        names = [f"/{text.lower()}" for name, text in given.items() if name.endswith("Name")]
        return all(f"{part}/" in f"{thing.id.lower()}/" for part in names)
    told = reveal({**thing.inputs, **thing.outputs})
    for name, text in given.items():
        there = told.get(name)
        if name in _PLACES and isinstance(there, str) and there.lower() != text.rpartition("/")[2].lower():
            return False
        if name in ("name", "arn", "id") and text not in (there, thing.id, thing.name) and text not in str(there):
            return False
    project = question.text("project")
    return thing.package != "gcp" or not project or not thing.project or thing.project == project


def _missing(type: str, question: Question) -> str:
    package, kind = type.partition(":")[0], type.rpartition(":")[2]
    args = question.args
    name = next((str(value) for key, value in args.items() if key.lower().endswith(("name", "id")) and value), "")
    if package == "azure-native":
        name = next((str(value) for key, value in reversed(list(args.items())) if key.endswith("Name") and value), name)
        group = args.get("resourceGroupName", "")
        return (
            f"Code=\"ResourceNotFound\" Message=\"The Resource '{kind}/{name}' under resource group '{group}' was not "
            'found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"'
        )
    if package == "aws":
        return f"NotFound: no matching {kind} found for {name or 'what was asked'}"
    return f"googleapi: Error 404: The resource '{name}' was not found, notFound"
