"""The kinds of things that the API serves: the provider's type of each, and its path in Resource Manager."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

VM: Final = "azure-native:compute:VirtualMachine"
DISK: Final = "azure-native:compute:Disk"
SNAPSHOT: Final = "azure-native:compute:Snapshot"
SCALE_SET: Final = "azure-native:compute:VirtualMachineScaleSet"
ADDRESS: Final = "azure-native:network:PublicIPAddress"
NIC: Final = "azure-native:network:NetworkInterface"
COMPUTE: Final = "azure-native:machinelearningservices:Compute"
JOB: Final = "azure-native:machinelearningservices:Job"
WORKSPACE: Final = "azure-native:machinelearningservices:Workspace"
GROUP: Final = "azure-native:resources:ResourceGroup"

_SUBRESOURCE: Final = ("id", "name", "etag", "type")
_ADDRESS_IN_NIC: Final = "ipConfigurations[].publicIPAddressConfiguration"
_NICS: Final = (
    ("{}", ("name", "tags")),
    ("{}.ipConfigurations[]", ("name",)),
    ("{}." + _ADDRESS_IN_NIC, ("name", "sku", "tags")),
)


def _nics_at(path: str) -> dict[str, tuple[str, ...]]:
    return {row.format(f"{path}.networkInterfaceConfigurations[]"): own for row, own in _NICS}


@dataclass(frozen=True, kw_only=True)
class Kind:
    type: str
    namespace: str  # "Microsoft.Compute"
    types: tuple[str, ...]  # ("workspaces", "computes")
    parents: tuple[str, ...] = ()  # the provider's names of the parents' names
    own: str = ""  # the provider's name of its own name, where nothing else tells it
    folded: bool = True  # the provider tells what ARM holds in "properties" at the top
    # Parts that ARM holds with "properties" of their own and the provider without: where, and what stays outside.
    # Source: the models of azure-mgmt-compute 39.0.0 and azure-mgmt-network 33.1.0 against pulumi-azure-native 3.29.0.
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    makes: bool = True  # PUT, PATCH and DELETE are served

    @property
    def full_type(self) -> str:
        """ "Microsoft.MachineLearningServices/workspaces/computes"."""
        return "/".join((self.namespace, *self.types))


KINDS: Final = (
    Kind(
        type=VM,
        namespace="Microsoft.Compute",
        types=("virtualMachines",),
        parts={"networkProfile.networkInterfaces[]": ("id",), **_nics_at("networkProfile")},
    ),
    Kind(type=DISK, namespace="Microsoft.Compute", types=("disks",)),
    Kind(type=SNAPSHOT, namespace="Microsoft.Compute", types=("snapshots",)),
    Kind(
        type=SCALE_SET,
        namespace="Microsoft.Compute",
        types=("virtualMachineScaleSets",),
        parts={
            **_nics_at("virtualMachineProfile.networkProfile"),
            "virtualMachineProfile.extensionProfile.extensions[]": ("id", "name", "type"),
        },
    ),
    Kind(type=ADDRESS, namespace="Microsoft.Network", types=("publicIPAddresses",)),
    Kind(
        type=NIC,
        namespace="Microsoft.Network",
        types=("networkInterfaces",),
        parts={"ipConfigurations[]": _SUBRESOURCE},
    ),
    Kind(type="azure-native:network:NatGateway", namespace="Microsoft.Network", types=("natGateways",)),
    Kind(
        type="azure-native:network:BastionHost",
        namespace="Microsoft.Network",
        types=("bastionHosts",),
        parts={"ipConfigurations[]": _SUBRESOURCE},
    ),
    Kind(
        type="azure-native:network:VirtualNetwork",
        namespace="Microsoft.Network",
        types=("virtualNetworks",),
        parts={"subnets[]": _SUBRESOURCE},
    ),
    Kind(
        type="azure-native:network:Subnet",
        namespace="Microsoft.Network",
        types=("virtualNetworks", "subnets"),
        parents=("virtualNetworkName",),
    ),
    Kind(
        type="azure-native:network:NetworkSecurityGroup",
        namespace="Microsoft.Network",
        types=("networkSecurityGroups",),
        parts={"securityRules[]": _SUBRESOURCE},
    ),
    Kind(type=WORKSPACE, namespace="Microsoft.MachineLearningServices", types=("workspaces",)),
    Kind(
        type=COMPUTE,
        namespace="Microsoft.MachineLearningServices",
        types=("workspaces", "computes"),
        parents=("workspaceName",),
        folded=False,
    ),
    Kind(
        type=JOB,
        namespace="Microsoft.MachineLearningServices",
        types=("workspaces", "jobs"),
        parents=("workspaceName",),
        own="id",
        folded=False,
    ),
    Kind(
        type="azure-native:machinelearningservices:OnlineEndpoint",
        namespace="Microsoft.MachineLearningServices",
        types=("workspaces", "onlineEndpoints"),
        parents=("workspaceName",),
        folded=False,
    ),
    Kind(
        type="azure-native:machinelearningservices:OnlineDeployment",
        namespace="Microsoft.MachineLearningServices",
        types=("workspaces", "onlineEndpoints", "deployments"),
        parents=("workspaceName", "endpointName"),
        folded=False,
    ),
    Kind(
        type="azure-native:storage:StorageAccount",
        namespace="Microsoft.Storage",
        types=("storageAccounts",),
        makes=False,
    ),
)
BY_TOKEN: Final[Mapping[str, Kind]] = {kind.type: kind for kind in KINDS}
