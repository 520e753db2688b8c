"""A base stack on Azure: what lives long, each thing made here or existing by id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Discriminator, Field, Tag

from trainyard.settings.azure_ids import IN_GROUP
from trainyard.settings.base_azure_parts import AzureKey, AzureRegistry
from trainyard.settings.data_azure import AzureDataSet
from trainyard.settings.made import made_or_existing
from trainyard.settings.network import Cidr
from trainyard.settings.shape import Section
from trainyard.settings.values import Flag, Slug, Text, matching

_SUBNET = matching(rf"{IN_GROUP}/Microsoft\.Network/virtualNetworks/[^/\s]+/subnets/[^/\s]+")
_BASTION = matching(rf"{IN_GROUP}/Microsoft\.Network/bastionHosts/[^/\s]+")


class MadeGroup(Section):
    """The environment's resource group, made here; what lies in it may lie in any region."""

    region: Annotated[Text, Field(description="where Azure keeps the list of what is in it, for example westeurope")]


class AzureMadeNetwork(Section):
    """A virtual network of this stack's own in each region."""

    regions: Annotated[
        Mapping[str, Cidr],
        Field(min_length=1, description="a mapping of region to private range: { westeurope: 10.60.0.0/16 }"),
    ]
    bastion: Annotated[
        Flag, Field(description="true or false: whether each gets a Bastion to log in by, which bills by the hour")
    ] = True


class AzureExistingNetwork(Section):
    """Virtual networks that others own, of other subscriptions too."""

    subnets: Annotated[
        Mapping[str, Annotated[str, _SUBNET]],
        Field(min_length=1, description="a mapping of region to a subnet's full id: { westeurope: /subscriptions/… }"),
    ]
    bastions: Annotated[
        Mapping[str, Annotated[str, _BASTION]],
        Field(description="a mapping of region to a Bastion's full id", default_factory=dict),
    ]
    file_system_subnets: Annotated[
        Mapping[str, Annotated[str, _SUBNET]],
        Field(description="a mapping of region to the full id of a subnet for Managed Lustre", default_factory=dict),
    ]


class AzureMadeWorkspace(Section):
    """A workspace of Azure Machine Learning of this stack's own, with the account, vault and logs that it needs."""

    region: Annotated[Text, Field(description="a region, where its jobs and notebooks run too: westeurope")]
    recover: Annotated[
        Flag, Field(description="true or false: whether its vault was deleted within 90 days, and is taken up again")
    ] = False


class AzureExistingWorkspace(Section):
    """A workspace that others own; the lease's identity must be let into its storage account."""

    id: Annotated[
        Annotated[str, matching(rf"{IN_GROUP}/Microsoft\.MachineLearningServices/workspaces/[^/\s]+")],
        Field(description="the full id of the workspace: az ml workspace show --query id"),
    ]
    region: Annotated[Text, Field(description="the region that it lies in")]


class AzureBase(Section):
    """What a base stack holds on Azure."""

    resource_group: Annotated[
        MadeGroup | None,
        Field(description="{ region: westeurope } to make the environment's resource group; left out, it exists"),
    ] = None
    network: Annotated[
        Annotated[
            Annotated[AzureMadeNetwork, Tag("(made)")] | Annotated[AzureExistingNetwork, Tag("(existing)")],
            Discriminator(made_or_existing("subnets")),
        ],
        Field(description="made here, { regions: {…} }, or existing, { subnets: {…} }"),
    ]
    features: Annotated[
        tuple[Annotated[str, matching(r"Microsoft\.[A-Za-z.]+/[A-Za-z0-9.-]+")], ...],
        Field(description="a list of features to register the subscription for: [Microsoft.Compute/EncryptionAtHost]"),
    ] = ()
    keys: Annotated[
        Mapping[str, AzureKey],
        Field(
            description="a mapping of region to key, which encrypts the disks there: { westeurope: {…} }",
            default_factory=dict,
        ),
    ]
    data: Annotated[
        Mapping[Slug, AzureDataSet],
        Field(
            description="a mapping of data set to its place, of kind bucket, lustre or disk: "
            "{ checkpoints: { kind: bucket, region: westeurope } }",
            default_factory=dict,
        ),
    ]
    registry: Annotated[
        AzureRegistry | None,
        Field(description="made here, { region: westeurope }, or existing, { id: /subscriptions/… }"),
    ] = None
    workspace: Annotated[
        Annotated[
            Annotated[AzureMadeWorkspace, Tag("(made)")] | Annotated[AzureExistingWorkspace, Tag("(existing)")],
            Discriminator(made_or_existing("id")),
        ]
        | None,
        Field(
            description="for training jobs and notebooks: made here, { region: westeurope }, or existing, { id: …, "
            "region: … }"
        ),
    ] = None

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that have a subnet."""
        match self.network:
            case AzureMadeNetwork(regions=regions):
                return tuple(regions)
            case AzureExistingNetwork(subnets=subnets):
                return tuple(subnets)
