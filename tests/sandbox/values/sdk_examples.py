"""The example programs in the docstrings of an SDK's classes: what its makers say the cloud takes."""

import ast
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from trainyard.sandbox.packages import installed
from trainyard.sandbox.schema import Kind, Listing, Named, Object, ResourceType
from trainyard.servicer.values import UNKNOWN

_BLOCK = re.compile(r"^ *```python\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_NOT_PROPERTIES = ("opts", "__name__", "resource_name")


@dataclass(frozen=True)
class Example:
    """One resource of an example, as the engine would send it in a preview: what is no literal is not known."""

    token: str
    text: str
    inputs: Mapping[str, Any]


def examples_of(package: str, token: str) -> list[Example]:
    """Every resource of the package in the examples of one class."""
    module = sys.modules[installed()[package].load(token).__module__]
    return list(_read(package, inspect.getsource(module)))


def examples_in(package: str, program: str) -> list[Example]:
    return list(_of_program(package, program))


def _read(package: str, doc: str) -> Iterator[Example]:
    seen = set()
    for block in _BLOCK.findall(doc):
        text = textwrap.dedent(block)
        if text not in seen:
            seen.add(text)
            yield from _of_program(package, text)


def _of_program(package: str, text: str) -> Iterator[Example]:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return  # prose with a colon, or an example that its own makers broke
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            token = _token(package, ast.unparse(node.func))
            if token is not None:
                given = {one.arg: one.value for one in node.keywords if one.arg and one.arg not in _NOT_PROPERTIES}
                fields = ResourceType(installed()[package], token).inputs
                by_python = {field.python: field for field in fields.values()}
                inputs = {
                    by_python[name].wire: _value(value, by_python[name].kind)
                    for name, value in given.items()
                    if name in by_python
                }
                yield Example(token, ast.unparse(node), inputs)


def _token(package: str, name: str) -> str | None:
    module, _, cls = name.rpartition(".")
    return _names(package).get((module.rpartition(".")[2].rstrip("_"), cls))


@cache
def _names(package: str) -> Mapping[tuple[str, str], str]:
    return {
        (cls.package.rpartition(".")[2].rstrip("_"), cls.name): token
        for token, cls in installed()[package].types.items()
    }


def _value(node: ast.expr, kind: Kind | None) -> Any:
    match node:
        case ast.Constant(value):
            return value
        case ast.List(elts):
            item = kind.item if isinstance(kind, Listing) else None
            return [_value(one, item) for one in elts]
        case ast.Dict(keys, values):
            return _mapping(kind, [(_value(key, None), value) for key, value in zip(keys, values, strict=True) if key])
        case ast.UnaryOp(ast.USub(), ast.Constant(value)) if isinstance(value, int | float):
            return -value
        case ast.Call() if ast.unparse(node.func) == "json.dumps":
            value = _value(node.args[0], None)
            return json.dumps(value) if _known(value) else UNKNOWN
        case ast.Call() if ast.unparse(node.func).endswith("Args"):
            return _mapping(kind, [(one.arg, one.value) for one in node.keywords])
        case _:
            return UNKNOWN


def _mapping(kind: Kind | None, pairs: list[tuple[Any, ast.expr]]) -> dict[str, Any]:
    item = kind.item if isinstance(kind, Named) else None
    fields = {field.python: field for field in kind.fields.values()} if isinstance(kind, Object) else {}
    found = {}
    for name, value in pairs:
        field = fields.get(name)
        found[field.wire if field else str(name)] = _value(value, field.kind if field else item)
    return found


def _known(value: Any) -> bool:
    if isinstance(value, list):
        return all(_known(one) for one in value)
    if isinstance(value, dict):
        return all(_known(one) for one in value.values())
    return value is not UNKNOWN
