"""What a notebook on Google Cloud can be: every refusal that needs no cloud is made here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pulumi

from components.gcp.principal import check_principals
from components.gcp.resource_name import check_subnetwork
from trainyard.facts import workbench
from trainyard.facts.capacity import Capacity, OnDemand, name
from trainyard.facts.machine import Shape, shape

_DISK_GIB = range(10, 64001)  # notebooks.v2 BootDisk and DataDisk: up to 64,000 GB
_LEAST_BOOT_GIB = 150  # Workbench docs, Create an instance: the image needs so much


@dataclass(frozen=True, kw_only=True)
class NotebookArgs:
    """One Workbench instance, whose JupyterLab is reached through Google's proxy only."""

    project: str
    zone: str
    machine_type: str
    gpu_type: str = ""  # of N1: "nvidia-tesla-t4"
    gpus: int = 0
    network: pulumi.Input[str]  # full id
    subnetwork: pulumi.Input[str]  # full id
    service_account: pulumi.Input[str]  # email
    labels: Mapping[str, str]
    idle: timedelta  # without work for so long, the instance stops
    startup_script: pulumi.Input[str]
    capacity: Capacity = field(default_factory=OnDemand)
    boot_disk_gib: int = 150
    data_disk_gib: int = 100
    kms_key: pulumi.Input[str] | None = None
    access: tuple[str, ...] = ()  # "group:ml-research@acme.example"

    def __post_init__(self) -> None:
        """ValueError that says what was given, what is allowed and what to do."""
        for error in self._errors():
            raise ValueError(error)
        check_principals(self.access)
        check_subnetwork(self.subnetwork, self.zone, "notebook")

    @property
    def shape(self) -> Shape:
        """The machine's facts."""
        return shape(self.machine_type, self.gpu_type, self.gpus)

    def _errors(self) -> Iterator[str]:
        if reason := workbench.not_built("gcp", self.machine_type):
            yield f"{self.machine_type}: {reason}."
        if reason := workbench.not_sold("gcp", self.machine_type, name(self.capacity)):
            yield f"{self.machine_type}: {reason}."
        if error := workbench.idle_error(self.idle):
            yield error
        if self.boot_disk_gib not in _DISK_GIB or self.boot_disk_gib < _LEAST_BOOT_GIB:
            yield f"A notebook's boot disk has {_LEAST_BOOT_GIB} to {_DISK_GIB[-1]} GiB, not {self.boot_disk_gib}."
        if self.data_disk_gib not in _DISK_GIB:
            yield f"A notebook's data disk has {_DISK_GIB[0]} to {_DISK_GIB[-1]} GiB, not {self.data_disk_gib}."
