"""Takes the groups of arguments out of the Google provider's source, by hand only: which exclude or need each other.

    python -m trainyard.sandbox.conflicts.gcp.extract FOLDER COMMIT

FOLDER holds a checkout of hashicorp/terraform-provider-google-beta, which Pulumi's Google provider is made of.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from trainyard.sandbox.conflicts.gcp.groups import DATA
from trainyard.sandbox.packages import installed
from trainyard.sandbox.schema import Field, Listing, Object, ResourceType

_LISTS: Final = re.compile(r"(\w+)\s*=\s*\[\]string\{([^}]*)\}")
_FUNCTION: Final = re.compile(r"^func (\w+)\(")
_OPENED: Final = re.compile(r'^(\t+)"([a-z0-9_]+)":\s*\{$')
_GROUP: Final = re.compile(r"^\t+(ConflictsWith|ExactlyOneOf|AtLeastOneOf|RequiredWith):\s*(.*)$")
_REGISTERED: Final = re.compile(r'Name:\s*"(google_\w+)",[^}]*?SchemaTypeResource,\s*Schema:\s*(\w+)\(\)')
_QUOTED: Final = re.compile(r'"([^"]+)"')
# Where the SDK's module and name do not spell the provider's type.
_OTHERWISE: Final[Mapping[str, str]] = {
    "google_cloudfunctions2_function": "gcp:cloudfunctionsv2/function:Function",
    "google_project": "gcp:organizations/project:Project",
    "google_project_iam_member": "gcp:projects/iAMMember:IAMMember",
    "google_project_service": "gcp:projects/service:Service",
    "google_service_account_iam_member": "gcp:serviceaccount/iAMMember:IAMMember",
}
_SHORT: Final = {"ConflictsWith": "apart", "ExactlyOneOf": "one", "AtLeastOneOf": "some", "RequiredWith": "along"}


def main(folder: Path, commit: str) -> None:
    types: dict[str, list[Any]] = {}
    lost: set[str] = set()
    for name, kind, owner, paths, known in sorted(set(_read(folder)), key=lambda found: found[:4]):
        token = _token(name)
        lost |= {name} if token is None else set()
        group = None if token is None else _on_the_wire(token, kind, owner, paths, known)
        if token is not None and group is not None and not _said(group, types.setdefault(token, [])):
            types[token].append(group)
    version = installed()["gcp"].version
    source = f"hashicorp/terraform-provider-google-beta {commit}, schemas; property names of pulumi-gcp {version}"
    rows = ",\n".join(
        f"  {json.dumps(token)}: [\n    " + ",\n    ".join(map(json.dumps, groups)) + "\n  ]"
        for token, groups in sorted(types.items())
        if groups
    )
    DATA.write_text(
        f'{{\n"source": {json.dumps(source)},\n"no_type_of_the_sdk": {json.dumps(sorted(lost))},\n'
        f'"types": {{\n{rows}\n}}\n}}\n',
        encoding="utf-8",
    )


def _said(group: Mapping[str, Any], said: list[Any]) -> bool:
    """Whether a group is there already; of an excluding pair, also the other way round."""
    if group["kind"] == "apart":
        pairs = {(old["of"], path) for old in said if old["kind"] == "apart" for path in old["paths"]}
        return all((path, group["of"]) in pairs for path in group["paths"])
    return group in said


_Found = tuple[str, str, str, tuple[str, ...], frozenset[str]]


def _read(folder: Path) -> Iterator[_Found]:
    """(the provider's type, kind of group, path of its owner, paths of the group, every name in the file)."""
    for file in sorted(folder.glob("google-beta/services/*/*.go")):
        text = file.read_text(encoding="utf-8")
        names = {function: name for name, function in _REGISTERED.findall(text)}
        if names and not file.name.endswith("_test.go"):
            lists = {name: _QUOTED.findall(body) for name, body in _LISTS.findall(text)}
            yield from _groups(text.splitlines(), names, lists)


def _groups(lines: list[str], names: Mapping[str, str], lists: Mapping[str, list[str]]) -> Iterator[_Found]:
    inside, open_ = "", list[tuple[int, str]]()
    every = frozenset(found[2] for found in map(_OPENED.match, lines) if found)
    for number, line in enumerate(lines):
        if function := _FUNCTION.match(line):
            inside, open_ = function[1], []
        if opened := _OPENED.match(line):
            depth = len(opened[1])
            open_ = [*(part for part in open_ if part[0] < depth), (depth, opened[2])]
        found = _GROUP.match(line)
        if found is None or inside not in names:
            continue
        depth = len(line) - len(line.lstrip("\t"))
        owner = [name for at, name in open_ if at < depth]  # what opened deeper is closed again
        given = found[2]
        if given.startswith("[]string{"):
            more = number
            while "}" not in given:
                more += 1
                given += lines[more]
            paths = _QUOTED.findall(given)
        else:
            paths = lists.get(given.rstrip(","), [])
        if paths and owner:
            path = ".0.".join(owner)
            kind = _SHORT[found[1]]
            # The plugin SDK counts the owner in; of an excluding pair either side is the owner.
            group = sorted({path, *paths} if kind in ("one", "some") else set(paths) - {path})
            yield names[inside], kind, path, tuple(group), every


def _on_the_wire(
    token: str, kind: str, owner: str, paths: tuple[str, ...], names: frozenset[str]
) -> dict[str, Any] | None:
    """The group by the SDK's names; None when it reaches into lists or has a name that the SDK has not.

    `at` is what must be there for the group to matter; `part` tells that some of its paths have no name in the SDK, or
    that the SDK is newer and has properties there that the source does not name: none being given says nothing then.
    """
    inputs = inputs_of(token)
    whole = [_wire(inputs, path) for path in paths]
    known = [path for path in whole if path]
    at = _wire(inputs, owner)
    if at is None or not known:
        return None
    part = len(known) < len(whole) or _is_newer(_at(inputs, at.rpartition(".")[0]), names)
    match kind:
        case "apart":
            return {"kind": kind, "of": at, "paths": known}
        case "along":
            return None if part else {"kind": kind, "of": at, "paths": known}
        case _:
            return {"kind": kind, "at": at.rpartition(".")[0], "paths": known, **({"part": True} if part else {})}


@cache
def inputs_of(token: str) -> Mapping[str, Field]:
    return ResourceType(installed()["gcp"], token).inputs


def _at(fields: Mapping[str, Field], path: str) -> Mapping[str, Field]:
    for step in path.split(".") if path else ():
        kind = fields[step].kind
        fields = kind.fields if isinstance(kind, Object) else {}
    return fields


def _is_newer(fields: Mapping[str, Field], names: frozenset[str]) -> bool:
    named = {name.replace("_", "") for name in names}
    endings = ("", "s", "es", "ies")
    return any(
        not any(wire.lower().removesuffix(ending) + more in named for ending in endings for more in ("", "y"))
        for wire in fields
    )


def _wire(fields: Mapping[str, Field], path: str) -> str | None:
    steps: list[str] = []
    parts = re.sub(r"\.0\b", "", path).split(".")
    for number, part in enumerate(parts):
        field = named(fields, part)
        if field is None:
            return None
        steps.append(field.wire)
        if number + 1 < len(parts):
            if isinstance(field.kind, Listing) or not isinstance(field.kind, Object):
                return None
            fields = field.kind.fields
    return ".".join(steps)


def named(fields: Mapping[str, Field], name: str) -> Field | None:
    """The property of a name in snake case; the SDK's plural of it where it is a list."""
    head, *rest = name.split("_")
    camel = head + "".join(part[:1].upper() + part[1:] for part in rest)
    plurals = (camel, f"{camel}s", f"{camel}es", f"{camel.removesuffix('y')}ies")
    by_name = {wire.lower(): field for wire, field in fields.items()}
    return next((by_name[name.lower()] for name in plurals if name.lower() in by_name), None)


def tokens_of(text: str) -> list[str]:
    """The SDK's types whose resources a file of the provider registers."""
    return [token for name, _ in _REGISTERED.findall(text) if (token := _token(name)) is not None]


def _token(name: str) -> str | None:
    return _OTHERWISE.get(name) or _by_folded_name().get(name.replace("_", ""))


@cache
def _by_folded_name() -> Mapping[str, str]:
    return {_folded(token): token for token in installed()["gcp"].types}


def _folded(token: str) -> str:
    module, _, name = token.removeprefix("gcp:").partition("/")
    return f"google{module}{name.partition(':')[0]}".lower()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
