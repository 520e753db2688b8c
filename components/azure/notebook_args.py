"""What a notebook on Azure Machine Learning can be: every refusal that needs no cloud is made here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pulumi

from components.azure.principal import parse_principal
from components.azure.resource_name import check_location, parse_id
from components.azure.training_job_args import WORKSPACE_TYPE
from trainyard.facts.azure import learning
from trainyard.facts.capacity import Capacity, OnDemand, name


@dataclass(frozen=True, kw_only=True)
class NotebookArgs:
    """One compute instance, which is one person's: JupyterLab, VS Code and a terminal through the workspace only."""

    workspace: pulumi.Input[str]  # full id
    location: str  # the workspace's
    compute_name: str  # facts.azure.learning.compute_name; of all the region
    machine_type: str
    tags: Mapping[str, str]
    idle: timedelta  # without work for so long, the instance stops
    user: str  # "user:<object id>": nobody else gets in, not the one who made it either
    tenant: str  # the id of the user's directory
    capacity: Capacity = field(default_factory=OnDemand)

    def __post_init__(self) -> None:
        """ValueError that says what was given, what is allowed and what to do."""
        check_location(self.location)
        if isinstance(self.workspace, str):
            parse_id(self.workspace, WORKSPACE_TYPE)
        for error in self._errors():
            raise ValueError(error)

    @property
    def user_object_id(self) -> str:
        """Of the user that it is made for."""
        return parse_principal(self.user)[1]

    def _errors(self) -> Iterator[str]:
        if reason := learning.not_built(self.machine_type):
            yield f"{self.machine_type}: {reason}."
        if reason := learning.not_sold("notebook", name(self.capacity)):
            yield f"{self.machine_type}: {reason}."
        if error := learning.idle_error(self.idle):
            yield error
        if error := learning.compute_name_error(self.compute_name):
            yield error
        if parse_principal(self.user)[0] != "User":
            yield (
                f"{self.user!r}: a compute instance is one person's and cannot be shared; give user:<object id>, and "
                "each other person a notebook of their own."
            )
