"""Amazon's values: the SDK's inputs walked beside botocore's and CloudFormation's trees (`mapping/aws.json`).

Names that are equal but for case and separators are the same property. In the mapping, `at` tells the others, relative
to what holds them; `skip` names what is no property of the vendor's, `loose` what the provider takes in its own words
or what the vendor's description is behind on, `also` what is taken beyond the vendor's list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from trainyard.sandbox.packages import installed
from trainyard.sandbox.schema import Choice, Either, Kind, Listing, Named, Object, ResourceType, Scalar
from trainyard.sandbox.values.extract.aws_shapes import Shape, at, operation, schema, source

_MAPPING: Final = Path(__file__).parent.parent / "mapping" / "aws.json"
# What has rules of its own in `conflicts/aws/`, by folded name: patterns of these differ from service to service, and
# only what is too long is told here.
_OWN_RULES: Final = re.compile(r"arns?$|kms.*key|^tags|cidr|availabilityzone|policydocument|assumerolepolicy")
_UNREADABLE: Final = re.compile(r"\\p\{|\\u[dD]|arn:")  # what Python cannot read, or reads otherwise, and ARNs
# A repeated part that ends in a repeated one, with nothing or something optional behind it, can match one text in many
# ways: it takes for ever on a long value that fits not.
_SLOW: Final = re.compile(r"[*+](?:(?:\\.|\[[^\]]*\]|[^()])[?*])?\)[*+]")
_ANYTHING: Final = "Az9 ~!@#$%^&*()_+{}|:\"<>?`-=[]\\;',./"  # what takes this says nothing
_DEPTH: Final = 8
_LONG: Final = 2**31 - 1  # characters: what a service without a limit names


def extract() -> dict[str, Any]:
    """The document of `data/aws.json`."""
    mapping = json.loads(_MAPPING.read_text(encoding="utf-8"))
    types = {token: _described(token, entry, mapping["skip"]) for token, entry in mapping["types"].items()}
    return {"source": dict(source()), "types": types}


def _described(token: str, entry: Mapping[str, Any], skip_everywhere: Sequence[str]) -> dict[str, Any]:
    shapes = [shape for path in entry.get("botocore", ()) for shape in operation(path)]
    shapes += [shape for path in entry.get("cloudformation", ()) for shape in schema(path)]
    walk = _Walk(entry, skip_everywhere)
    walk.fields(Object(ResourceType(installed()["aws"], token).args), shapes, "", 0)  # type: ignore[arg-type]
    return {
        "of": [*entry.get("botocore", ()), *entry.get("cloudformation", ())],
        **({"required": entry["required"]} if "required" in entry else {}),
        "properties": walk.found,
    }


class _Walk:
    def __init__(self, entry: Mapping[str, Any], skip_everywhere: Sequence[str]) -> None:
        self.found: dict[str, Any] = {}
        self._at: Mapping[str, str] = entry.get("at", {})
        self._also: Mapping[str, list[Any]] = entry.get("also", {})
        self._loose = frozenset(entry.get("loose", ()))
        self._skip = frozenset(entry.get("skip", ())) | frozenset(skip_everywhere)

    def fields(self, kind: Object, shapes: Sequence[Shape], path: str, depth: int) -> None:
        holders = [holder for shape in shapes for holder in _structures(shape)]
        for name, field in kind.fields.items():
            below = f"{path}.{name}" if path else name
            if below in self._skip or name in self._skip or depth > _DEPTH:
                continue
            if below in self._at:
                # A place with steps is told from the roots that have it, also where the name itself lies elsewhere.
                there = [found for holder in holders for found in at(holder, self._at[below])]
            else:
                there = [part for holder in holders for part in _named(holder, name)]
            if there:
                self.value(field.kind, there, below, depth + 1)

    def value(self, kind: Kind, shapes: Sequence[Shape], path: str, depth: int) -> None:
        match kind:
            case Object():
                self._take(path, kind, shapes)
                self.fields(kind, shapes, path, depth)
            case Listing(item):
                self._take(path, kind, shapes)
                self.value(item, [shape.item() or shape for shape in shapes], f"{path}[]", depth)
            case Named(item):
                self._take(path, kind, shapes)
                items = [found for shape in shapes if (found := shape.item()) is not None]
                if items:
                    self.value(item, items, f"{path}{{}}", depth)
            case Scalar() | Choice() | Either():
                self._take(path, kind, [shape for shape in shapes if not shape.is_list()] or shapes)

    def _take(self, path: str, kind: Kind, shapes: Sequence[Shape]) -> None:
        limits: dict[str, Any] = {}
        for shape in shapes:
            for key, value in _useful(path, kind, shape).items():
                if key == "enum":
                    limits["enum"] = list(dict.fromkeys([*limits.get("enum", ()), *value]))
                else:
                    limits.setdefault(key, value)  # the first is the API itself
        if "enum" in limits:
            limits = {"enum": [*limits["enum"], *self._also.get(path, ())]}
        if path in self._loose:
            limits = {}
        self.found[path] = {"api": shapes[0].where, **limits}


def _useful(path: str, kind: Kind, shape: Shape) -> Mapping[str, Any]:
    """The limits that bind a property of the SDK's kind; empty text, 0 and [] are "not given" to the provider."""
    name = _fold(path.rpartition(".")[2])
    told = dict(shape.limits())
    if isinstance(kind, Listing):
        return {"max_items": told["max_items"]} if shape.is_list() and "max_items" in told else {}
    plain = kind.plain if isinstance(kind, Scalar) else ""
    if name == "instancetype" and "sagemaker" not in shape.where.lower():
        return {}  # EC2's own differ by region: `aws_regions.json`
    if plain not in ("text", "whole number", "number") or shape.is_list():
        return {}
    if _OWN_RULES.search(name):
        return {key: told[key] for key in ("max_length",) if plain == "text" and told.get(key, _LONG) < _LONG}
    if plain == "text":
        told = {key: value for key, value in told.items() if key not in ("min", "max")}
        if told.get("min_length", 0) < 2:
            told.pop("min_length", None)
        if not all(isinstance(value, str) for value in told.get("enum", ())):
            told.pop("enum")
        if "pattern" in told and not _readable(told["pattern"]):
            told.pop("pattern")
        return told
    return {
        key: value
        for key, value in told.items()
        if key in ("min", "max") or (key == "enum" and all(isinstance(one, int | float) for one in value))
    }


def _readable(pattern: str) -> bool:
    if _UNREADABLE.search(pattern) or (_SLOW.search(pattern) and ".*" in pattern):
        return False
    try:
        return re.search(pattern, _ANYTHING) is None
    except re.error:
        return False


def _structures(shape: Shape) -> Iterator[Shape]:
    """The shape that holds properties: itself, or what its list holds."""
    found = shape.item() if shape.is_list() else shape
    if found is not None:
        yield found


def _named(holder: Shape, name: str) -> Iterator[Shape]:
    folded = _fold(name)
    members = {_fold(member): shape for member, shape in holder.members().items()}
    for candidate in (folded, f"{folded}s", folded.removesuffix("s"), f"{folded}es", folded.replace("ies", "y")):
        if candidate in members:
            yield members[candidate]
            return


def _fold(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
