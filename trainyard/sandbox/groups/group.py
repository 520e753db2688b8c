"""A group as far as its machines go: how many, made from what, and whether a lost one comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a group wants to hold now."""

    type: str  # of its machines: "gcp:compute/instance:Instance"
    size: int
    names: str  # what their names begin with
    inputs: Mapping[str, Any]  # of each machine, without a name
    repairs: bool  # whether a lost one comes back
    name_in: str  # the input that holds a machine's name; "" where the cloud numbers them
