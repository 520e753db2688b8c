"""What a GPU VM on Azure can be: every refusal that needs no cloud is made here."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import pulumi

from components.azure.principal import check_principals
from components.azure.resource_name import check_location, check_name, parse_id
from components.instant import check_instant
from trainyard.facts.azure.images import Image, image_error, needs_driver_extension
from trainyard.facts.azure.machine_types import Size, size
from trainyard.facts.capacity import Capacity, OnDemand, Reserved, Spot, name

SUBNET: Final = "Microsoft.Network/virtualNetworks/subnets"
DISK: Final = "Microsoft.Compute/disks"
BASTION: Final = "Microsoft.Network/bastionHosts"
KEY_SET: Final = "Microsoft.Compute/diskEncryptionSets"
RESERVATION: Final = "Microsoft.Compute/capacityReservationGroups"
# learn.microsoft.com/azure/virtual-machines/disks-types; Premium SSD v2 and ultra disks are never OS disks
BOOT_KINDS: Final = ("Premium_LRS", "StandardSSD_LRS", "Premium_ZRS", "StandardSSD_ZRS")
_BOOT_GIB: Final = range(64, 4096)  # the HPC images have 64; an OS disk ends at 4,095
# learn.microsoft.com/azure/azure-resource-manager/management/tag-resources
_TAG_NAME: Final = re.compile(r"[^<>%&\\?/]{1,512}")
_MOST_TAGS: Final = 50
# learn.microsoft.com/azure/virtual-machines/linux/mac-create-ssh-keys: RSA of 2048 bits and more, and ED25519
_KEY: Final = re.compile(r"(?:ssh-rsa AAAAB3NzaC1yc2E|ssh-ed25519 AAAAC3NzaC1lZDI1NTE5)[A-Za-z0-9+/]+={0,2}(?: .*)?")
ADMIN: Final = "trainyard"


@dataclass(frozen=True, kw_only=True)
class BootDisk:
    gib: int = 256
    kind: str = "Premium_LRS"
    encryption_set: pulumi.Input[str] | None = None  # full id; None: Azure's own keys


@dataclass(frozen=True, kw_only=True)
class DataDiskUse:
    """A disk that outlives the machine, which finds it by its place in the list: /dev/disk/azure/scsi1/lun<n>."""

    name: str
    disk: pulumi.Input[str]  # full id, of the machine's location and zone
    write: bool


@dataclass(frozen=True, kw_only=True)
class GpuVmArgs:
    """One machine; its accelerators come with `machine_type`."""

    subscription: str
    resource_group: str
    location: str
    zone: str | None = None  # "1"; None: the location's any
    machine_type: str
    image: Image
    subnet: pulumi.Input[str]  # full id
    identity: pulumi.Input[str]  # full id of the lease's identity, which reads data and secrets
    ending_role: pulumi.Input[str]  # full id of `NodeIdentity`'s
    tags: Mapping[str, str]
    hard_end: str  # RFC 3339, UTC; the cloud deletes the machine then
    user_data: pulumi.Input[str]
    capacity: Capacity = field(default_factory=OnDemand)
    eviction: Literal["Delete", "Deallocate"] = "Delete"  # of spot; a deallocated machine's disks bill on
    boot_disk: BootDisk = BootDisk()
    data_disks: tuple[DataDiskUse, ...] = ()
    encryption_at_host: bool = True  # the subscription must have the feature Microsoft.Compute/EncryptionAtHost
    ssh_public_key: str | None = None  # of `trainyard`; None: nobody's, and people log in with Entra ID
    access: tuple[str, ...] = ()  # "group:<object id>"
    administrators: bool = False  # whether they may use sudo
    bastion: pulumi.Input[str] | None = None  # full id of the one that serves the network
    within_a_day: bool = False  # whether the hard end is less than a day away: then a second cloud-held end is made

    def __post_init__(self) -> None:
        """ValueError that says what was given, what is allowed and what to do."""
        for error in self._errors():
            raise ValueError(error)
        check_instant("hard end", self.hard_end)
        check_principals(self.access)
        check_location(self.location)
        check_name("resource group", self.resource_group, longest=90)
        for given, type_ in (
            (self.subnet, SUBNET),
            (self.bastion, BASTION),
            (self.boot_disk.encryption_set, KEY_SET),
            *((each.disk, DISK) for each in self.data_disks),
        ):
            if isinstance(given, str):
                parse_id(given, type_)

    @property
    def size(self) -> Size:
        """The machine's facts."""
        return size(self.machine_type)

    @property
    def trusted_launch(self) -> bool:
        """Whether image and size allow it."""
        return self.image.trusted_launch and self.size.trusted_launch

    @property
    def driver_extension(self) -> bool:
        """Whether Azure's GPU driver extension brings the driver."""
        return needs_driver_extension(self.image, self.size)

    @property
    def reservation(self) -> str | None:
        """Full id of the capacity reservation group that the machine comes out of."""
        if not isinstance(self.capacity, Reserved):
            return None
        if self.capacity.id.startswith("/"):
            return self.capacity.id
        group = f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}"
        return f"{group}/providers/{RESERVATION}/{self.capacity.id}"

    def _errors(self) -> Iterator[str]:
        found = self.size
        if error := image_error(self.image, found):
            yield error
        if self.boot_disk.gib not in _BOOT_GIB:
            yield f"A boot disk of {self.boot_disk.gib} GiB cannot be had; give {_BOOT_GIB[0]} to {_BOOT_GIB[-1]} GiB."
        if self.boot_disk.kind not in BOOT_KINDS:
            yield f'No machine on Azure boots from "{self.boot_disk.kind}" here; give {", ".join(BOOT_KINDS)}.'
        if self.zone is not None and self.zone not in ("1", "2", "3"):
            yield f'{self.zone!r} is no zone of a location on Azure; give "1", "2" or "3", or leave it out.'
        if len(self.data_disks) > found.data_disks:
            yield (
                f"{self.machine_type} takes {found.data_disks} data disks, {len(self.data_disks)} were given; give "
                "fewer, or a larger size."
            )
        if self.ssh_public_key is not None and not _KEY.fullmatch(self.ssh_public_key):
            yield (
                "The SSH key is no public one that Azure takes; give one line of ssh-ed25519 or ssh-rsa, or leave it "
                "out: people then log in with Entra ID only."
            )
        yield from self._capacity_errors()
        yield from _tag_errors(self.tags)

    def _capacity_errors(self) -> Iterator[str]:
        match self.capacity:
            case OnDemand() | Spot():
                pass
            case Reserved(bound=True):
                yield "Azure binds no machine to its reservation; leave bound out, the lease's own ends hold."
            case Reserved(id=id_) if id_.startswith("/"):
                parse_id(id_, RESERVATION)
            case Reserved(id=id_):
                check_name("capacity reservation group", id_)
            case _:
                yield f"Azure sells no {name(self.capacity)} machines; give on-demand, spot or {{ kind: reserved }}."
        if self.eviction != "Delete" and not isinstance(self.capacity, Spot):
            yield f"eviction is spot's; {name(self.capacity)} machines are not taken back."


def _tag_errors(tags: Mapping[str, str]) -> Iterator[str]:
    if len(tags) > _MOST_TAGS:
        yield f"{len(tags)} tags were given, Azure takes {_MOST_TAGS} on one thing; give fewer."
    for key, value in tags.items():
        if not _TAG_NAME.fullmatch(key) or len(value) > 256:
            yield (
                f"{key}={value!r} is no tag on Azure; allowed are names of 1 to 512 characters without <>%&\\?/, and "
                "values of at most 256."
            )
