"""`kind: gpu-vm`: machines with GPUs that people log in to."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trainyard.facts.capacity import OnDemand, Reserved
from trainyard.settings.capacities import Capacities
from trainyard.settings.places import Places
from trainyard.settings.shape import Section
from trainyard.settings.values import Chips, Text, Whole
from trainyard.settings.workload import Access, DataUse, Egress, Fabric, Form, Idle, Image, MemoryGib, Nodes, Secrets


class BootDisk(Section):
    """The disk that the machine starts from."""

    gib: Annotated[Whole, Field(ge=10, le=65536, description="a whole number of GiB from 10 to 65536")] = 200
    kind: Annotated[
        Literal[
            "pd-standard",
            "pd-balanced",
            "pd-ssd",
            "hyperdisk-balanced",
            "gp3",
            "Premium_LRS",
            "StandardSSD_LRS",
            "Premium_ZRS",
            "StandardSSD_ZRS",
        ]
        | None,
        Field(
            description="pd-standard, pd-balanced, pd-ssd or hyperdisk-balanced on Google Cloud, gp3 on AWS, "
            "Premium_LRS, StandardSSD_LRS, Premium_ZRS or StandardSSD_ZRS on Azure; left out, the machine's own"
        ),
    ] = None


class Preemption(Section):
    """What happens when the cloud takes a machine back: it is gone, and the next `pulumi up` makes it again."""

    then: Annotated[Literal["stay-down", "recreate"], Field(description="stay-down")] = "stay-down"


class GpuVm(Section):
    """One machine, or with nodes > 1 a group in one fabric."""

    kind: Annotated[Literal["gpu-vm"], Field(description="gpu-vm")]
    accelerator: Chips
    memory_gib: MemoryGib = None
    form: Form = None
    fabric: Fabric = None
    machine_type: Annotated[Text | None, Field(description="a machine type, for example a2-highgpu-1g")] = None
    nodes: Nodes = 1
    where: Places
    capacity: Capacities = (OnDemand(),)
    image: Image = None
    boot_disk: Annotated[BootDisk, Field(description="{ gib: 200, kind: pd-ssd }", default_factory=BootDisk)]
    local_ssd: Annotated[
        Whole | None, Field(le=32, description="a whole number of local SSDs, beyond those that come with the machine")
    ] = None
    access: Access = ()
    data: DataUse
    egress: Egress = "refused"
    secrets: Secrets
    idle: Annotated[Idle | None, Field(description="{ after: 30m, then: stop }")] = None
    on_preemption: Annotated[Preemption | None, Field(description="{ then: stay-down }")] = None

    @property
    def reservation(self) -> str | None:
        """The id of the first reservation among its capacities."""
        return next((each.id for each in self.capacity if isinstance(each, Reserved)), None)
