"""What an SDK writes of its properties."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pulumi._types import _py_properties as getters_of


@cache
def docs_of(args: type) -> Mapping[str, str]:
    """Wire name of each property of an SDK's input class to what is written of it."""
    return {wire: prop.fget.__doc__ or "" for _, wire, prop in getters_of(args) if prop.fget is not None}
