"""Whose quotas count, and the clients that read them: each cloud's is loaded when it is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from trainyard.clouds.scope import ScopeUnreadable
from trainyard.facts.origin import Sandbox
from trainyard.facts.quotas import Quota, QuotaNeed

if TYPE_CHECKING:
    from trainyard.clouds.aws.quota import AwsQuotas
    from trainyard.clouds.azure.quota import AzureQuotas
    from trainyard.clouds.gcp.quota import GcpQuotas


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """The environment's accounts; in a rehearsal those that cannot exist."""

    gcp_project: str = ""
    aws_account: str = ""
    azure_subscription: str = ""


T = TypeVar("T")
_CLOUDS = {"sagemaker": "aws", "azure-ml": "azure"}
_NO_LOGIN = "no valid login"


class Reader:
    """Asks each thing once; every method raises ScopeUnreadable where a cloud does not tell.

    A cloud without a login is asked no second time: looking for one takes seconds.
    """

    def __init__(self, accounts: Accounts, sandbox: Sandbox | None) -> None:
        self.accounts = accounts
        self._sandbox = sandbox
        self._regions: dict[str, Mapping[str, Quota]] = {}
        self._locations: dict[tuple[str, str], Mapping[str, Quota]] = {}
        self._amazon: dict[str, AwsQuotas] = {}
        self._families: dict[tuple[str, str], str] = {}
        self._closed: dict[str, ScopeUnreadable] = {}

    def ask(self, cloud: str, question: Callable[[], T]) -> T:
        """The answer, or at once the refusal of before where the cloud has no login."""
        if cloud in self._closed:
            raise self._closed[cloud]
        try:
            return question()
        except ScopeUnreadable as error:
            if error.reason.startswith(_NO_LOGIN):
                self._closed[cloud] = error
            raise

    def quota(self, need: QuotaNeed) -> Quota | None:
        """The limit that a need meets; None where the cloud tells none of that name."""
        return self.ask(_CLOUDS.get(need.service, need.service), lambda: self._quota(need))

    def _quota(self, need: QuotaNeed) -> Quota | None:
        match need.service:
            case "gcp" if need.place:
                if need.place not in self._regions:
                    self._regions[need.place] = self.google.of_region(need.place)
                return self._regions[need.place].get(need.metric)
            case "gcp":
                return self._project.get(need.metric)
            case "aws":
                return self.amazon(need.place).of_machines(need.code, need.metric)
            case "sagemaker":
                return self.amazon(need.place).of_sagemaker(need.metric)
            case "azure" | "azure-ml":
                return self._of_azure(need)
            case _:
                return None

    def family(self, need: QuotaNeed) -> str:
        """Azure's name of the quota that a need meets."""
        if need.metric != "family":
            return need.metric
        key = (need.machine_type, need.place)
        if key not in self._families:
            self._families[key] = self.ask("azure", lambda: self.azure.family(*key))
        return self._families[key]

    def amazon(self, region: str) -> AwsQuotas:
        """One region's client."""
        from trainyard.clouds.aws.quota import AwsQuotas

        if region not in self._amazon:
            self._amazon[region] = AwsQuotas(self.accounts.aws_account, region, self._sandbox)
        return self._amazon[region]

    def _of_azure(self, need: QuotaNeed) -> Quota | None:
        from trainyard.clouds.azure.quota import same

        key = (need.service, need.place)
        if key not in self._locations:
            self._locations[key] = self.azure.of_location(*key)
        return self._locations[key].get(same(self.family(need)))

    @cached_property
    def _project(self) -> Mapping[str, Quota]:
        return self.google.of_project()

    @cached_property
    def google(self) -> GcpQuotas:
        """The project's client."""
        from trainyard.clouds.gcp.quota import GcpQuotas

        return GcpQuotas(self.accounts.gcp_project, self._sandbox)

    @cached_property
    def azure(self) -> AzureQuotas:
        """The subscription's client."""
        from trainyard.clouds.azure.quota import AzureQuotas

        return AzureQuotas(self.accounts.azure_subscription, self._sandbox)
