"""`kind: training-job`: a container that runs to its end on machines that the cloud keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from trainyard.facts.capacity import OnDemand
from trainyard.settings.capacities import Capacities
from trainyard.settings.places import Places
from trainyard.settings.shape import Section
from trainyard.settings.values import Chips, Flag, Slug, Text, Whole
from trainyard.settings.workload import DataUse, Egress, Fabric, Form, MemoryGib, Nodes, OnPreemption, Secrets


class TrainingJob(Section):
    """One run of a container."""

    kind: Annotated[Literal["training-job"], Field(description="training-job")]
    accelerator: Chips
    memory_gib: MemoryGib = None
    form: Form = None
    fabric: Fabric = None
    machine_type: Annotated[Text | None, Field(description="a machine type, for example a3-highgpu-8g")] = None
    nodes: Nodes = 1
    runs_on: Annotated[
        Slug | None, Field(description="a persistent-resource of this stack, by its name under workloads")
    ] = None
    where: Places
    capacity: Capacities = (OnDemand(),)
    container: Annotated[Text, Field(description="a container by digest: europe-docker.pkg.dev/…@sha256:…")]
    command: Annotated[tuple[str, ...], Field(description="a list of words: [torchrun, train.py]")] = ()
    env: Annotated[Mapping[str, str], Field(description="a mapping of name to text", default_factory=dict)]
    secrets: Secrets
    data: DataUse
    on_preemption: Annotated[OnPreemption | None, Field(description="{ retries: 3 }")] = None
    tensorboard: Annotated[
        Flag,
        Field(description="true or false: whether it writes to the base's TensorBoard, by AIP_TENSORBOARD_LOG_DIR"),
    ] = False
    egress: Egress = "refused"
    run: Annotated[Whole, Field(description="a whole number; raise it to run again")] = 1
    wait_for: Annotated[
        Literal["submitted", "running", "finished"], Field(description="submitted, running or finished")
    ] = "running"
