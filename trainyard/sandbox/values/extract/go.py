"""Reads the literals of Go source: composites, calls and text, as far as a Terraform provider's schemas need them."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

_LEXEME: Final = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|`[^`]*`|'(?:\\.|[^'\\])+'"
    r"|[A-Za-z_]\w*|\d[\w.]*|:=|&&|\|\||[^\s]",
    re.DOTALL,
)
_NOT_AN_OPERAND: Final = frozenset("+-*/<>=|&!") | {"&&", "||"}


@dataclass(frozen=True)
class Composite:
    """`T{key: value, …}`, or a list's `T{value, …}`: keys are names, texts or None."""

    entries: Sequence[tuple[Any, Any]]

    def get(self, key: str) -> Any:
        return next((value for name, value in self.entries if name in (key, Name(key))), None)


@dataclass(frozen=True)
class Name:
    """An identifier, with its package where it has one: "schema.TypeList"."""

    text: str


@dataclass(frozen=True)
class Call:
    name: str
    args: Sequence[Any]


class Opaque:
    """What is no literal."""


@dataclass
class Reader:
    """Reads one expression after another from lexemes."""

    lexemes: Sequence[str]
    at: int = 0

    def expression(self) -> Any:
        """A text, a number, a Name, Call or Composite; Opaque for all else."""
        value = self._operand()
        while self._next() in _NOT_AN_OPERAND:
            operator = self._take()
            other = self._operand()
            both = operator == "+" and isinstance(value, str) and isinstance(other, str)
            value = value + other if both else Opaque()
        return value

    def _operand(self) -> Any:
        lexeme = self._take()
        if lexeme in "&*!-":
            inner = self._operand()
            return -inner if lexeme == "-" and isinstance(inner, int | float) else inner
        if lexeme[0] in '"`':
            return lexeme[1:-1] if lexeme[0] == "`" else ast.literal_eval(lexeme)
        if lexeme[0].isdigit():
            return _number(lexeme)
        if lexeme == "(":
            inner = self.expression()
            self._take()
            return inner
        if lexeme == "func":
            return self._function()
        if lexeme == "[":
            self._skip("[", "]")
            return self._operand()
        if lexeme == "map":
            self._take()
            self._skip("[", "]")
            return self._operand()
        return self._named(lexeme)

    def _named(self, lexeme: str) -> Any:
        name: Any = Name(lexeme)
        while True:
            following = self._next()
            if following == "." and isinstance(name, Name):
                self._take()
                name = Name(f"{name.text}.{self._take()}")
            elif following == "." or following == "[":
                self._take()
                if following == "[":
                    self._skip("[", "]")
                else:
                    self._take()
                name = Opaque()
            elif following == "(":
                self._take()
                args = self._list(")")
                name = Call(name.text, [value for _, value in args]) if isinstance(name, Name) else Opaque()
            elif following == "{":
                self._take()
                return Composite(self._list("}"))
            else:
                return name

    def _list(self, end: str) -> list[tuple[Any, Any]]:
        found: list[tuple[Any, Any]] = []
        while self._next() != end:
            key, value = None, self._entry()
            if self._next() == ":":
                self._take()
                key, value = value, self._entry()
            found.append((key, value))
            if self._next() == ",":
                self._take()
            elif self._next() != end:  # what is no list of expressions, such as the body of a condition
                self._skip("{" if end == "}" else "(", end)
                return found
        self._take()
        return found

    def _entry(self) -> Any:
        if self._next() == "{":
            self._take()
            return Composite(self._list("}"))
        return self.expression()

    def _function(self) -> Opaque:
        while self._take() != "{":
            if self.lexemes[self.at - 1] == "interface":
                self.at += 2
        self._skip("{", "}")
        return Opaque()

    def _skip(self, start: str, end: str) -> None:
        depth = 1
        while depth:
            lexeme = self._take()
            depth += (lexeme == start) - (lexeme == end)

    def _next(self) -> str:
        return self.lexemes[self.at] if self.at < len(self.lexemes) else ""

    def _take(self) -> str:
        self.at += 1
        return self.lexemes[self.at - 1]


@dataclass
class GoPackage:
    """The Go files of one folder, and what their functions return and their variables hold."""

    folder: Path
    _known: dict[str, Any] = field(default_factory=dict)

    @cache  # noqa: B019  as long-lived as the run
    def _source(self) -> str:
        files = (file for file in sorted(self.folder.glob("*.go")) if not file.name.endswith("_test.go"))
        return "\n".join(file.read_text(encoding="utf-8") for file in files)

    def __hash__(self) -> int:
        return hash(self.folder)

    def value_of(self, name: str) -> Any:
        """What a function returns or a variable holds; None where that cannot be read."""
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def registered(self) -> dict[str, Any]:
        """Name of each resource that the package registers to its `schema.Resource`."""
        return self._registered("SchemaTypeResource", r"Schema:\s*(\w+)\(")

    def granted(self) -> dict[str, Any]:
        """Name of each IAM resource that the package registers to its schema of what it grants on."""
        return self._registered("SchemaTypeIAMResource", r"Schema:\s*tpgiamresource\.ResourceIam\w+\((\w+)")

    def _registered(self, kind: str, schema: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for text in re.findall(r"registry\.Schema\{(.*?)\}\.Register\(\)", self._source(), re.DOTALL):
            name, of = re.search(r'Name:\s*"(\w+)"', text), re.search(schema, text)
            if name and of and kind in text:
                found[name.group(1)] = self.value_of(of.group(1))
        return found

    def _read(self, name: str) -> Any:
        source = self._source()
        # A raw text may hold a line that is only a brace.
        function = re.search(
            rf"^func {name}\([^\n]*\{{\n(.*?)^\}}\n(?=\s*(?:func|var|type|const|package|//|/\*|\Z))",
            source,
            re.DOTALL | re.MULTILINE,
        )
        if function:
            returned = list(re.finditer(r"^\treturn ", function.group(1), re.MULTILINE))
            return read(function.group(1)[returned[-1].end() :]) if returned else None
        held = re.search(rf"^\s*(?:var )?{name}\s*(?:[\w.\[\]*]+\s*)?:?= *", source, re.MULTILINE)
        return read(source[held.end() : held.end() + 400_000]) if held else None


def read(text: str) -> Any:
    """The first expression of a text."""
    return Reader(_lexemes(text)).expression()


def _lexemes(text: str) -> list[str]:
    return [lexeme for lexeme in _LEXEME.findall(text) if not lexeme.startswith(("//", "/*"))]


def _number(lexeme: str) -> Any:
    try:
        return ast.literal_eval(lexeme)
    except (SyntaxError, ValueError):
        return Opaque()
