"""What a base stack's keys, registry and data sets on Azure say of each other, of sizes and of the environment."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from trainyard.facts.azure.storage import data_disk_error, lustre_error, lustre_prefix
from trainyard.settings.base import Base
from trainyard.settings.base_azure import AzureBase, AzureExistingNetwork, AzureMadeNetwork
from trainyard.settings.base_azure_parts import AzureMadeKey, AzureMadeRegistry
from trainyard.settings.bounds import is_region, no_region
from trainyard.settings.data_azure import AzureDataSet, AzureMadeBucket, AzureMadeDisk, AzureMadeLustre
from trainyard.settings.environment import Environment, Limits
from trainyard.settings.problem import Path, Wrong, listed

_AT: Path = ("base", "azure")
_FILE_SYSTEMS = 2  # bits: a quarter of a made network is its file systems'


def data_and_keys_breaches(azure: AzureBase, limits: Limits | None, file: str) -> Iterator[Wrong]:
    """Regions that the environment does not allow, sizes that cannot be had, file systems without a subnet."""
    for region in azure.keys:
        yield from allowed_region((*_AT, "keys", region), region, limits, file)
    if isinstance(azure.registry, AzureMadeRegistry):
        yield from allowed_region((*_AT, "registry", "region"), azure.registry.region, limits, file)
    for name, data in azure.data.items():
        yield from _data((*_AT, "data", name), azure, data, limits, file)


def key_breaches(base: Base, environment: Environment, file: str) -> Iterator[Wrong]:
    """A made key has a vault, which is of a directory."""
    if base.azure is None or environment.azure is None or environment.azure.tenant is not None:
        return
    for region, key in base.azure.keys.items():
        if isinstance(key, AzureMadeKey):
            text = (
                f"its vault is of a directory, and {file} names none; give it azure: {{ tenant: … }} (az account show "
                "--query tenantId)."
            )
            yield (*_AT, "keys", region), text


def _data(at: Path, azure: AzureBase, data: AzureDataSet, limits: Limits | None, file: str) -> Iterator[Wrong]:
    match data:
        case AzureMadeBucket(region=region):
            yield from allowed_region((*at, "region"), region, limits, file)
        case AzureMadeDisk():
            if error := data_disk_error(data.gib, data.iops, data.mb_per_s):
                yield (*at, _key_of(error)), error
        case AzureMadeLustre():
            yield from _lustre(at, azure, data)
    if data.kind != "bucket" and data.region not in azure.regions:
        text = f"{data.region} has no network, so that no machine reaches it; give one of {listed(azure.regions)}."
        yield (*at, "region"), text


def _key_of(error: str) -> str:
    """The key that a disk's error is about: its sentence ends with what was asked for."""
    if "MB/s" in error:
        return "mb_per_s"
    return "iops" if "IOPS" in error else "gib"


def _lustre(at: Path, azure: AzureBase, data: AzureMadeLustre) -> Iterator[Wrong]:
    if error := lustre_error(data.mb_per_s_per_tib, data.tib):
        yield (*at, "mb_per_s_per_tib" if "has no" in error else "tib"), error
        return
    match azure.network:
        case AzureExistingNetwork(file_system_subnets=there) if data.region not in there:
            text = (
                f"a Managed Lustre lies in a subnet of its own, and {data.region} has none; give "
                f"base.azure.network.file_system_subnets: {{ {data.region}: /subscriptions/… }}."
            )
            yield (*at, "region"), text
        case AzureMadeNetwork(regions=regions) if data.region in regions:
            has = IPv4Network(regions[data.region]).prefixlen + _FILE_SYSTEMS
            needs = lustre_prefix(data.tib)
            if has > needs:
                text = (
                    f"{data.tib} TiB need a subnet of /{needs}, and the file systems' quarter of {data.region} is "
                    f"/{has}; give the network /{needs - _FILE_SYSTEMS} or larger."
                )
                yield (*at, "tib"), text


def allowed_region(at: Path, region: str, limits: Limits | None, file: str) -> Iterator[Wrong]:
    """A region that is none, or that the environment does not allow."""
    if not is_region("azure", region):
        yield at, no_region("azure", region)
    elif limits is not None and not limits.allow("azure", region):
        yield at, f"is not in limits.regions of {file}; allowed are {listed(limits.regions)}."
