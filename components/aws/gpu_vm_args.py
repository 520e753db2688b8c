"""What a GPU VM on AWS can be: every refusal that needs no cloud is made here."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pulumi

from components.aws.hard_end import Ends
from components.aws.principal import check_principals
from components.aws.resource_name import check_account, check_region, check_zone_id
from components.instant import check_instant
from trainyard.facts.aws.conflicts import Asked, conflicts
from trainyard.facts.aws.images import Image, image_error
from trainyard.facts.aws.machine import not_sold, shape
from trainyard.facts.aws.machine_types import Shape
from trainyard.facts.capacity import Block, Capacity, OnDemand, Reserved, Spot, name
from trainyard.facts.labels import LEASE_KEY, WORKLOAD_KEY

_ROOT_GIB = range(8, 65537)  # EBS User Guide, gp3 volumes: 1 GiB to 64 TiB; Ubuntu's own images have 8
_RESERVATION = re.compile(r"cr-(?:[0-9a-f]{8}|[0-9a-f]{17})")
_VOLUME = re.compile(r"vol-(?:[0-9a-f]{8}|[0-9a-f]{17})")
# EC2 User Guide, "Tag your EC2 resources"; what metadata tells of tags may hold neither spaces nor "/" in its keys.
_TAG_KEY = re.compile(r"(?!aws:)[A-Za-z0-9+=.,_:@-]{1,128}")
_TAG_VALUE = re.compile(r"[\w+=.,:/@ -]{0,256}")
_MOST_TAGS = 40  # of 50: Amazon's own and the provider's need some
# EC2 User Guide, "Device names for volumes": for data, /dev/sdf to /dev/sdp.
DEVICES = tuple(f"/dev/sd{letter}" for letter in "fghijklmnop")


@dataclass(frozen=True, kw_only=True)
class RootVolume:
    """A gp3 volume, always encrypted; made with the machine and gone with it."""

    gib: int = 200
    kms_key: pulumi.Input[str] | None = None  # its ARN; None: Amazon's own key of the account


@dataclass(frozen=True, kw_only=True)
class DataDiskUse:
    """An EBS volume that outlives the machine; EC2 attaches it to be written, the node mounts it as `write` says."""

    name: str
    volume_id: pulumi.Input[str]  # of the machine's zone
    write: bool


@dataclass(frozen=True, kw_only=True)
class GpuVmArgs:
    """One machine; its GPUs, instance store and network cards come with `machine_type`."""

    account: str
    region: str
    zone_id: str  # "euc1-az2", the same zone in every account
    machine_type: str
    image: Image
    ami: pulumi.Input[str]  # the image's id in the region, as `components.aws.image.ami` finds it
    subnet_id: pulumi.Input[str]  # private, of the zone
    security_group_ids: tuple[pulumi.Input[str], ...]  # at least one: nothing in, but from itself
    instance_profile: pulumi.Input[str]  # its name
    tags: Mapping[str, str]
    hard_end: str  # RFC 3339, UTC; the cloud terminates the machine then
    ends: Ends  # where the schedule of the hard end goes
    user_data_base64: pulumi.Input[str]  # compressed
    capacity: Capacity = field(default_factory=OnDemand)
    root_volume: RootVolume = RootVolume()
    data_disks: tuple[DataDiskUse, ...] = ()
    access: tuple[str, ...] = ()  # "iam-role:ml-research"

    def __post_init__(self) -> None:
        """ValueError that says what was given, what is allowed and what to do."""
        check_account(self.account)
        check_region(self.region)
        check_zone_id(self.zone_id, self.region)
        check_instant("hard end", self.hard_end)
        check_principals(self.access)
        for error in self._errors():
            raise ValueError(error)

    @property
    def shape(self) -> Shape:
        """The machine's facts."""
        return shape(self.machine_type)

    def _errors(self) -> Iterator[str]:
        if error := image_error(self.image, self.shape):
            yield error
        if self.root_volume.gib not in _ROOT_GIB:
            yield (
                f"A root volume of {self.root_volume.gib} GiB cannot be had; give {_ROOT_GIB[0]} to {_ROOT_GIB[-1]} "
                "GiB."
            )
        if not self.security_group_ids:
            yield "A machine without security groups gets the VPC's default one; give that of the region's machines."
        if self.ends.region != self.region:
            yield (
                f"The machine lies in {self.region}, its hard end would be kept in {self.ends.region}; give its own "
                "region's."
            )
        yield from self._capacity_errors()
        yield from self._disk_errors()
        yield from _tag_errors(self.tags)

    def _capacity_errors(self) -> Iterator[str]:
        match self.capacity:
            case OnDemand() | Spot():
                pass
            case Reserved(bound=True):
                asked = Asked(machine=self.shape, capacity=name(self.capacity), bound=True)
                yield from (row.text for row in conflicts(asked))
            case Reserved(id=id_) | Block(id=id_) if _RESERVATION.fullmatch(id_) is None:
                yield f"{id_!r} is no capacity reservation; give its id: cr-0123456789abcdef0."
            case Reserved() | Block():
                pass
            case _:
                yield f"A gpu-vm on AWS cannot be bought as {name(self.capacity)}; give another capacity."
        if reason := not_sold(self.machine_type, name(self.capacity)):
            yield f"{self.machine_type}: {reason}."

    def _disk_errors(self) -> Iterator[str]:
        if len(self.data_disks) > len(DEVICES):
            yield (
                f"{len(self.data_disks)} data disks cannot be attached by name, at most {len(DEVICES)}; use S3 or FSx "
                "for Lustre."
            )
        for disk in self.data_disks:
            if isinstance(disk.volume_id, str) and not _VOLUME.fullmatch(disk.volume_id):
                yield f"{disk.volume_id!r} of {disk.name} is no volume; give its id: vol-0123456789abcdef0."


def _tag_errors(tags: Mapping[str, str]) -> Iterator[str]:
    for key in (LEASE_KEY, WORKLOAD_KEY):
        if not tags.get(key):
            yield f"The machine lacks the tag {key}, by which its lease finds it; give it."
    if len(tags) > _MOST_TAGS:
        yield f"{len(tags)} tags are too many for a machine on AWS; give at most {_MOST_TAGS}."
    for key, value in tags.items():
        if not _TAG_KEY.fullmatch(key) or not _TAG_VALUE.fullmatch(value):
            yield (
                f"{key}={value!r} is no tag on AWS; allowed are at most 128 of a-z, A-Z, 0-9 and +-=.,_:@ as its key, "
                "not beginning with aws:, and 256 characters as its value."
            )
