"""`kind: tpu-node`: a TPU host, or a slice of several."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trainyard.facts.capacity import Capacity, OnDemand, Queued
from trainyard.facts.tpu import CLOUD_TPU, generation
from trainyard.facts.tpu_slice import Slice, slice_of
from trainyard.settings.capacities import Capacities
from trainyard.settings.places import Places
from trainyard.settings.shape import Section
from trainyard.settings.values import Chips, Text, Whole, matching
from trainyard.settings.workload import Access, DataUse, Egress, Image, OnPreemption, Secrets


class TpuBootDisk(Section):
    """The disk that each host of Compute Engine starts from."""

    gib: Annotated[Whole, Field(ge=10, le=65536, description="a whole number of GiB from 10 to 65536")] = 200
    kind: Annotated[
        Literal["pd-balanced", "pd-ssd", "hyperdisk-balanced"] | None,
        Field(description="pd-balanced, pd-ssd or hyperdisk-balanced; left out, the generation's own"),
    ] = None


class TpuNode(Section):
    """One TPU slice: so many chips in one topology, on one host or several."""

    kind: Annotated[Literal["tpu-node"], Field(description="tpu-node")]
    accelerator: Annotated[Chips, Field(description="chip:count for the whole slice, for example v6e:8")]
    topology: Annotated[
        Annotated[str, matching(r"[1-9][0-9]*(?:x[1-9][0-9]*){1,2}")] | None,
        Field(description="chips by side, for example 2x4"),
    ] = None
    machine_type: Annotated[Text | None, Field(description="a machine type, for example ct6e-standard-4t")] = None
    where: Places
    capacity: Capacities = (OnDemand(),)
    image: Image = None
    runtime_version: Annotated[
        Text | None, Field(description="of v2 to v5e and of what is queued, for example v2-alpha-tpuv5-lite")
    ] = None
    boot_disk: Annotated[TpuBootDisk | None, Field(description="{ gib: 200, kind: hyperdisk-balanced }")] = None
    access: Access = ()
    data: DataUse
    egress: Egress = "refused"
    secrets: Secrets
    on_preemption: Annotated[OnPreemption | None, Field(description="{ retries: 3 }")] = None

    @property
    def slice(self) -> Slice:
        """What its keys ask for; TpuError for what does not exist, which the settings refuse."""
        chip = self.accelerator.wanted.chip
        machine_type = self.machine_type if generation(chip).machine_types else None
        return slice_of(chip, int(self.accelerator.count), self.topology, machine_type)

    def by_cloud_tpu(self, capacity: Capacity) -> bool:
        """Whether the Cloud TPU API makes it when it is bought so, and not Compute Engine."""
        return isinstance(capacity, Queued) or self.slice.generation.made_by == CLOUD_TPU
