"""Two of Amazon's descriptions as one kind of tree: botocore's service models and cfn-lint's CloudFormation schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Protocol

import botocore.session
import cfnlint

_SCHEMAS: Final = Path(cfnlint.__file__).parent / "data" / "schemas"
_REGION: Final = "us-east-1"  # has every type, and its schemas hold no list that differs by region


class Shape(Protocol):
    """One place in a vendor's tree."""

    where: str  # in the vendor's own words: "ec2 RunInstancesRequest.BlockDeviceMappings[].Ebs"

    def members(self) -> Mapping[str, Shape]: ...

    def item(self) -> Shape | None:
        """Of a list or a mapping."""
        ...

    def limits(self) -> Mapping[str, Any]:
        """In the words of `description.Said`."""
        ...

    def is_list(self) -> bool: ...

    def required(self) -> frozenset[str]: ...


class BotocoreShape:
    def __init__(self, shape: Any, where: str) -> None:
        self._shape = shape
        self.where = where

    def members(self) -> Mapping[str, Shape]:
        if self._shape.type_name != "structure":
            return {}
        return {name: BotocoreShape(shape, f"{self.where}.{name}") for name, shape in self._shape.members.items()}

    def item(self) -> Shape | None:
        if self._shape.type_name == "list":
            return BotocoreShape(self._shape.member, f"{self.where}[]")
        return BotocoreShape(self._shape.value, f"{self.where}{{}}") if self._shape.type_name == "map" else None

    def is_list(self) -> bool:
        return bool(self._shape.type_name == "list")

    def required(self) -> frozenset[str]:
        return frozenset(self._shape.metadata.get("required", ()))

    def limits(self) -> Mapping[str, Any]:
        told = self._shape.metadata
        least, most = {
            "string": ("min_length", "max_length"),
            "list": ("min_items", "max_items"),
            "map": ("", ""),
        }.get(self._shape.type_name, ("min", "max"))
        found = {"enum": told.get("enum"), least: told.get("min"), most: told.get("max")}
        if told.get("pattern"):
            # The services match whole values, whatever anchors their models have.
            found["pattern"] = f"^(?:{told['pattern']})$"
        return {key: value for key, value in found.items() if key and value not in (None, [])}


class SchemaShape:
    def __init__(self, node: Mapping[str, Any], root: Mapping[str, Any], where: str) -> None:
        self._root = root
        self._node = self._resolved(node)
        self.where = where

    def _resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in node:
            found: Any = self._root
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node

    def members(self) -> Mapping[str, Shape]:
        parts = self._node.get("properties", {})
        return {name: SchemaShape(part, self._root, f"{self.where}.{name}") for name, part in parts.items()}

    def item(self) -> Shape | None:
        items = self._node.get("items")
        return SchemaShape(items, self._root, f"{self.where}[]") if isinstance(items, Mapping) else None

    def is_list(self) -> bool:
        return self._node.get("type") == "array"

    def required(self) -> frozenset[str]:
        return frozenset(self._node.get("required", ()))

    def limits(self) -> Mapping[str, Any]:
        names = {
            "enum": "enum",
            "pattern": "pattern",
            "minimum": "min",
            "maximum": "max",
            "minLength": "min_length",
            "maxLength": "max_length",
            "minItems": "min_items",
            "maxItems": "max_items",
        }
        return {ours: self._node[theirs] for theirs, ours in names.items() if theirs in self._node}


def operation(path: str) -> Iterator[Shape]:
    """The input of "ec2.RunInstances", or the part of it behind a slash: "fsx.CreateFileSystem/LustreConfiguration"."""
    named, _, below = path.partition("/")
    service, _, name = named.partition(".")
    shape = _service(service).operation_model(name).input_shape
    yield from at(BotocoreShape(shape, f"{service} {name}"), below)


def schema(path: str) -> Iterator[Shape]:
    """The CloudFormation type "AWS::FSx::FileSystem", or the part of it behind a slash."""
    name, _, below = path.partition("/")
    document = json.loads((_SCHEMAS / "resources" / f"{_index()[name]}.json").read_text(encoding="utf-8"))
    yield from at(SchemaShape(document, document, name), below)


def at(shape: Shape, path: str) -> Iterator[Shape]:
    """The place below a shape: "BlockDeviceMappings[].Ebs"; none when the vendor has no such place."""
    found: Shape | None = shape
    for step in filter(None, path.replace("[]", ".[]").split(".")):
        if found is not None:
            found = found.item() if step == "[]" else found.members().get(step)
    if found is not None:
        yield found


def source() -> Mapping[str, str]:
    dated = json.loads((_SCHEMAS / "version.json").read_text(encoding="utf-8"))["schema_date"]
    return {
        "botocore": f"{version('botocore')}, service models (input shapes of the operations)",
        "cfn-lint": f"{version('cfn-lint')}, CloudFormation provider schemas of {_REGION}, {dated}",
        "pulumi_aws": version("pulumi_aws"),
    }


@cache
def _service(name: str) -> Any:
    return botocore.session.get_session().get_service_model(name)


@cache
def _index() -> Mapping[str, str]:
    found: Mapping[str, str] = json.loads((_SCHEMAS / "providers" / f"{_REGION}.json").read_text(encoding="utf-8"))
    return found
