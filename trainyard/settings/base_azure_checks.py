"""What a base stack's parts on Azure say of each other and of the environment."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations

from trainyard.settings.base_azure import AzureBase, AzureExistingNetwork, AzureMadeNetwork
from trainyard.settings.base_azure_data_checks import allowed_region, data_and_keys_breaches
from trainyard.settings.environment import Limits
from trainyard.settings.problem import Path, Wrong

AT: Path = ("base", "azure")
# A quarter of it is Bastion's, which wants /26: learn.microsoft.com/azure/bastion/configuration-settings.
_LEAST_NETWORK = 24


def azure_base_breaches(azure: AzureBase, limits: Limits | None, file: str) -> Iterator[Wrong]:
    """Regions that the environment does not allow, ranges that are too small or overlap."""
    if azure.resource_group is not None:
        at: Path = (*AT, "resource_group", "region")
        yield from allowed_region(at, azure.resource_group.region, limits, file)
    match azure.network:
        case AzureMadeNetwork(regions=regions):
            for region, cidr in regions.items():
                at = (*AT, "network", "regions", region)
                yield from allowed_region(at, region, limits, file)
                if IPv4Network(cidr).prefixlen > _LEAST_NETWORK:
                    yield at, f"{cidr} is too small to cut; give /{_LEAST_NETWORK} or larger."
            for (first, one), (second, other) in combinations(regions.items(), 2):
                if IPv4Network(one).overlaps(IPv4Network(other)):
                    text = f"{other} overlaps {one} of {first}; give ranges that do not."
                    yield (*AT, "network", "regions", second), text
        case AzureExistingNetwork(subnets=subnets):
            for region in subnets:
                yield from allowed_region((*AT, "network", "subnets", region), region, limits, file)
    yield from data_and_keys_breaches(azure, limits, file)
    if azure.workspace is not None:
        yield from allowed_region((*AT, "workspace", "region"), azure.workspace.region, limits, file)
