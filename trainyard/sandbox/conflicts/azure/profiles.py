"""A machine's description, which a virtual machine holds itself and a scale set below `virtualMachineProfile`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from trainyard.sandbox.conflicts.azure.words import low, types
from trainyard.sandbox.conflicts.conflict import Given

VM: Final = "azure-native:compute:VirtualMachine"
SET: Final = "azure-native:compute:VirtualMachineScaleSet"
MACHINES: Final = types("compute:VirtualMachine", "compute:VirtualMachineScaleSet")
# https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions: family, vCPUs, constrained ones, features
_SIZE: Final = re.compile(r"^(standard|basic)_([a-z]+)(\d+)(?:-\d+)?([a-z]*)(?:_.*)?$")


@dataclass(frozen=True)
class Profile:
    given: Given
    root: str  # "" or "virtualMachineProfile."

    def at(self, path: str) -> Any:
        return self.given.at(self.root + path)

    def low(self, path: str) -> str:
        return low(self.at(path))

    def missing(self, path: str) -> bool:
        """Whether there is surely no value."""
        return self.at(path) is None and not self.given.unknown(self.root + path)

    def each(self, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        return self.given.each(self.root + path)

    def path(self, path: str) -> str:
        return self.root + path

    @property
    def spot(self) -> bool | None:
        """None when it is not known yet."""
        if self.given.unknown(self.root + "priority"):
            return None
        return self.low("priority") in ("spot", "spotplus", "low")

    @property
    def size(self) -> str:
        where = "sku.name" if self.root else "hardwareProfile.vmSize"
        return low(self.given.at(where))


def profile_of(given: Given) -> Profile:
    return Profile(given, "virtualMachineProfile." if given.type.token == SET else "")


def takes_premium(size: str) -> bool | None:
    """Whether a size's letters say that it takes premium disks; None for a name of another form."""
    found = _SIZE.match(size)
    return None if found is None else "s" in found.group(2) + found.group(4)


def is_size(size: str) -> bool:
    return _SIZE.match(size.lower()) is not None
