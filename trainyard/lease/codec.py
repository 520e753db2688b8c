"""Records as JSON: every field checked by its type, so that a cut or foreign file is never half a record."""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from trainyard.facts.expiry import format_time, parse_time
from trainyard.lease.errors import RecordTooNewError
from trainyard.lease.record import Record

SCHEMA = 1
_MINUTE = timedelta(minutes=1)


def to_json(record: Record) -> bytes:
    """The record as it lies in the store: two-space JSON, times RFC 3339, spans "720m", money as text."""
    body = {"schema": SCHEMA, **_plain(record)}
    return (json.dumps(body, indent=2, ensure_ascii=False) + "\n").encode()


def from_json(data: bytes) -> Record:
    """The record; ValueError when the text is cut or is none, RecordTooNewError when a later version wrote it."""
    body = json.loads(data.decode("utf-8"))
    if not isinstance(body, dict) or not isinstance(body.get("schema"), int):
        message = 'it is no JSON object with a "schema" number'
        raise ValueError(message)
    schema = body.pop("schema")
    if schema > SCHEMA:
        message = (
            f"the record of lease {body.get('id', '?')} has schema {schema}, this Trainyard knows {SCHEMA}: a newer "
            f"one wrote it. Update this checkout (`git pull`, `make setup`) and run again."
        )
        raise RecordTooNewError(message)
    if schema != SCHEMA:
        message = f"its schema is {schema}, known is {SCHEMA}"
        raise ValueError(message)
    record = _read(Record, body, "record")
    if not isinstance(record, Record):
        message = "it is no record"
        raise TypeError(message)
    return record


def _plain(value: object) -> Any:
    if value is None or type(value) in (str, int, bool):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, timedelta):
        return f"{value // _MINUTE}m"
    return str(value) if isinstance(value, Decimal | StrEnum) else value


def _span(text: str) -> timedelta:
    return int(text.removesuffix("m")) * _MINUTE


_FROM_TEXT: dict[type, Callable[[str], object]] = {
    str: str,
    Decimal: Decimal,
    datetime: parse_time,
    timedelta: _span,
}
_Read = Callable[[object, str], object]


def _read(kind: Any, value: object, where: str) -> object:
    return _reader(kind)(value, where)


@cache
def _reader(kind: Any) -> _Read:
    """What reads one type; made once, for a record may hold hundreds of attempts."""
    if get_origin(kind) in (Union, types.UnionType):
        inner = _reader(next(item for item in get_args(kind) if item is not type(None)))
        return lambda value, where: None if value is None else inner(value, where)
    if get_origin(kind) is tuple:
        return _list(_reader(get_args(kind)[0]), _scalar(kind))
    if get_origin(kind) is not None:
        return _mapping(_reader(get_args(kind)[1]), _scalar(kind))
    if is_dataclass(kind) and isinstance(kind, type):
        return _object(kind)
    return _scalar(kind)


def _list(read: _Read, refuse: _Read) -> _Read:
    def read_list(value: object, where: str) -> object:
        if not isinstance(value, list):
            return refuse(value, where)
        return tuple(read(item, f"{where}[{index}]") for index, item in enumerate(value))

    return read_list


def _mapping(read: _Read, refuse: _Read) -> _Read:
    def read_mapping(value: object, where: str) -> object:
        if not isinstance(value, dict):
            return refuse(value, where)
        return {str(key): read(item, f"{where}.{key}") for key, item in value.items()}

    return read_mapping


def _object(kind: type) -> _Read:
    known = {field.name: field for field in fields(kind)}
    hints = get_type_hints(kind)
    readers = {name: _reader(hints[name]) for name in known}
    required = [name for name, field in known.items() if field.default is MISSING]
    refuse = _scalar(kind)

    def read_object(value: object, where: str) -> object:
        if not isinstance(value, dict):
            return refuse(value, where)
        if unknown := sorted(set(value) - set(known)):
            message = f"{where} has a field that is not known: {unknown[0]}"
            raise ValueError(message)
        if missing := sorted(name for name in required if name not in value):
            message = f"{where} lacks {missing[0]}"
            raise ValueError(message)
        return kind(**{name: readers[name](item, f"{where}.{name}") for name, item in value.items()})

    return read_object


def _scalar(kind: Any) -> _Read:
    make: Callable[[str], object] | None = None
    if isinstance(kind, type):
        make = kind if issubclass(kind, StrEnum) else _FROM_TEXT.get(kind)

    def read_scalar(value: object, where: str) -> object:
        if kind in (bool, int) and type(value) is kind:
            return value
        if isinstance(value, str) and make is not None:
            try:
                return make(value)
            except (ValueError, InvalidOperation) as error:
                message = f'{where} is "{value}"'
                raise ValueError(message) from error
        message = f"{where} is {value!r}"
        raise ValueError(message)

    return read_scalar
