"""A Terraform resource's schema as Go source states it, brought to a Pulumi type's names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.schema import Field, Kind, Listing, Object
from trainyard.sandbox.values.extract.go import Call, Composite, GoPackage, Name

# Where Pulumi calls a property otherwise than in camel case (pulumi-aws, provider/resources.go).
_CALLED: Final[Mapping[str, str]] = {"function_name": "name", "filename": "code", "cluster_name": "cluster"}
Packages = Mapping[str, GoPackage]


class Reading:
    """Looks names up in the package that a schema is written in, then in those that it imports."""

    def __init__(self, own: GoPackage, imported: Packages) -> None:
        self.own, self.imported = own, imported

    def resolved(self, value: Any) -> Any:
        """The composite that a call or a name stands for; the value itself where it stands for nothing."""
        for _ in range(6):
            if isinstance(value, Call):
                name = value.name
            elif isinstance(value, Name):
                name = value.text
            else:
                return value
            prefix, _, bare = name.rpartition(".")
            package = self.imported.get(prefix) if prefix else self.own
            found = package.value_of(bare) if package is not None else None
            if found is None:
                return value
            value = found
        return value

    def fields(self, value: Any) -> dict[str, Composite]:
        """Terraform's name of each property to its `schema.Schema`."""
        if isinstance(value, Call) and value.name.endswith("MergeSchemas"):
            return {name: field for part in value.args for name, field in self.fields(part).items()}
        value = self.resolved(value)
        if not isinstance(value, Composite):
            return {}
        found = {}
        for name, field in value.entries:
            key = name if isinstance(name, str) else _attribute(name)
            schema = self.resolved(field)
            if key is not None and isinstance(schema, Composite):
                found[key] = schema
        return found

    def items(self, schema: Composite) -> dict[str, Composite]:
        """The properties of a block; none for plain values."""
        elem = self.resolved(schema.get("Elem"))
        return self.fields(elem.get("Schema")) if isinstance(elem, Composite) and elem.get("Schema") else {}


def facts(reading: Reading, schema: Any, fields: Mapping[str, Field]) -> dict[str, Any]:
    """What the schema says of a change, by the paths of the Pulumi type, one list or mapping a flag."""
    said_of = reading.fields(schema)
    found: dict[str, Any] = {"new": [], "new_block": [], "set": [], "kept": [], "default": {}, "same": {}}
    for path, said in _walk(reading, said_of, fields, ""):
        block = bool(reading.items(said))
        if _is(said, "ForceNew"):
            found["new_block" if block else "new"].append(path)
        if said.get("Type") == Name("schema.TypeSet"):
            found["set"].append(path)
        if _is(said, "Computed") and _is(said, "Optional"):
            found["kept"].append(path)
        default = said.get("Default")
        if isinstance(default, Name) and default.text in ("true", "false"):
            found["default"][path] = default.text == "true"
        elif isinstance(default, str | int | float):
            found["default"][path] = default
        suppress = said.get("DiffSuppressFunc")
        if suppress is not None:
            found["same"][path] = _called(suppress)
    if "labels" in fields and "effective_labels" in said_of and _is(said_of["effective_labels"], "ForceNew"):
        found["new"].append("labels")  # the provider's own labels are compared with them
    return {flag: sorted(value) if isinstance(value, list) else value for flag, value in found.items() if value}


def _walk(
    reading: Reading, said: Mapping[str, Composite], fields: Mapping[str, Field], path: str
) -> Iterator[tuple[str, Composite]]:
    for name, schema in said.items():
        field = _field(name, schema, fields)
        if field is None:
            continue
        at = f"{path}.{field.wire}" if path else field.wire
        yield at, schema
        inner = _object_in(field.kind)
        if inner is not None:
            yield from _walk(reading, reading.items(schema), inner.fields, at)


def _field(name: str, schema: Composite, fields: Mapping[str, Field]) -> Field | None:
    """The Pulumi property of a Terraform name: camel case, in the plural where there can be several."""
    head, *rest = name.split("_")
    camel = head + "".join(word[:1].upper() + word[1:] for word in rest)
    several = isinstance(schema.get("Type"), Name) and schema.get("Type").text in ("schema.TypeList", "schema.TypeSet")
    names = [*_plurals(camel), camel] if several and schema.get("MaxItems") != 1 else [camel, *_plurals(camel)]
    names += [_CALLED[name]] if name in _CALLED else []
    return next((fields[wire] for wire in names if wire in fields), None)


def _plurals(camel: str) -> list[str]:
    ending = f"{camel[:-1]}ies" if camel.endswith("y") else f"{camel}es"
    return [f"{camel}s", ending]


def _object_in(kind: Kind) -> Object | None:
    while isinstance(kind, Listing):
        kind = kind.item
    return kind if isinstance(kind, Object) else None


def _is(schema: Composite, flag: str) -> bool:
    return bool(schema.get(flag) == Name("true"))


def _called(value: Any) -> str:
    """The bare name of a function; "" of one that is written in place."""
    if isinstance(value, Call):
        args = ",".join(arg for arg in value.args if isinstance(arg, str))
        return f"{value.name.rpartition('.')[2]}({args})"
    return value.text.rpartition(".")[2] if isinstance(value, Name) else ""


def _attribute(name: Any) -> str | None:
    """ "availability_zone" of `names.AttrAvailabilityZone`."""
    if not isinstance(name, Name) or not name.text.startswith("names.Attr"):
        return None
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.text.removeprefix("names.Attr")).lower()
