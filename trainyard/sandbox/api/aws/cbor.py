"""CBOR, which Amazon's newer services speak, by botocore's own reader and writer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape
from botocore.parsers import RpcV2CBORParser
from botocore.serialize import RpcV2CBORSerializer

from trainyard.sandbox.api.aws.error import AwsError


def read(body: bytes) -> dict[str, Any]:
    """The structure that a request sends."""
    if not body:
        return {}
    parser = RpcV2CBORParser()
    found = parser.parse_data_item(parser.get_peekable_stream_from_bytes(body))
    if not isinstance(found, dict):
        raise AwsError(400, "SerializationException", "Start of structure or map found where not expected.")
    return found


def write(shape: Shape, value: Mapping[str, Any]) -> bytes:
    """A value as its shape says."""
    out = bytearray()
    RpcV2CBORSerializer()._serialize_data_item(out, _with_times(shape, value), shape)  # noqa: SLF001
    return bytes(out)


def write_texts(value: Mapping[str, str]) -> bytes:
    """A map of texts, such as an error."""
    text = StringShape("String", {"type": "string"})
    texts = MapShape(
        "Texts", {"type": "map", "key": {"shape": "String"}, "value": {"shape": "String"}}, _Resolver(text)
    )
    return write(texts, value)


class _Resolver:
    def __init__(self, shape: Shape) -> None:
        self._shape = shape

    def resolve_shape_ref(self, _: object) -> Shape:
        return self._shape


def _with_times(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        return {name: _with_times(shape.members[name], item) for name, item in value.items() if item is not None}
    if isinstance(shape, ListShape):
        return [_with_times(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: _with_times(shape.value, item) for key, item in value.items()}
    return datetime.fromtimestamp(value, UTC) if shape.type_name == "timestamp" else value
