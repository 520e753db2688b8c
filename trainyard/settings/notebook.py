"""`kind: notebook`: a notebook server that the cloud keeps."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trainyard.facts.capacity import OnDemand
from trainyard.settings.capacities import Capacities
from trainyard.settings.places import Places
from trainyard.settings.shape import Section
from trainyard.settings.values import Chips, Text
from trainyard.settings.workload import Access, DataUse, Egress, Idle, Image, MemoryGib


class Notebook(Section):
    """One notebook server."""

    kind: Annotated[Literal["notebook"], Field(description="notebook")]
    accelerator: Chips
    memory_gib: MemoryGib = None
    machine_type: Annotated[Text | None, Field(description="a machine type, for example g2-standard-8")] = None
    where: Places
    capacity: Capacities = (OnDemand(),)
    image: Image = None
    access: Access = ()
    data: DataUse
    egress: Egress = "refused"
    idle: Annotated[Idle | None, Field(description="{ after: 30m, then: stop }")] = None
