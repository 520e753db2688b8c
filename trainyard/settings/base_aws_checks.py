"""What a base stack's parts on AWS say of each other and of the environment."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from trainyard.facts.places import region_of
from trainyard.settings.base_aws import LEAST_VPC, AwsBase, AwsExistingNetwork, AwsMadeNetwork
from trainyard.settings.bounds import is_region, no_region
from trainyard.settings.environment import Limits
from trainyard.settings.problem import Path, Wrong, listed

AT: Path = ("base", "aws")
_LARGEST_VPC = 16  # Amazon VPC docs, "VPC CIDR blocks"


def aws_base_breaches(aws: AwsBase, limits: Limits | None, file: str) -> Iterator[Wrong]:
    """Regions that the environment does not allow, ranges that no VPC has, zones of another region."""
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
