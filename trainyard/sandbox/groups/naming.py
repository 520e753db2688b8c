"""How a managed instance group names its machines."""

from __future__ import annotations

import re
from typing import Final

from trainyard.sandbox.provider.order import stable_hex

# compute.v1 InstanceGroupManager.baseInstanceName: "vm-###" counts with three digits, from a number in brackets or 1
_NUMBERED: Final = re.compile(r"([a-z][-a-z0-9]{0,51}-)(#{1,10})(?:\[(\d{1,10})\])?")


def member_name(base: str, group_id: str, number: int) -> str:
    """The name of the machine of that number, from 0: with four characters, or counted where the base asks for it."""
    numbered = _NUMBERED.fullmatch(base)
    if numbered is None:
        return f"{base}-{stable_hex(4, group_id, str(number))}"
    head, digits, first = numbered.groups()
    return f"{head}{int(first or 1) + number:0{len(digits)}d}"
