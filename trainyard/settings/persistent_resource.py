"""`kind: persistent-resource`: machines that wait for jobs, and bill while they wait."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trainyard.facts.capacity import OnDemand
from trainyard.settings.capacities import Capacities
from trainyard.settings.places import Places
from trainyard.settings.shape import Section
from trainyard.settings.values import Chips, Text, Whole
from trainyard.settings.workload import Form, MemoryGib


class PersistentResource(Section):
    """Machines of one type that training jobs of the same stack run on, by their `runs_on`."""

    kind: Annotated[Literal["persistent-resource"], Field(description="persistent-resource")]
    accelerator: Chips
    memory_gib: MemoryGib = None
    form: Form = None
    machine_type: Annotated[Text | None, Field(description="a machine type, for example g2-standard-8")] = None
    nodes: Annotated[Whole, Field(description="a whole number from 1 on: machines that are there")] = 1
    max_nodes: Annotated[
        Whole | None, Field(description="a whole number over nodes: it grows to so many while jobs wait")
    ] = None
    boot_disk_gib: Annotated[Whole, Field(ge=100, le=64000, description="a whole number of GiB from 100 to 64000")] = (
        200
    )
    where: Places
    capacity: Capacities = (OnDemand(),)

    @property
    def most_nodes(self) -> int:
        """What it may come to be, and bill."""
        return self.max_nodes or self.nodes
