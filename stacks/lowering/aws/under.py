"""What every workload of a lease on AWS is registered under."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from components.aws.hard_end import Ends
from components.aws.identity import NodeIdentity
from components.aws.image import ami
from components.bootstrap.soft_end_aws import SoftEndObject
from stacks.environment import Environment
from stacks.lowering.aws.base import BaseIds
from trainyard.facts.aws import registry
from trainyard.facts.aws.images import Image
from trainyard.facts.expiry import Expiry, format_time
from trainyard.facts.labels import encode
from trainyard.facts.lease_id import group_name, machine_name
from trainyard.facts.origin import account_in
from trainyard.settings.base_aws import AwsBase, AwsExistingRepository, AwsMadeRepository, AwsRepository
from trainyard.settings.data_aws import AwsDataSet, region_of_data


@dataclass(frozen=True, kw_only=True)
class Under:
    """One lease: its times, its base, its nodes' identity, its options for children."""

    environment: Environment
    expiry: Expiry
    ids: BaseIds
    soft_end: SoftEndObject | None
    identity: NodeIdentity
    ends: Mapping[str, Ends]  # by region: where the schedules of hard ends go
    options: pulumi.ResourceOptions
    invoke_options: pulumi.InvokeOptions  # of the same provider: what is asked of an account is asked of the lease's
    granted: tuple[pulumi.Resource, ...] = ()  # what the identity may do; a job that starts at once waits for it
    amis: dict[tuple[str, str], pulumi.Input[str]] = field(default_factory=dict)  # asked for once a lease

    @property
    def account(self) -> str:
        """The account."""
        return self.environment.aws_account

    @property
    def base(self) -> AwsBase | None:
        """What the base stack says of AWS."""
        base = self.environment.settings.base_settings
        return base.aws if base else None

    @property
    def data(self) -> Mapping[str, AwsDataSet]:
        """The data sets of the base."""
        return self.base.data if self.base else {}

    def key(self, region: str) -> pulumi.Input[str] | None:
        """The base's key for what lies in the region, if it has one."""
        return self.ids.key(region) if self.base and region in self.base.keys else None

    def key_of(self, data_set: str) -> pulumi.Input[str] | None:
        """The base's key for what lies where the data set does."""
        return self.key(region_of_data(self.data[data_set])) if data_set in self.data else None

    @property
    def registry_hosts(self) -> tuple[str, ...]:
        """The hosts of the base's repositories, each once."""
        return tuple(dict.fromkeys(self._host(each) for each in self.base.repositories.values())) if self.base else ()

    def _host(self, repository: AwsRepository) -> str:
        match repository:
            case AwsMadeRepository(region=region):
                return registry.host(self.account, region)
            case AwsExistingRepository(id=there):
                _, _, _, region, account, _ = there.split(":", 5)
                return registry.host(account_in(self.environment.sandbox, account), region)

    def ami(self, image: Image, region: str) -> pulumi.Input[str]:
        """The image's id in the region."""
        key = (image.name, region)
        if key not in self.amis:
            self.amis[key] = ami(image, region, self.invoke_options)
        return self.amis[key]

    @property
    def hard_end(self) -> str:
        """RFC 3339 in UTC."""
        return format_time(self.expiry.hard_end)

    def name(self, workload: str, node: int = 0) -> str:
        """The name of one of the workload's machines."""
        return machine_name(self.environment.lease_id, workload, node)

    def group_name(self, workload: str) -> str:
        """The name of the workload's group."""
        return group_name(self.environment.lease_id, workload)

    def tags(self, workload: str) -> dict[str, str]:
        """What every resource of the workload carries."""
        return encode("aws", self.environment.tags(workload, self.expiry))
