"""What a notebook on SageMaker can be: every refusal that needs no cloud is made here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pulumi

from components.aws.principal import check_principals
from components.aws.resource_name import check_account, check_region
from components.bootstrap.soft_end_aws import SoftEndObject
from components.instant import check_instant
from trainyard.facts.aws import sagemaker
from trainyard.facts.capacity import Capacity, OnDemand, name

_VOLUME_GB = range(5, 16385)  # sagemaker, CreateNotebookInstance: VolumeSizeInGB


@dataclass(frozen=True, kw_only=True)
class NotebookArgs:
    """One notebook instance, whose JupyterLab is reached by an address that IAM signs for five minutes."""

    account: str
    region: str
    machine_type: str  # EC2's: "g5.xlarge"
    subnet_id: pulumi.Input[str]
    security_group_ids: tuple[pulumi.Input[str], ...]
    role_arn: pulumi.Input[str]
    tags: Mapping[str, str]
    hard_end: str  # RFC 3339, UTC
    idle: timedelta  # without work for so long, the instance stops
    soft_end: SoftEndObject | None = None
    capacity: Capacity = field(default_factory=OnDemand)
    volume_gb: int = 100
    kms_key: pulumi.Input[str] | None = None
    access: tuple[str, ...] = ()  # "iam-role:ml-research"

    def __post_init__(self) -> None:
        """ValueError that says what was given, what is allowed and what to do."""
        check_account(self.account)
        check_region(self.region)
        check_instant("hard end", self.hard_end)
        check_principals(self.access)
        for error in self._errors():
            raise ValueError(error)

    def _errors(self) -> Iterator[str]:
        if reason := sagemaker.not_built("notebook", self.machine_type):
            yield f"{self.machine_type}: {reason}."
        if reason := sagemaker.not_sold("notebook", name(self.capacity)):
            yield f"{self.machine_type}: {reason}."
        if error := sagemaker.idle_error(self.idle):
            yield error
        if self.volume_gb not in _VOLUME_GB:
            yield f"A notebook's volume has {_VOLUME_GB[0]} to {_VOLUME_GB[-1]} GB, not {self.volume_gb}."
        if not 1 <= len(self.security_group_ids) <= 5:
            yield f"A notebook has 1 to 5 security groups, not {len(self.security_group_ids)}; give the base's."
