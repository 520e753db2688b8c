"""What a base stack's parts on AWS say of each other and of the environment."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from trainyard.facts.aws.storage import LUSTRE_TYPES, lustre_error, volume_error
from trainyard.facts.places import region_of
from trainyard.settings.base_aws import (
    LEAST_VPC,
    AwsBase,
    AwsExistingKey,
    AwsExistingNetwork,
    AwsExistingRepository,
    AwsMadeNetwork,
    AwsMadeRepository,
)
from trainyard.settings.bounds import is_region, no_region
from trainyard.settings.data_aws import AwsDataSet, AwsMadeBucket, AwsMadeDisk, AwsMadeLustre
from trainyard.settings.environment import Limits
from trainyard.settings.problem import Path, Wrong, listed

AT: Path = ("base", "aws")
_LARGEST_VPC = 16  # Amazon VPC docs, "VPC CIDR blocks"


def aws_base_breaches(aws: AwsBase, limits: Limits | None, file: str) -> Iterator[Wrong]:
    """Regions that the environment does not allow, ranges that no VPC has, zones of another region, sizes of none."""
    match aws.network:
        case AwsMadeNetwork() as made:
            yield from _made(made, limits, file)
        case AwsExistingNetwork(vpcs=vpcs):
            for region, vpc in vpcs.items():
                yield from allowed_region((*AT, "network", "vpcs", region), region, limits, file)
                for zone in vpc.subnets:
                    if region_of("aws", zone) != region:
                        at = (*AT, "network", "vpcs", region, "subnets", zone)
                        yield at, f'"{zone}" lies in {region_of("aws", zone)}; give a zone of {region}.'
    yield from _keys_and_repositories(aws, limits, file)
    for name, data in aws.data.items():
        yield from _data((*AT, "data", name), aws, data, limits, file)


def _keys_and_repositories(aws: AwsBase, limits: Limits | None, file: str) -> Iterator[Wrong]:
    for region, key in aws.keys.items():
        yield from allowed_region((*AT, "keys", region), region, limits, file)
        if isinstance(key, AwsExistingKey) and (lies_in := key.id.split(":")[3]) != region:
            yield (*AT, "keys", region, "id"), f"is a key of {lies_in}; give one of {region}: it encrypts there only."
    for name, repository in aws.repositories.items():
        match repository:
            case AwsMadeRepository(region=region):
                yield from allowed_region((*AT, "repositories", name, "region"), region, limits, file)
            case AwsExistingRepository(id=there):
                yield from allowed_region((*AT, "repositories", name, "id"), there.split(":")[3], limits, file)


def _data(at: Path, aws: AwsBase, data: AwsDataSet, limits: Limits | None, file: str) -> Iterator[Wrong]:
    match data:
        case AwsMadeBucket(region=region):
            yield from allowed_region((*at, "region"), region, limits, file)
            return
        case AwsMadeLustre():
            yield from _lustre(at, data)
        case AwsMadeDisk():
            if wrong := volume_error(data.type, data.gib, data.iops, data.mib_per_s):
                yield (*at, wrong[0]), wrong[1]
    zone = getattr(data, "zone", None)
    if zone is not None and zone not in aws.zones:
        there = [each for each in aws.zones if region_of("aws", each) == region_of("aws", zone)]
        has = listed(there) if there else f"regions {listed(aws.regions)}"
        yield (*at, "zone"), f'"{zone}" has no subnet of the network, which has {has}; give one of these.'


def _lustre(at: Path, data: AwsMadeLustre) -> Iterator[Wrong]:
    error = lustre_error(data.type, data.mb_per_s_per_tib, data.gib)
    if error:
        yield (*at, "gib" if "GiB" in error else "mb_per_s_per_tib"), error
    if data.backup_days and not LUSTRE_TYPES[data.type].backups:
        text = f"an FSx for Lustre {data.type} has no backups; leave the key out, or give type: persistent-2."
        yield (*at, "backup_days"), text


def _made(made: AwsMadeNetwork, limits: Limits | None, file: str) -> Iterator[Wrong]:
    for region, cidr in made.regions.items():
        at = (*AT, "network", "regions", region)
        yield from allowed_region(at, region, limits, file)
        if not _LARGEST_VPC <= IPv4Network(cidr).prefixlen <= LEAST_VPC:
            text = f"{cidr} is no range of a VPC that is cut into 8; give one of /{_LARGEST_VPC} to /{LEAST_VPC}."
            yield at, text
    for index, zone in enumerate(made.zones):
        if region_of("aws", zone) not in made.regions:
            text = f'"{zone}" lies in {region_of("aws", zone)}; the network has {listed(made.regions)}.'
            yield (*AT, "network", "zones", index), text
        elif int(zone.rpartition("-az")[2]) not in range(1, 8):
            yield (*AT, "network", "zones", index), f'"{zone}" has no eighth of its VPC; give az1 to az7.'


def allowed_region(at: Path, region: str, limits: Limits | None, file: str) -> Iterator[Wrong]:
    """A region that is none, or that the environment does not allow."""
    if not is_region("aws", region):
        yield at, no_region("aws", region)
    elif limits is not None and not limits.allow("aws", region):
        yield at, f"is not in limits.regions of {file}; allowed are {listed(limits.regions)}."
