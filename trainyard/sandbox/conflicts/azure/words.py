"""What the rules of this folder are written with: types by their short names, values in any case, ids."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.conflict import Conflict, Given, plain
from trainyard.servicer.values import LATER

Find = Callable[[Given], Iterator[Problem]]
GUID: Final = re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
LEARN: Final = "https://learn.microsoft.com/azure"
REST: Final = "https://learn.microsoft.com/rest/api"
AZURERM: Final = "hashicorp/terraform-provider-azurerm 69697b7f (2026-08-21), internal/services"


def types(*names: str) -> frozenset[str]:
    """Tokens of "compute:Disk" and the like."""
    return frozenset(f"azure-native:{name}" for name in names)


def conflict(name: str, of: frozenset[str], says: str, source: str) -> Callable[[Find], Conflict]:
    """Makes an entry of the function that finds the problems."""
    return lambda find: Conflict(name=name, types=of, says=says, source=source, find=find)


def low(value: Any) -> str:
    """A text as Azure compares it: without case and spaces; "" for anything else."""
    opened = plain(value)
    return opened.replace(" ", "").lower() if isinstance(opened, str) else ""


def known(item: Mapping[str, Any], path: str) -> Any:
    """The value below an object at "managedDisk.id"; None when missing or not known yet."""
    value: Any = item
    for step in path.split("."):
        value = plain(value.get(step)) if isinstance(value, Mapping) else None
    return None if isinstance(value, LATER) else value


def missing(item: Mapping[str, Any], path: str) -> bool:
    """Whether there is surely no value below an object."""
    value: Any = item
    for step in path.split("."):
        if isinstance(value, LATER):
            return False
        value = plain(value.get(step)) if isinstance(value, Mapping) else None
    return value is None


def texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """The known texts of a list, each with its path."""
    opened = plain(value)
    if isinstance(opened, list):
        for number, item in enumerate(opened):
            one = plain(item)
            if isinstance(one, str):
                yield f"{path}[{number}]", one


def objects(value: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The known objects of a list, each with its path."""
    opened = plain(value)
    if isinstance(opened, list):
        for number, item in enumerate(opened):
            one = plain(item)
            if isinstance(one, Mapping):
                yield f"{path}[{number}]", one


def whole(value: Any) -> bool:
    """Whether a list is known with all of its entries."""
    opened = plain(value)
    return isinstance(opened, list) and not any(isinstance(plain(one), LATER) for one in opened)


def absent(given: Given, path: str) -> bool:
    """Whether there is surely no value at a path."""
    return given.at(path) is None and not given.unknown(path)


def moment(value: Any) -> datetime | None:
    """A time that a text tells."""
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


@cache
def words(name: str) -> frozenset[str]:
    """One of the lists of `lists.json`."""
    lists = json.loads((Path(__file__).parent / "lists.json").read_text(encoding="utf-8"))
    return frozenset(lists[name]["words"])
