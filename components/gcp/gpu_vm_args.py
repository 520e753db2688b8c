"""What a GPU VM on Google Cloud can be: every refusal that needs no cloud is made here."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pulumi

from components.gcp.principal import check_principals
from components.gcp.resource_name import check_subnetwork
from components.instant import check_instant
from trainyard.facts.capacity import Capacity, FlexStart, OnDemand, Reserved, Spot, name
from trainyard.facts.images import Image, image_error
from trainyard.facts.machine import BundledSsd, Shape, boot_disk_error, local_ssd_error, not_sold, shape

_LABEL_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
_BOOT_GIB = range(10, 65537)  # 64 TiB (https://cloud.google.com/compute/docs/disks)
_RESERVATION = re.compile(r"(?:projects/[a-z0-9.:-]+/reservations/)?[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")
_FLEX_SECONDS = range(600, 7 * 86400 + 1)  # Compute Engine docs, About resize requests in a MIG: 10 minutes to 7 days


@dataclass(frozen=True, kw_only=True)
class BootDisk:
    gib: int = 200
    kind: str | None = None  # "pd-ssd"; None: what the machine type boots from by default
    kms_key: pulumi.Input[str] | None = None


@dataclass(frozen=True, kw_only=True)
class DataDiskUse:
    """A disk that outlives the machine, which finds it as /dev/disk/by-id/google-<name>."""

    name: str
    disk: pulumi.Input[str]  # full id, of the machine's zone
    write: bool


@dataclass(frozen=True, kw_only=True)
class GpuVmArgs:
    """One machine; its accelerators come with `machine_type`, but for N1, where they are attached."""

    project: str
    zone: str
    machine_type: str
    gpu_type: str = ""  # of N1: "nvidia-tesla-t4"
    gpus: int = 0
    image: Image
    subnetwork: pulumi.Input[str]  # full id
    service_account: pulumi.Input[str]  # email
    labels: Mapping[str, str]
    hard_end: str  # RFC 3339, UTC; the cloud deletes the machine then
    user_data: pulumi.Input[str]
    capacity: Capacity = field(default_factory=OnDemand)
    run_seconds: int | None = None  # of flex-start, which ends by its run's length instead of a time
    boot_disk: BootDisk = BootDisk()
    data_disks: tuple[DataDiskUse, ...] = ()
    local_ssd: int | None = None  # disks of 375 GiB; None: those that come with the machine type, else none
    access: tuple[str, ...] = ()  # "group:ml-research@acme.example"

    def __post_init__(self) -> None:
        """ValueError that says what was given, what is allowed and what to do."""
        for error in self._errors():
            raise ValueError(error)
        check_instant("hard end", self.hard_end)
        check_principals(self.access)
        check_subnetwork(self.subnetwork, self.zone, "machine")

    @property
    def shape(self) -> Shape:
        """The machine's facts."""
        return shape(self.machine_type, self.gpu_type, self.gpus)

    @property
    def boot_disk_kind(self) -> str:
        """The kind asked for, else the machine type's own."""
        return self.boot_disk.kind or self.shape.boot_disks[0]

    @property
    def bundled_ssd(self) -> bool:
        """Whether the cloud attaches the machine's local SSDs itself."""
        return isinstance(self.shape.local_ssd, BundledSsd)

    @property
    def local_ssd_count(self) -> int:
        """How many local SSDs the machine will have, bundled ones too."""
        if isinstance(self.shape.local_ssd, BundledSsd):
            return self.shape.local_ssd.count
        return self.local_ssd or 0

    @property
    def bound(self) -> bool:
        """Whether the machine is bound to a reservation, and ends with it."""
        return isinstance(self.capacity, Reserved) and (self.capacity.bound or self.shape.bound)

    def _errors(self) -> Iterator[str]:
        found = self.shape
        if error := image_error(self.image, found):
            yield error
        if error := boot_disk_error(found, self.boot_disk_kind):
            yield error
        if self.local_ssd is not None and (error := local_ssd_error(found, self.local_ssd)):
            yield error
        if self.boot_disk.gib not in _BOOT_GIB:
            yield f"A boot disk of {self.boot_disk.gib} GiB cannot be had; give {_BOOT_GIB[0]} to {_BOOT_GIB[-1]} GiB."
        if reason := not_sold("gcp", self.machine_type, name(self.capacity)):
            yield f"{self.machine_type}: {reason}."
        yield from self._capacity_errors()
        yield from _label_errors(self.labels)

    def _capacity_errors(self) -> Iterator[str]:
        match self.capacity:
            case OnDemand() | Spot():
                pass
            case Reserved(id=id_) if _RESERVATION.fullmatch(id_) is None:
                yield (
                    f"{id_!r} is no reservation; give its name, or projects/<project>/reservations/<name> of one that "
                    "another project shares."
                )
            case FlexStart() if self.run_seconds is None or self.run_seconds not in _FLEX_SECONDS:
                yield (
                    f"A flex-start machine runs {_FLEX_SECONDS[0]} to {_FLEX_SECONDS[-1]} seconds, not "
                    f"{self.run_seconds}; give run_seconds of that."
                )
            case Reserved() | FlexStart():
                pass
            case _:
                yield f"A gpu-vm cannot be bought as {name(self.capacity)}; give another capacity."
        if self.run_seconds is not None and not isinstance(self.capacity, FlexStart):
            yield f"run_seconds is flex-start's; {name(self.capacity)} machines end at hard_end."


def _label_errors(labels: Mapping[str, str]) -> Iterator[str]:
    for key, value in labels.items():
        if not _LABEL_KEY.fullmatch(key) or not _LABEL_VALUE.fullmatch(value):
            yield (
                f"{key}={value!r} is no label on Google Cloud; allowed are at most 63 of a-z, 0-9, '_' and '-', the "
                "key with a letter first."
            )
