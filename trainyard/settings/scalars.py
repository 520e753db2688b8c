"""Plain YAML scalars, read only where every YAML reader agrees on them.

The Pulumi CLI reads stack files with a YAML reader of its own before the program does (YAML 1.2 with relics of 1.1:
`012` becomes 10, a bare date a timestamp, 20 digits lose some), so a scalar that readers disagree on is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

Scalar = str | int | float | bool

_EXACT_DIGITS = 15  # what a 64-bit float, and so JSON between CLI and program, holds exactly
_TRUE_FALSE = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = {"", "~", "null", "Null", "NULL"}
_OLD_BOOLEANS = {"y", "n", "yes", "no", "on", "off"}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+")
_OCTAL = re.compile(r"[-+]?0[0-9]+")
_UNDERSCORES = re.compile(r"(?=.*_)[-+]?[0-9][0-9_]*(\.[0-9_]*)?")
_PREFIXED = re.compile(r"[-+]?0[box][0-9a-fA-F_]+")
_SEXAGESIMAL = re.compile(r"[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?")
_OTHER_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_MAY_BE_NUMBER = frozenset("0123456789+-.")


@dataclass(frozen=True)
class Trap:
    """A scalar that is not read, and why."""

    message: str


@lru_cache(maxsize=4096)
def plain(text: str) -> Scalar | Trap:
    """The value of an unquoted scalar: text, whole number, decimal or boolean; a Trap where readers disagree."""
    if text in _NULLS:
        return Trap("has no value; give one, or remove the key.")
    if text in _TRUE_FALSE:
        return _TRUE_FALSE[text]
    if text.lower() in _OLD_BOOLEANS:
        return Trap(f'{text} is a boolean to one YAML reader and text to another; write true or false, or "{text}".')
    if text[0] in _MAY_BE_NUMBER:
        return _numeral(text)
    return text


def _numeral(text: str) -> Scalar | Trap:
    if _INTEGER.fullmatch(text):
        return int(text) if _is_exact(text) else _too_long(text)
    if _DECIMAL.fullmatch(text):
        return float(text) if _is_exact(text) else _too_long(text)
    for pattern, trap in _TRAPS:
        if pattern.fullmatch(text):
            return Trap(trap(text))
    return text


def _is_exact(text: str) -> bool:
    return sum(character.isdigit() for character in text) <= _EXACT_DIGITS


def _too_long(text: str) -> Trap:
    return Trap(
        f'{text} has more than {_EXACT_DIGITS} digits, and the Pulumi CLI loses some; write "{text}" if it is a name.'
    )


def _octal(text: str) -> str:
    digits = text.lstrip("+-")
    octal = set(digits) <= set("01234567")
    became = f"{int(digits, 8)} to the Pulumi CLI" if octal else "a number to one YAML reader and text to another"
    return f'{text} is {became}, for its leading zero; write {digits.lstrip("0") or "0"}, or "{text}" if it is a name.'


def _prefixed(text: str) -> str:
    return f'{text} is a number to some YAML readers only; write it in decimal, or "{text}" if it is a name.'


def _underscores(text: str) -> str:
    return f'{text} is a number to one YAML reader and text to another; write {text.replace("_", "")}, or "{text}".'


def _sexagesimal(text: str) -> str:
    return f'{text} is a number in base 60 to some YAML readers; write "{text}", or a duration as 12h or 30m.'


def _date(text: str) -> str:
    return f'{text} is a date, which the Pulumi CLI rewrites to a time stamp; write "{text}".'


def _other_float(text: str) -> str:
    return f'{text} is a number to one YAML reader and text to another; write its digits out (1000, 0.5), or "{text}".'


_TRAPS = (
    (_OCTAL, _octal),
    (_PREFIXED, _prefixed),
    (_UNDERSCORES, _underscores),
    (_SEXAGESIMAL, _sexagesimal),
    (_DATE, _date),
    (_OTHER_FLOAT, _other_float),
)
