"""Ranges of addresses."""

from __future__ import annotations

import ipaddress

Range = ipaddress.IPv4Network | ipaddress.IPv6Network


def range_of(text: object) -> Range | None:
    """The range; None for what is none."""
    try:
        return ipaddress.ip_network(text, strict=False) if isinstance(text, str) and "/" in text else None
    except ValueError:
        return None


def overlap(one: Range, other: Range) -> bool:
    return one.version == other.version and one.overlaps(other)


def inside(one: Range, other: Range) -> bool:
    if isinstance(one, ipaddress.IPv4Network) and isinstance(other, ipaddress.IPv4Network):
        return one.subnet_of(other)
    if isinstance(one, ipaddress.IPv6Network) and isinstance(other, ipaddress.IPv6Network):
        return one.subnet_of(other)
    return False


def holds(range_: Range, address: object) -> bool | None:
    """Whether the address lies in the range; None for what is no address."""
    try:
        return ipaddress.ip_address(str(address)) in range_
    except ValueError:
        return None
