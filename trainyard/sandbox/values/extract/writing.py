"""How descriptions lie in their files: sorted, one line a property, so that a change reads as one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write(path: Path, document: Mapping[str, Any]) -> None:
    path.write_text(text_of(document), encoding="utf-8")


def text_of(document: Mapping[str, Any]) -> str:
    """The document as it lies in its file."""
    types = document["types"]
    head = json.dumps(document["source"], indent=1, sort_keys=True, ensure_ascii=False)
    body = ",\n".join(_type_text(name, types[name]) for name in sorted(types))
    return f'{{"source": {head},\n"types": {{\n{body}\n}}}}\n'


def _type_text(token: str, entry: Mapping[str, Any]) -> str:
    properties = entry["properties"]
    lines = ",\n".join(f"  {json.dumps(path)}: {_line(properties[path])}" for path in sorted(properties))
    rest = {key: value for key, value in entry.items() if key != "properties"}
    return f' {json.dumps(token)}: {_line(rest)[:-1]}, "properties": {{\n{lines}\n }}}}'


def _line(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
