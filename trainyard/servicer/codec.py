"""Property values to and from the engine's protobuf form (signatures: pulumi sdk, `runtime/rpc.py`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from google.protobuf import struct_pb2

from trainyard.servicer.values import UNKNOWN, Archive, Asset, ResourceReference, Secret, Unknown

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  the protocol's own mark, no secret
_RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
# The engine's own marks differ by the type of the unknown value (pulumi sdk, `go/common/resource/plugin/rpc.go`).
_UNKNOWNS: Final = frozenset(
    {
        _UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # list
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
_FORM_FIELDS: Final = ("text", "path", "uri", "hash")


def decode(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Python values of a property bag; whole numbers become int, for the wire has doubles only."""
    return {key: _decode_value(value) for key, value in struct.fields.items()}


def encode(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """The protobuf form of a property bag; TypeError names a value that it cannot hold."""
    struct = struct_pb2.Struct()
    fields = struct.fields
    for key, value in properties.items():
        _encode_into(fields[key], value)
    return struct


def _decode_value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in _UNKNOWNS else text
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_decode_value(item) for item in value.list_value.values]
    if kind == "struct_value":
        return _decode_object(value.struct_value)
    return None


def _decode_object(struct: struct_pb2.Struct) -> Any:
    return from_marked(decode(struct))


def from_marked(plain: dict[str, Any]) -> Any:
    """What a mapping with the protocol's mark stands for, such as a Secret; any other mapping as it is."""
    signature = plain.pop(_SIGNATURE, None)
    if signature is None:
        return plain
    decoder = _DECODERS.get(signature)
    if decoder is None:
        msg = f'the engine sent a value with the mark "{signature}", which this provider does not know'
        raise ValueError(msg)
    return decoder(plain)


def _decode_output(plain: dict[str, Any]) -> Any:
    value = plain.get("value", UNKNOWN)
    return Secret(value) if plain.get("secret") else value


def _decode_reference(plain: dict[str, Any]) -> ResourceReference:
    identity = plain.get("id")
    return ResourceReference(
        urn=plain["urn"],
        id=UNKNOWN if identity == "" else identity,
        package_version=plain.get("packageVersion", ""),
    )


_DECODERS: Final[Mapping[str, Callable[[dict[str, Any]], Any]]] = {
    _SECRET: lambda plain: Secret(plain.get("value")),
    _OUTPUT: _decode_output,
    _RESOURCE: _decode_reference,
    _ASSET: lambda plain: Asset(**{key: plain[key] for key in _FORM_FIELDS if plain.get(key) is not None}),
    _ARCHIVE: lambda plain: Archive(
        **{key: plain[key] for key in ("assets", "path", "uri", "hash") if plain.get(key) is not None}
    ),
}


def _encode_into(target: struct_pb2.Value, value: Any) -> None:
    match value:
        case str():
            target.string_value = value
        case dict() | Mapping():
            fields = target.struct_value.fields
            target.struct_value.SetInParent()
            for key, item in value.items():
                _encode_into(fields[key], item)
        case bool():
            target.bool_value = value
        case int() | float():
            target.number_value = value
        case list() | tuple():
            target.list_value.SetInParent()
            for item in value:
                _encode_into(target.list_value.values.add(), item)
        case None:
            target.null_value = struct_pb2.NULL_VALUE
        case _:
            _encode_into(target, to_marked(value))


def to_marked(value: Any) -> Any:
    """The plain mapping that marks a Secret, asset, archive or reference; TypeError for what no property can hold."""
    match value:
        case Unknown():
            return _UNKNOWN
        case Secret():
            return {_SIGNATURE: _SECRET, "value": value.value}
        case Asset() | Archive():
            signature = _ASSET if isinstance(value, Asset) else _ARCHIVE
            return {_SIGNATURE: signature, **{key: item for key, item in vars(value).items() if item is not None}}
        case ResourceReference():
            known = {} if value.id is None else {"id": "" if isinstance(value.id, Unknown) else value.id}
            return {_SIGNATURE: _RESOURCE, "urn": value.urn, "packageVersion": value.package_version, **known}
        case _:
            msg = f"a property cannot hold a {type(value).__name__}; give text, a number, a bool, a list or a mapping"
            raise TypeError(msg)
