"""The facts of one resource type: `data/<package>.json` as extracted, then `known/<package>.json`, written by hand.

Paths are Pulumi's names without positions ("networkInterfaces.accessConfigs.natIp"); what is said holds below, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

_HERE: Final = Path(__file__).parent
_LISTS: Final = ("new", "new_block", "update", "set", "kept", "read_back")
_MAPS: Final = ("default", "same", "grows")


@dataclass(frozen=True, kw_only=True)
class Facts:
    new: frozenset[str] = frozenset()  # a change makes a new thing
    new_block: frozenset[str] = frozenset()  # so does adding or removing this object, not a change within it
    update: frozenset[str] = frozenset()  # in place, whatever else is said
    set: frozenset[str] = frozenset()  # lists whose order means nothing
    kept: frozenset[str] = frozenset()  # left out of a program, the cloud's own value stays
    read_back: frozenset[str] = frozenset()  # the provider compares with what the cloud tells, given or not
    default: Mapping[str, Any] = field(default_factory=dict)  # what leaving it out means
    same: Mapping[str, str] = field(default_factory=dict)  # values that differ and are the same: one of `alike.py`
    grows: Mapping[str, str] = field(default_factory=dict)  # "number" | "range": growing is in place, else a new thing
    bridged: bool = False  # compared by a Terraform provider, to which "", false, 0 and missing are one
    whole: bool = False  # read from source: a description's prose adds nothing


@cache
def facts_of(package: str, token: str) -> Facts:
    """What is known of a type; the package's general facts where nothing is."""
    extracted, known = _table("data", package), _table("known", package)
    read, said = extracted.get("types", {}).get(token), known.get("types", {}).get(token, {})
    parts = [
        known.get("every", {}),
        *([] if read or said.get("whole") else [known.get("unread", {})]),
        read or {},
        said,
    ]
    lists = {name: frozenset(path for part in parts for path in part.get(name, ())) for name in _LISTS}
    maps = {name: {path: value for part in parts for path, value in part.get(name, {}).items()} for name in _MAPS}
    lists["new"] -= frozenset(said.get("update", ()))
    lists["new_block"] -= frozenset(said.get("update", ()))
    flags: dict[str, Any] = {**lists, **maps}
    return Facts(
        **flags,
        bridged=bool(known.get("bridged")),
        whole=bool(said.get("whole") or (read and extracted.get("whole"))),
    )


@cache
def _table(folder: str, package: str) -> Mapping[str, Any]:
    path = _HERE / folder / f"{package}.json"
    table: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return table
