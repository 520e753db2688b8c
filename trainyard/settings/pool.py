"""`kind: pool`: nodes with accelerators of a Kubernetes cluster."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trainyard.facts.capacity import OnDemand
from trainyard.settings.capacities import Capacities
from trainyard.settings.places import Places
from trainyard.settings.shape import Section
from trainyard.settings.values import Chips, Text, Whole
from trainyard.settings.workload import Fabric, Form, MemoryGib, Nodes


class Pool(Section):
    """One node pool."""

    kind: Annotated[Literal["pool"], Field(description="pool")]
    accelerator: Chips
    memory_gib: MemoryGib = None
    form: Form = None
    fabric: Fabric = None
    machine_type: Annotated[Text | None, Field(description="a machine type, for example a3-highgpu-8g")] = None
    nodes: Nodes = 1
    max_nodes: Annotated[Whole | None, Field(description="a whole number, at least nodes")] = None
    where: Places
    capacity: Capacities = (OnDemand(),)
