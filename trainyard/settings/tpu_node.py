"""`kind: tpu-node`: a TPU host, or a slice of several."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trainyard.facts.capacity import OnDemand
from trainyard.settings.capacities import Capacities
from trainyard.settings.places import Places
from trainyard.settings.shape import Section
from trainyard.settings.values import Chips, Text, matching
from trainyard.settings.workload import Access, DataUse, Image, OnPreemption, Secrets


class TpuNode(Section):
    """One TPU slice."""

    kind: Annotated[Literal["tpu-node"], Field(description="tpu-node")]
    accelerator: Chips
    topology: Annotated[
        Annotated[str, matching(r"[0-9]+(?:x[0-9]+){1,2}")] | None, Field(description="chips by side, for example 2x4")
    ] = None
    machine_type: Annotated[Text | None, Field(description="a machine type, for example ct6e-standard-4t")] = None
    where: Places
    capacity: Capacities = (OnDemand(),)
    image: Image = None
    access: Access = ()
    data: DataUse
    secrets: Secrets
    on_preemption: Annotated[OnPreemption | None, Field(description="{ retries: 3 }")] = None
