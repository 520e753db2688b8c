"""Keys and the registry of a base stack on Azure, each made here or existing by id."""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Field, Tag

from trainyard.settings.azure_ids import IN_GROUP
from trainyard.settings.made import made_or_existing
from trainyard.settings.shape import Section
from trainyard.settings.values import Flag, Text, matching


class AzureMadeKey(Section):
    """A key of this stack's own in a vault of its own, and the disk encryption set that disks name."""

    # learn.microsoft.com/azure/key-vault/keys/how-to-configure-key-rotation: at least a week after its creation
    rotation_days: Annotated[int, Field(strict=True, ge=7, description="a whole number of days, 7 or more")] = 90
    recover: Annotated[
        Flag, Field(description="true or false: whether its vault was deleted within 90 days, and is taken up again")
    ] = False


class AzureExistingKey(Section):
    """A disk encryption set that others own, which may use its key already."""

    id: Annotated[
        Annotated[str, matching(rf"{IN_GROUP}/Microsoft\.Compute/diskEncryptionSets/[^/\s]+")],
        Field(description="the full id of a disk encryption set: az disk-encryption-set show --query id"),
    ]


class AzureMadeRegistry(Section):
    """A container registry of this stack's own."""

    region: Annotated[Text, Field(description="a region, for example westeurope")]


class AzureExistingRegistry(Section):
    """A container registry that others own, of another subscription too; its owners let the lease's nodes pull."""

    id: Annotated[
        Annotated[str, matching(rf"{IN_GROUP}/Microsoft\.ContainerRegistry/registries/[a-zA-Z0-9]{{5,50}}")],
        Field(description="the full id of a registry: az acr show --query id"),
    ]


AzureKey = Annotated[
    Annotated[AzureMadeKey, Tag("(made)")] | Annotated[AzureExistingKey, Tag("(existing)")],
    Discriminator(made_or_existing("id")),
    Field(description="made here, { rotation_days: 90 }, or existing, { id: /subscriptions/… }"),
]
AzureRegistry = Annotated[
    Annotated[AzureMadeRegistry, Tag("(made)")] | Annotated[AzureExistingRegistry, Tag("(existing)")],
    Discriminator(made_or_existing("id")),
]
