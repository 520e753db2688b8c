"""The random package: real chance, made once and then kept by the state."""

from __future__ import annotations

import base64
import secrets
import string
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from trainyard.sandbox.provider.order import Made, Order, Refused, hexadecimal
from trainyard.servicer.values import Secret

_SPECIAL: Final = "!@#$%&*()-_=+[]{}<>:?"
_ADJECTIVES: Final = [
    "able",
    "brave",
    "calm",
    "eager",
    "fair",
    "gentle",
    "happy",
    "keen",
    "lively",
    "merry",
    "neat",
    "proud",
    "quick",
    "sharp",
    "tidy",
    "warm",
]
_ANIMALS: Final = [
    "ant",
    "bee",
    "cat",
    "crow",
    "deer",
    "fox",
    "goat",
    "hare",
    "ibex",
    "lynx",
    "mole",
    "newt",
    "orca",
    "puma",
    "seal",
    "toad",
    "vole",
    "wolf",
]


def make(order: Order) -> Made:
    """Id and values of one random thing; an update changes none of them."""
    made = _MAKERS.get(order.type.token.rpartition(":")[2])
    if made is None:
        msg = f"the sandbox cannot make a {order.type.token}; it knows {', '.join(sorted(_MAKERS))}"
        raise Refused(msg)
    if order.before:
        return Made(id=order.before.id, name=order.name, outputs=order.before.outputs)
    id, outputs = made(order)
    if not id or order.store.recall(order.type.token, id) is not None:
        # Two small numbers can be alike; an id of the sandbox is one thing's only.
        id = f"{id}{'-' if id else ''}{hexadecimal(12)}"
    return Made(id=id, name=order.name, outputs=outputs)


def _text(order: Order) -> str:
    length = int(order.plain("length"))
    special = order.text("overrideSpecial") or _SPECIAL
    groups = (
        (string.ascii_uppercase, "upper", "minUpper"),
        (string.ascii_lowercase, "lower", "minLower"),
        (string.digits, "numeric", "minNumeric"),
        (special, "special", "minSpecial"),
    )
    refused = {name for _, name, _ in groups if order.plain(name) is False}
    refused |= {"numeric"} if order.plain("number") is False else set()  # its name of old
    allowed = "".join(letters for letters, name, _ in groups if name not in refused)
    forced = [letter for letters, _, least in groups for letter in _pick(letters, int(order.plain(least) or 0))]
    if not allowed or len(forced) > length:
        msg = f"length {length} cannot hold {len(forced)} forced characters; raise it, or allow some kind of character"
        raise Refused(msg)
    letters = forced + _pick(allowed, length - len(forced))
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)


def _pick(letters: str, count: int) -> list[str]:
    return [secrets.choice(letters) for _ in range(count)]


def _string(order: Order) -> tuple[str, dict[str, Any]]:
    result = _text(order)
    return result, {"result": result, **_defaults(order)}


def _password(order: Order) -> tuple[str, dict[str, Any]]:
    return "", {"result": Secret(_text(order)), **_defaults(order)}


def _defaults(order: Order) -> dict[str, Any]:
    """What the provider tells of a rule that the program leaves out."""
    kinds = dict.fromkeys(("upper", "lower", "numeric", "number", "special"), True)
    every = kinds | dict.fromkeys(("minUpper", "minLower", "minNumeric", "minSpecial"), 0)
    alias = {"number": order.plain("numeric"), "numeric": order.plain("number")}  # two names of one rule
    every |= {name: value for name, value in alias.items() if value is not None}
    return {name: value for name, value in every.items() if order.inputs.get(name) is None}


def _id(order: Order) -> tuple[str, dict[str, Any]]:
    raw = secrets.token_bytes(int(order.plain("byteLength")))
    prefix = order.text("prefix")
    url = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    return url, {
        "b64Url": prefix + url,
        "b64Std": prefix + base64.b64encode(raw).decode(),
        "hex": prefix + raw.hex(),
        "dec": prefix + str(int.from_bytes(raw, "big")),
    }


def _bytes(order: Order) -> tuple[str, dict[str, Any]]:
    raw = secrets.token_bytes(int(order.plain("length")))
    return "", {"base64": Secret(base64.b64encode(raw).decode()), "hex": Secret(raw.hex())}


def _pet(order: Order) -> tuple[str, dict[str, Any]]:
    count, separator = int(order.plain("length") or 2), order.text("separator", "-")
    words = [secrets.choice(_ADJECTIVES) for _ in range(count - 1)] + [secrets.choice(_ANIMALS)]
    pet = separator.join(([order.text("prefix")] if order.text("prefix") else []) + words)
    return pet, {"length": count, "separator": separator}


def _integer(order: Order) -> tuple[str, dict[str, Any]]:
    least, most = int(order.plain("min")), int(order.plain("max"))
    if least > most:
        msg = f"min {least} is over max {most}; give a range that holds a number"
        raise Refused(msg)
    result = least + secrets.randbelow(most - least + 1)
    return str(result), {"result": result}


def _uuid(order: Order) -> tuple[str, dict[str, Any]]:
    made = str(uuid.uuid4())
    return made, {"result": made}


def _uuid7(order: Order) -> tuple[str, dict[str, Any]]:
    stamp = int(time.time() * 1000) << 80
    made = uuid.UUID(int=stamp | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62))
    return str(made), {"result": str(made)}


def _shuffle(order: Order) -> tuple[str, dict[str, Any]]:
    items = list(order.plain("inputs"))
    secrets.SystemRandom().shuffle(items)
    count = order.plain("resultCount")
    return "", {"results": items[: int(count)] if count is not None else items}


_MAKERS: Final[Mapping[str, Callable[[Order], tuple[str, dict[str, Any]]]]] = {
    "RandomString": _string,
    "RandomPassword": _password,
    "RandomId": _id,
    "RandomBytes": _bytes,
    "RandomPet": _pet,
    "RandomInteger": _integer,
    "RandomUuid": _uuid,
    "RandomUuid4": _uuid,
    "RandomUuid7": _uuid7,
    "RandomShuffle": _shuffle,
}
