"""What a TPU machine of Compute Engine can be, alone or in a slice: every refusal that needs no cloud is made here."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pulumi

from components.gcp.gpu_vm_args import BootDisk, DataDiskUse
from components.gcp.principal import check_principals
from components.gcp.resource_name import check_subnetwork
from components.instant import check_instant
from trainyard.facts.capacity import Capacity, FlexStart, OnDemand, Reserved, Spot, name
from trainyard.facts.images import Image
from trainyard.facts.tpu_slice import Slice

_LABEL_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
_BOOT_GIB = range(10, 65537)
# https://cloud.google.com/compute/docs/instances/about-flex-start-vms: from ten minutes to seven days.
_RUN_SECONDS = range(10 * 60, 7 * 24 * 3600 + 1)


@dataclass(frozen=True, kw_only=True)
class TpuMachineArgs:
    """The chips come with the machine type, which `slice` decides."""

    project: str
    zone: str
    slice: Slice
    image: Image
    subnetwork: pulumi.Input[str]  # full id
    service_account: pulumi.Input[str]  # email
    labels: Mapping[str, str]
    hard_end: str  # RFC 3339, UTC; the cloud deletes the machines then
    user_data: pulumi.Input[str]
    capacity: Capacity = field(default_factory=OnDemand)
    run_seconds: int | None = None  # of flex-start machines, from their own start on
    boot_disk: BootDisk = field(default_factory=BootDisk)
    data_disks: tuple[DataDiskUse, ...] = ()
    access: tuple[str, ...] = ()  # "group:ml-research@acme.example"

    def __post_init__(self) -> None:
        """ValueError that says what was given, what is allowed and what to do."""
        for error in self._errors():
            raise ValueError(error)
        check_instant("hard end", self.hard_end)
        check_principals(self.access)
        check_subnetwork(self.subnetwork, self.zone, "TPU")

    @property
    def machine_type(self) -> str:
        """Compute Engine's type of each host."""
        return self.slice.machine_type or ""

    @property
    def boot_disk_kind(self) -> str:
        """The kind asked for, else the generation's own."""
        return self.boot_disk.kind or self.slice.generation.boot_disks[0]

    def _errors(self) -> Iterator[str]:
        of = self.slice.generation
        if not of.machine_types:
            yield f"{of.chip} is no machine of Compute Engine but a node of the Cloud TPU API; use TpuVm."
        if not isinstance(self.capacity, OnDemand | Spot | Reserved | FlexStart):
            yield (
                f"A TPU machine of Compute Engine cannot be bought as {name(self.capacity)}; give on-demand, spot, "
                "flex-start or reserved, or use QueuedTpu."
            )
        if isinstance(self.capacity, FlexStart) != (self.run_seconds is not None):
            yield "run_seconds belongs to flex-start machines, which need it, and to no others."
        if self.run_seconds is not None and self.run_seconds not in _RUN_SECONDS:
            yield (
                f"A flex-start machine cannot run {self.run_seconds} s; give {_RUN_SECONDS[0]} to {_RUN_SECONDS[-1]} "
                "(ten minutes to seven days)."
            )
        if self.boot_disk_kind not in of.boot_disks:
            allowed = ", ".join(of.boot_disks)
            yield f'{of.chip} machines cannot boot from "{self.boot_disk_kind}"; allowed are {allowed}.'
        written = [each.name for each in self.data_disks if each.write]
        if written and self.slice.hosts > 1:
            yield f"{self.slice.hosts} hosts cannot all write to the disk {written[0]}; read it, or write to a bucket."
        if self.boot_disk.gib not in _BOOT_GIB:
            yield f"A boot disk of {self.boot_disk.gib} GiB cannot be had; give {_BOOT_GIB[0]} to {_BOOT_GIB[-1]} GiB."
        if self.image.architecture not in (None, "x86_64"):
            yield f"{self.image.path} is for {self.image.architecture}, TPU machines are x86_64; give an image of it."
        yield from label_errors(self.labels)


def label_errors(labels: Mapping[str, str]) -> Iterator[str]:
    """Labels that Google Cloud takes for none."""
    for key, value in labels.items():
        if not _LABEL_KEY.fullmatch(key) or not _LABEL_VALUE.fullmatch(value):
            yield (
                f"{key}={value!r} is no label on Google Cloud; allowed are at most 63 of a-z, 0-9, '_' and '-', the "
                "key with a letter first."
            )
