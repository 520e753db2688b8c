"""Of every Azure thing: tags, locations, zones, ids."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from trainyard.sandbox.check import Problem, nearest
from trainyard.sandbox.conflicts.azure.words import LEARN, conflict, low, texts, types
from trainyard.sandbox.conflicts.conflict import Given, plain
from trainyard.sandbox.packages import installed

_SDK: Final = "azure-native"
ALL: Final = frozenset(installed()[_SDK].types if _SDK in installed() else ())
_SHORT_TAGS: Final = types("storage:StorageAccount")
_FORBIDDEN: Final = "<>%&\\?/"
_PARENTS: Final = types(
    "network:VirtualNetwork", "network:NetworkInterface", "network:LoadBalancer", "network:RouteTable"
)
_PARTS: Final = (
    "subnets",
    "ipConfigurations",
    "frontendIPConfigurations",
    "backendAddressPools",
    "loadBalancingRules",
    "probes",
    "inboundNatRules",
    "outboundRules",
    "routes",
)
_ID: Final = re.compile(
    r"^/subscriptions/[^/]+(/resourceGroups/[^/]+(/providers/[^/]+(/[^/]+/[^/]+)+)?)?$", re.IGNORECASE
)
_ZONED: Final = frozenset(
    f"azure-native:{name}" for name in ("compute:VirtualMachine", "compute:Disk", "storagecache:AmlFilesystem")
)


@conflict(
    "tags-are-few-and-short",
    ALL,
    "At most 50 tags; a name of 512 characters (128 on a storage account), a value of 256, none of <>%&\\?/ in a name.",
    f"{LEARN}/azure-resource-manager/management/tag-resources, Limitations",
)
def tags(given: Given) -> Iterator[Problem]:
    there = given.at("tags")
    if "tags" not in given.type.inputs or not isinstance(there, Mapping):
        return
    if len(there) > 50:
        yield Problem("tags", f"InvalidTagCount: {len(there)} tags; a resource takes at most 50")
    longest = 128 if given.type.token in _SHORT_TAGS else 512
    for key, value in there.items():
        at, text = f"tags.{key}", plain(value)
        wrong = sorted(set(key) & set(_FORBIDDEN))
        if wrong and not key.startswith("hidden-"):  # the portal's own links hold ids
            yield Problem(
                at, f"InvalidTagNameCharacters: The tag name '{key}' has reserved characters {' '.join(wrong)}"
            )
        if len(key) > longest:
            yield Problem(at, f"InvalidTagNameLength: a name of {len(key)} characters; at most {longest} are taken")
        if isinstance(text, str) and len(text) > 256:
            yield Problem(at, f"InvalidTagValueLength: a value of {len(text)} characters; at most 256 are taken")


@conflict(
    "location-is-real",
    ALL,
    "A location is one of Azure's, by its name or the name that people see.",
    "conflicts/azure/locations.json",
)
def location(given: Given) -> Iterator[Problem]:
    field = given.type.inputs.get("location")
    name = given.at("location") if field is not None else None
    if isinstance(name, str) and name and low(name) not in locations():
        near = nearest(low(name), sorted(locations()))
        hint = f'; did you mean "{near}"?' if near else "; `az account list-locations` tells all"
        yield Problem(
            "location",
            f"LocationNotAvailableForResourceType: The provided location '{name}' is not available for resource type"
            f" '{given.type.token.removeprefix('azure-native:')}'{hint}",
        )


@conflict(
    "a-group-is-in-a-region",
    types("resources:ResourceGroup"),
    "A resource group is in a region, not in a continent.",
    "conflicts/azure/locations.json; error code LocationNotAvailableForResourceGroup",
)
def region(given: Given) -> Iterator[Problem]:
    name = given.at("location")
    if isinstance(name, str) and low(name) in geographies():
        yield Problem(
            "location",
            f"LocationNotAvailableForResourceGroup: The provided location '{name}' is not available for resource group;"
            " give a region, such as westeurope",
        )


@conflict(
    "parts-have-names-of-their-own",
    _PARENTS,
    "Parts of one kind that a network thing lists have different names.",
    "error code DuplicateResourceName of Microsoft.Network: has two child resources with the same name",
)
def parts(given: Given) -> Iterator[Problem]:
    for kind in _PARTS:
        if kind not in given.type.inputs:
            continue
        seen: set[str] = set()
        for at, part in given.each(kind):
            name = plain(part.get("name"))
            if isinstance(name, str) and name.lower() in seen:
                yield Problem(
                    f"{at}.name",
                    f"DuplicateResourceName: the resource has two child resources with the same name ({name})",
                )
            if isinstance(name, str):
                seen.add(name.lower())


@conflict(
    "zones-are-numbers",
    ALL,
    "Zones are 1, 2 and 3; a machine, a disk and a Lustre file system lie in one.",
    f"{LEARN}/reliability/availability-zones-overview; {LEARN}/virtual-machines/create-portal-availability-zone",
)
def zones(given: Given) -> Iterator[Problem]:
    there = given.at("zones") if "zones" in given.type.inputs else None
    for at, zone in texts(there, "zones"):
        if zone not in ("1", "2", "3"):
            yield Problem(at, f"InvalidAvailabilityZone: The zone '{zone}' is not one of '1', '2', '3'")
    if isinstance(there, list):
        if given.type.token in _ZONED and len(there) > 1:
            text = f"InvalidParameter: {len(there)} zones; the resource lies in one, give one of '1', '2', '3'"
            yield Problem("zones", text)
        if len(set(map(str, there))) < len(there) and len(list(texts(there, ""))) == len(there):
            yield Problem("zones", "InvalidParameter: a zone is named twice")


# property of an SDK to the type that its id has; of the properties that are plain ids everywhere they occur
_KINDS: Final[Mapping[str, str]] = {
    "networkSecurityGroup": "Microsoft.Network/networkSecurityGroups",
    "availabilitySet": "Microsoft.Compute/availabilitySets",
    "proximityPlacementGroup": "Microsoft.Compute/proximityPlacementGroups",
    "capacityReservationGroup": "Microsoft.Compute/capacityReservationGroups",
    "virtualMachineScaleSet": "Microsoft.Compute/virtualMachineScaleSets",
    "natGateway": "Microsoft.Network/natGateways",
    "routeTable": "Microsoft.Network/routeTables",
    "subnet": "Microsoft.Network/virtualNetworks/subnets",
    "publicIPAddress": "Microsoft.Network/publicIPAddresses",
    "remoteVirtualNetwork": "Microsoft.Network/virtualNetworks",
    "diskEncryptionSet": "Microsoft.Compute/diskEncryptionSets",
    "serverFarmId": "Microsoft.Web/serverfarms",
    "virtualNetworkSubnetId": "Microsoft.Network/virtualNetworks/subnets",
    "filesystemSubnet": "Microsoft.Network/virtualNetworks/subnets",
    "workspaceResourceId": "Microsoft.OperationalInsights/workspaces",
    "vnetSubnetID": "Microsoft.Network/virtualNetworks/subnets",
}
# lists of such objects, and ids that are so called in one module only
_LISTS: Final[Mapping[str, str]] = {
    "networkInterfaces": "Microsoft.Network/networkInterfaces",
    "loadBalancerBackendAddressPools": "Microsoft.Network/loadBalancers/backendAddressPools",
    "publicIpAddresses": "Microsoft.Network/publicIPAddresses",
}
_LEARNING: Final[Mapping[str, str]] = {
    "storageAccount": "Microsoft.Storage/storageAccounts",
    "keyVault": "Microsoft.KeyVault/vaults",
    "applicationInsights": "Microsoft.Insights/components",
    "containerRegistry": "Microsoft.ContainerRegistry/registries",
}
_MODULES: Final = ("compute", "network", "web", "storagecache", "applicationinsights", "containerservice")
_WORKSPACE: Final = "azure-native:machinelearningservices:Workspace"
_IDS_OF: Final = types("machinelearningservices:Workspace") | frozenset(
    token for token in ALL if token.split(":")[1] in _MODULES
)


@conflict(
    "an-id-is-of-its-type",
    _IDS_OF,
    "What points to another resource holds the whole id of one of the right type.",
    f"{LEARN}/azure-resource-manager/management/resource-name-rules; error code LinkedInvalidPropertyId",
)
def ids(given: Given) -> Iterator[Problem]:
    yield from _ids_below(given.inputs, "")
    if given.type.token == _WORKSPACE:
        for key, kind in _LEARNING.items():
            id = given.at(key)
            if isinstance(id, str):
                yield from _wrong_id(id, key, kind)


def _ids_below(value: Any, path: str) -> Iterator[Problem]:
    opened = plain(value)
    if isinstance(opened, list):
        for number, item in enumerate(opened):
            yield from _ids_below(item, f"{path}[{number}]")
    elif isinstance(opened, Mapping):
        for key, item in opened.items():
            at, one = f"{path}.{key}" if path else key, plain(item)
            if key in _KINDS and isinstance(one, str):
                yield from _wrong_id(one, at, _KINDS[key])
            elif key in _KINDS and isinstance(one, Mapping) and isinstance(plain(one.get("id")), str):
                yield from _wrong_id(plain(one["id"]), f"{at}.id", _KINDS[key])
            elif key in _LISTS and isinstance(one, list):
                for number, item in enumerate(one):
                    inner = plain(item)
                    id = plain(inner.get("id")) if isinstance(inner, Mapping) else None
                    if isinstance(id, str):
                        yield from _wrong_id(id, f"{at}[{number}].id", _LISTS[key])
                yield from _ids_below(one, at)
            else:
                yield from _ids_below(item, at)


def _wrong_id(id: str, at: str, kind: str) -> Iterator[Problem]:
    shape = f"/subscriptions/…/resourceGroups/…/providers/{_example(kind)}"
    if id and not _ID.match(id):
        text = f"LinkedInvalidPropertyId: Property id '{id}' at path 'properties.{at}' is invalid."
        yield Problem(
            at, f"{text} Expect fully qualified resource Id that starts with '/subscriptions/…'; give {shape}"
        )
    elif id and low(kind) != _kind(id):
        yield Problem(at, f"InvalidResourceReference: the id '{id}' is of {_kind(id) or 'no'} type; give {shape}")


def _kind(id: str) -> str:
    _, _, rest = id.lower().rpartition("/providers/")
    parts = rest.split("/")
    return "/".join([parts[0], *parts[1::2]]) if rest else ""


def _example(kind: str) -> str:
    namespace, *parts = kind.split("/")
    return "/".join([namespace, *(f"{part}/…" for part in parts)])


def geographies() -> frozenset[str]:
    """Names of more than a region."""
    table = json.loads((Path(__file__).parent / "locations.json").read_text(encoding="utf-8"))
    return frozenset(table["names"]["geographies"])


@cache
def locations() -> frozenset[str]:
    """Every location that Azure names, without spaces and in small letters."""
    table = json.loads((Path(__file__).parent / "locations.json").read_text(encoding="utf-8"))
    return frozenset(name for names in table["names"].values() for name in names)


CONFLICTS: Final = (tags, location, region, parts, zones, ids)
