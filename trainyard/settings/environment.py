"""An environment's file: one level of defaults and limits, shared by its stacks."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from trainyard.facts.places import covered
from trainyard.settings.shape import Section
from trainyard.settings.stack import FileWord, Version
from trainyard.settings.values import Duration, Factor, Flag, Share, Slug, Text, Usd, matching


class GcpEnvironment(Section):
    """Where on Google Cloud, and at which prices."""

    project: Annotated[
        Annotated[str, matching(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")],
        Field(description="a Google Cloud project id: 6 to 30 of a-z, 0-9 and -, for example acme-ml-dev"),
    ]
    price_factor: Annotated[Factor, Field(description="list prices times this, for example 0.9")] = Decimal(1)


class AwsEnvironment(Section):
    """Which account of Amazon's, and at which prices; regions are named by bases and workloads."""

    account: Annotated[
        Annotated[str, matching(r"[0-9]{12}")],
        Field(description='an AWS account id: 12 digits in quotes, for example "123456789012"'),
    ]
    price_factor: Annotated[Factor, Field(description="list prices times this, for example 0.9")] = Decimal(1)


_GUID = matching(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class AzureEnvironment(Section):
    """Where on Azure, and at which prices."""

    subscription: Annotated[
        Annotated[str, _GUID], Field(description="a subscription's id, in lower case: az account show --query id")
    ]
    # Named here, so that every id of what lies in it is known in each preview.
    resource_group: Annotated[
        Annotated[str, matching(r"[A-Za-z0-9][A-Za-z0-9._-]{0,88}[A-Za-z0-9_-]")],
        Field(description="the resource group of the base and its leases, which the base makes or finds: acme-ml-dev"),
    ]
    tenant: Annotated[
        Annotated[str, _GUID] | None,
        Field(description="the id of the subscription's directory, which keys need: az account show --query tenantId"),
    ] = None
    ssh_key: Annotated[
        Annotated[str, matching(r"(?:ssh-ed25519|ssh-rsa) [A-Za-z0-9+/]+={0,2}(?: .*)?")] | None,
        Field(description="a public key that logs in beside Entra ID's accounts: ssh-ed25519 AAAA…"),
    ] = None
    encryption_at_host: Annotated[
        Flag,
        Field(
            description="true or false: whether disks are encrypted on the host too, for which the subscription must "
            "have the feature: az feature register --namespace Microsoft.Compute --name EncryptionAtHost"
        ),
    ] = True
    leases_account: Annotated[
        Annotated[
            str,
            matching(
                r"/subscriptions/[0-9a-fA-F-]{36}/resourceGroups/[^/\s]+/providers/Microsoft\.Storage/storageAccounts/[a-z0-9]{3,24}"
            ),
        ]
        | None,
        Field(description="the full id of the storage account of an az:// store, for nodes to read their soft end"),
    ] = None
    price_factor: Annotated[Factor, Field(description="list prices times this, for example 0.9")] = Decimal(1)


class Limits(Section):
    """What no stack of the environment may pass."""

    max_ttl: Annotated[Duration, Field(description="the longest extend_to of a lease: a duration such as 14d")]
    max_cap_usd: Annotated[Usd, Field(description="the highest cap_usd of a lease, in US dollars: 20000")]
    regions: Annotated[
        tuple[Text, ...],
        Field(min_length=1, description="a list of regions or parts of the world: [europe, us-central1]"),
    ]
    policies: Annotated[Literal["advise", "enforce"], Field(description="advise or enforce")] = "enforce"

    def allow(self, cloud: str, region: str) -> bool:
        """Whether the region, or a part of the world that holds it, is listed."""
        return covered(cloud, self.regions, region)


class Notice(Section):
    """Whom the guard tells."""

    webhook: Annotated[
        Annotated[str, matching(r"env:[A-Za-z_][A-Za-z0-9_]*")],
        Field(description="the variable that holds the address: env:TRAINYARD_WEBHOOK (the address is a secret)"),
    ]


class Budget(Section):
    """What one cost center may spend over all leases."""

    limit_usd: Annotated[Usd, Field(description="an amount in US dollars: 5000")]
    period: Annotated[Literal["month", "quarter", "year"], Field(description="month, quarter or year")]
    soft: Annotated[Share, Field(description="the share of it that warns, for example 0.8")] = Decimal(1)


class Environment(Section):
    """All of an env file."""

    schema_version: Version
    base: Annotated[FileWord, Field(description="the environment's base stack, for example dev-base")]
    leases: Annotated[
        Annotated[str, matching(r"(?:gs|s3|az|file)://[^\s]+")],
        Field(description="the store of lease records: gs://…, s3://…, az://… or file://…"),
    ]
    protect: Annotated[Flag, Field(description="true or false: whether base resources are protected")] = True
    gcp: Annotated[GcpEnvironment | None, Field(description="{ project: acme-ml-dev }")] = None
    aws: Annotated[AwsEnvironment | None, Field(description='{ account: "123456789012" }')] = None
    azure: Annotated[
        AzureEnvironment | None,
        Field(description="{ subscription: 1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed, resource_group: acme-ml-dev }"),
    ] = None
    limits: Annotated[Limits, Field(description="{ max_ttl: 14d, max_cap_usd: 20000, regions: [europe] }")]
    contacts: Annotated[
        Mapping[Slug, Annotated[str, matching(r"[^@\s]+@[^@\s]+")]],
        Field(description="a mapping of short names to mail addresses: { ml-platform: ml-platform@acme.example }"),
    ]
    notify: Annotated[tuple[Notice, ...], Field(description="a list: [{ webhook: env:TRAINYARD_WEBHOOK }]")] = ()
    budgets: Annotated[
        Mapping[Slug, Budget],
        Field(description="a mapping: { ml-research: { limit_usd: 5000, period: month } }", default_factory=dict),
    ]

    def at(self, cloud: str) -> GcpEnvironment | AwsEnvironment | AzureEnvironment | None:
        """What the file says of a cloud; None where it says nothing."""
        found: GcpEnvironment | AwsEnvironment | AzureEnvironment | None
        found = {"gcp": self.gcp, "aws": self.aws, "azure": self.azure}.get(cloud)
        return found
