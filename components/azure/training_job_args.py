"""What a training job on Azure Machine Learning can be: every refusal that needs no cloud is made here."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pulumi

from components.azure.resource_name import check_location, parse_id
from components.instant import check_instant
from trainyard.facts.azure import learning
from trainyard.facts.azure.machine_types import size
from trainyard.facts.capacity import Capacity, OnDemand, Spot, name

WORKSPACE_TYPE = "Microsoft.MachineLearningServices/workspaces"
IDENTITY_TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities"
_WAITS = ("submitted", "running", "finished")
_FOLDER = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True, kw_only=True)
class JobData:
    """A container of a storage account, mounted; its folder stands in the variable of the data set's name."""

    name: str  # the data set's: "checkpoints", told as $CHECKPOINTS
    account: pulumi.Input[str]
    container: pulumi.Input[str]
    write: bool = False


@dataclass(frozen=True, kw_only=True)
class TrainingJobArgs:
    """One run of a container on one or more equal machines, which a cluster of its own makes and takes away."""

    origin: str  # "sandbox" or "cloud"
    subscription: str
    workspace: pulumi.Input[str]  # full id
    location: str  # the workspace's, and so the cluster's
    compute_name: str  # facts.azure.learning.compute_name
    machine_type: str  # "Standard_ND96isr_H100_v5"
    nodes: int = 1
    container: str  # by digest, or at least by tag
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)  # HF_TOKEN: azure-secret://<vault>/<name>
    identity: pulumi.Input[str]  # full id of a user-assigned identity: pulls the image, reads the data
    identity_client_id: pulumi.Input[str]
    tags: Mapping[str, str]
    hard_end: str  # RFC 3339, UTC
    timeout: timedelta
    capacity: Capacity = field(default_factory=OnDemand)
    run: int = 1
    wait_for: str = "running"
    restarts: bool = False
    shared_memory_gib: int = 64  # loaders of data need more than Docker's 64 MiB
    data: tuple[JobData, ...] = ()

    def __post_init__(self) -> None:
        """ValueError that says what was given, what is allowed and what to do."""
        check_location(self.location)
        check_instant("hard end", self.hard_end)
        for full_id, type_ in ((self.workspace, WORKSPACE_TYPE), (self.identity, IDENTITY_TYPE)):
            if isinstance(full_id, str):
                parse_id(full_id, type_)
        for error in (*self._machine_errors(), *self._container_errors(), *self._run_errors()):
            raise ValueError(error)

    def _machine_errors(self) -> Iterator[str]:
        if reason := learning.not_built(self.machine_type):
            yield f"{self.machine_type}: {reason}."
            return
        size(self.machine_type)
        if reason := learning.not_sold("training-job", name(self.capacity)):
            yield f"{self.machine_type}: {reason}."
        if error := learning.nodes_error(self.machine_type, self.nodes):
            yield error
        if error := learning.compute_name_error(self.compute_name):
            yield error

    def _container_errors(self) -> Iterator[str]:
        if error := learning.container_error(self.container):
            yield error
        if not self.command:
            yield "Azure Machine Learning runs a command in the container, never its own; give command: [python, …]."
        for _, error in learning.variable_errors(self.env, self.secrets):
            yield error
        for reference in self.secrets.values():
            learning.secret_url(reference)
        names = [each.name for each in self.data]
        for data in names:
            if not _FOLDER.fullmatch(data) or names.count(data) > 1:
                yield f"{data!r} is no data set of its own; give a short name that no other has."
        if self.shared_memory_gib < 1:
            yield f"A container with {self.shared_memory_gib} GiB of shared memory is none; give 1 or more."

    def _run_errors(self) -> Iterator[str]:
        if self.run < 1:
            yield f"run {self.run} is none; give a whole number from 1."
        if self.wait_for not in _WAITS:
            yield f"{self.wait_for!r} cannot be waited for; give one of {', '.join(_WAITS)}."
        if error := learning.run_error(name(self.capacity), self.timeout):
            yield error
        if any(each.write for each in self.data):
            return
        if isinstance(self.capacity, Spot):
            yield (
                "A spot job may end at any moment, and this one writes to no data set: its work would be lost; give "
                "data: { checkpoints: write }, or another capacity."
            )
        if self.restarts:
            yield (
                "A job that starts again needs data that it writes its checkpoints to; give "
                "data: { checkpoints: write }, or leave on_preemption out."
            )
