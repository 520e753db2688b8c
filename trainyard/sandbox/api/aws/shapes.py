"""Requests into plain values and values into answers, along botocore's own models of the services."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from trainyard.sandbox.api.aws.error import AwsError

Tree = dict[str, Any]  # of "Filter.1.Name=x": {"Filter": {"1": {"Name": "x"}}}
_FOLDERS: Final = {"tagging": "resourcegroupstaggingapi", "servicequotas": "service-quotas"}


@cache
def service(name: str) -> ServiceModel:
    """The model of a service by the name that signs its requests."""
    folder = _FOLDERS.get(name, name)
    return ServiceModel(Loader().load_service_model(folder, "service-2"), folder)


def from_form(operation: OperationModel, body: bytes, is_ec2: bool) -> dict[str, Any]:
    """The values of a query request; AwsError for what the operation does not know or lacks."""
    fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
    for name in ("Action", "Version"):
        fields.pop(name, None)
    shape = operation.input_shape
    return _structure(shape, _tree(fields), "", is_ec2) if shape is not None else {}


def _tree(fields: Mapping[str, str]) -> Tree:
    tree: Tree = {}
    for name, value in fields.items():
        at = tree
        *path, last = name.split(".")
        for part in path:
            inner = at.setdefault(part, {})
            if not isinstance(inner, dict):
                raise AwsError(400, "MalformedQueryString", f"The query string contains a syntax error at {name}")
            at = inner
        at[last] = value
    return tree


def _structure(shape: StructureShape, tree: Tree, path: str, is_ec2: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    left = dict(tree)
    for member, kind in shape.members.items():
        name = _sent_name(member, kind, is_ec2)
        if name in left:
            found[member] = _value(kind, left.pop(name), f"{path}{name}", is_ec2)
    for name in left:
        raise AwsError(400, "UnknownParameter", f"The parameter {path}{name} is not recognized")
    for member in shape.required_members:
        if member not in found:
            name = _sent_name(member, shape.members[member], is_ec2)
            raise AwsError(400, "MissingParameter", f"The request must contain the parameter {path}{name}")
    return found


def _sent_name(member: str, shape: Shape, is_ec2: bool) -> str:
    said = shape.serialization
    if is_ec2:
        name = str(said.get("queryName") or said.get("name") or member)
        return name if "queryName" in said else name[0].upper() + name[1:]
    if isinstance(shape, ListShape) and said.get("flattened"):
        return str(shape.member.serialization.get("name") or said.get("name") or member)
    return str(said.get("name") or member)


def _value(shape: Shape, given: Any, path: str, is_ec2: bool) -> Any:
    if isinstance(shape, StructureShape):
        if not isinstance(given, dict):
            raise AwsError(400, "MalformedQueryString", f"{path} is no structure")
        return _structure(shape, given, f"{path}.", is_ec2)
    if isinstance(shape, ListShape):
        return _list(shape, given, path, is_ec2)
    if isinstance(given, dict):
        raise AwsError(400, "MalformedQueryString", f"{path} is no plain value")
    return _scalar(shape, given, path)


def _list(shape: ListShape, given: Any, path: str, is_ec2: bool) -> list[Any]:
    if given == "":
        return []
    if isinstance(given, dict) and not is_ec2 and not shape.serialization.get("flattened"):
        given = given.get(str(shape.member.serialization.get("name") or "member"), {})
    if not isinstance(given, dict) or not all(number.isdecimal() for number in given):
        raise AwsError(400, "MalformedQueryString", f"{path} is no list")
    numbers = sorted(given, key=int)
    return [_value(shape.member, given[number], f"{path}.{number}", is_ec2) for number in numbers]


def _scalar(shape: Shape, given: str, path: str) -> Any:
    try:
        match shape.type_name:
            case "boolean":
                return {"true": True, "false": False}[given.lower()]
            case "integer" | "long":
                return int(given)
            case "float" | "double":
                return float(given)
            case "timestamp":
                return datetime.fromisoformat(given).astimezone(UTC)
            case "blob":
                return base64.b64decode(given)
    except (ValueError, KeyError) as error:
        text = f"Value ({given}) for parameter {path} is invalid. It must be a {shape.type_name}."
        raise AwsError(400, "InvalidParameterValue", text) from error
    return given


def to_xml(operation: OperationModel, answer: Mapping[str, Any], request_id: str, is_ec2: bool) -> str:
    """The answer of a query service."""
    shape, name = operation.output_shape, operation.name
    inner = "".join(_members(shape, answer)) if shape is not None else ""
    space = operation.service_model.metadata["xmlNamespace"]
    space = space["uri"] if isinstance(space, Mapping) else space
    if is_ec2:
        return f'<{name}Response xmlns="{space}"><requestId>{request_id}</requestId>{inner}</{name}Response>'
    result = f"<{name}Result>{inner}</{name}Result>" if shape is not None else ""
    meta = f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
    return f'<{name}Response xmlns="{space}">{result}{meta}</{name}Response>'


def _members(shape: StructureShape, given: Mapping[str, Any]) -> Iterator[str]:
    # Along the values: an instance has a hundred members and says a third of them.
    members = shape.members
    for member, value in given.items():
        if value is not None:
            kind = members[member]
            yield _element(str(kind.serialization.get("name") or member), kind, value)


def _element(name: str, shape: Shape, value: Any) -> str:
    if isinstance(shape, StructureShape):
        return f"<{name}>{''.join(_members(shape, value))}</{name}>"
    if isinstance(shape, ListShape):
        one = str(shape.member.serialization.get("name") or "member")
        if shape.serialization.get("flattened"):
            return "".join(_element(name, shape.member, item) for item in value)
        return f"<{name}>{''.join(_element(one, shape.member, item) for item in value)}</{name}>"
    if isinstance(value, bool):
        return f"<{name}>{'true' if value else 'false'}</{name}>"
    if shape.type_name == "timestamp":
        return f"<{name}>{iso(value)}</{name}>"
    return f"<{name}>{escape(str(value))}</{name}>"


def iso(seconds: float) -> str:
    """Seconds since 1970 as "2026-11-24T08:42:00.000Z"."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def from_json(operation: OperationModel, body: bytes) -> dict[str, Any]:
    """The values of a JSON request; AwsError for what the operation does not know or lacks."""
    try:
        given = json.loads(body) if body.strip() else {}
    except ValueError as error:
        raise AwsError(400, "SerializationException", f"{error}") from error
    if not isinstance(given, dict):
        raise AwsError(400, "SerializationException", "Start of structure or map found where not expected.")
    return checked(operation, given)


def checked(operation: OperationModel, given: dict[str, Any]) -> dict[str, Any]:
    """The values of a request that came with their own types; AwsError when a required one is missing."""
    shape = operation.input_shape
    for member in shape.required_members if shape is not None else ():
        if member not in given:
            name = member[0].lower() + member[1:]
            text = (
                f"1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not "
                "be null"
            )
            raise AwsError(400, "ValidationException", text)
    return given


def to_plain(shape: Shape, value: Any) -> Any:
    """A value as JSON has it: times in seconds, nothing that the shape does not know."""
    if isinstance(shape, StructureShape):
        return {name: to_plain(shape.members[name], item) for name, item in value.items() if item is not None}
    if isinstance(shape, ListShape):
        return [to_plain(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: to_plain(shape.value, item) for key, item in value.items()}
    return value
