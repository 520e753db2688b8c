"""The table of Azure Resource Manager's calls that the sandbox serves; the first row that fits answers."""

from __future__ import annotations

from typing import Final

from trainyard.sandbox.api.azure import catalogue, groups, learning, machines, providers
from trainyard.sandbox.api.azure.kinds import KINDS
from trainyard.sandbox.api.azure.learning import HAPPENS
from trainyard.sandbox.api.azure.things import Things

__all__ = ["HAPPENS", "ROUTES"]

ROUTES: Final = (
    *groups.routes(),
    *catalogue.routes(),
    *providers.routes(),
    *machines.routes(),
    *learning.routes(),
    *(route for kind in KINDS for route in Things(kind=kind).routes()),
)
