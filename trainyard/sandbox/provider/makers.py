"""Which description makes which type: its own, its package's, or the plain one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from trainyard.sandbox.provider import gcp, gcp_instance, generic
from trainyard.sandbox.provider.order import Made, Order

Maker = Callable[[Order], Made]

_BY_TYPE: Final[Mapping[str, Maker]] = {
    gcp_instance.TYPE: gcp_instance.make,
}
_BY_PACKAGE: Final[Mapping[str, Maker]] = {"gcp": gcp.make}


def maker_of(token: str, package: str) -> Maker:
    return _BY_TYPE.get(token) or _BY_PACKAGE.get(package, generic.make)
