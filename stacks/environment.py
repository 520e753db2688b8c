"""What a run stands in: the stack's settings, the clouds it works on, the time."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from trainyard.facts.accelerator import AcceleratorError
from trainyard.facts.expiry import Expiry
from trainyard.facts.labels import Tags
from trainyard.facts.lease_id import lease_id
from trainyard.facts.offer import Offer
from trainyard.facts.origin import (
    Origin,
    RehearsalError,
    Sandbox,
    account_in,
    now,
    origin_of,
    project_in,
    rehearsal,
    store_in,
    subscription_in,
)
from trainyard.facts.selection import SelectionError
from trainyard.lease.errors import LeaseError
from trainyard.settings.environment import AzureEnvironment
from trainyard.settings.load import load
from trainyard.settings.problem import SettingsError
from trainyard.settings.settings import Settings

FOLDER = "stacks"  # stackConfigDir of Pulumi.yaml
TOLD = (SettingsError, RehearsalError, SelectionError, AcceleratorError, LeaseError)  # their text is for people


REGIONAL = ("training-job", "persistent-resource")  # Vertex AI lists them by region


@dataclass(frozen=True, kw_only=True)
class Environment:
    """All that decides, read once before the first resource."""

    project: str  # Pulumi's
    stack: str
    settings: Settings
    sandbox: Sandbox | None
    now: datetime

    @property
    def origin(self) -> Origin:
        """Simulated clouds or real ones."""
        return origin_of(self.sandbox)

    @property
    def gcp_project(self) -> str:
        """The Google Cloud project; in a rehearsal one that cannot exist."""
        gcp = self.settings.environment.gcp
        if gcp is None:
            raise ValueError(self._not_named("gcp", "{ project: … }"))
        return project_in(self.sandbox, gcp.project)

    @property
    def aws_account(self) -> str:
        """The AWS account; in a rehearsal one that cannot exist."""
        aws = self.settings.environment.aws
        if aws is None:
            raise ValueError(self._not_named("aws", "{ account: … }"))
        return account_in(self.sandbox, aws.account)

    @property
    def azure(self) -> AzureEnvironment:
        """Where on Azure."""
        azure = self.settings.environment.azure
        if azure is None:
            raise ValueError(self._not_named("azure", "{ subscription: …, resource_group: … }"))
        return azure

    @property
    def azure_subscription(self) -> str:
        """The Azure subscription; in a rehearsal one that cannot exist."""
        return subscription_in(self.sandbox, self.azure.subscription)

    def _not_named(self, cloud: str, example: str) -> str:
        return f"{self.settings.file} uses {cloud}; give its environment {cloud}: {example}."

    def scopes(self, kind: str, offer: Offer) -> tuple[str, ...]:
        """What list calls find a workload by, as the lease's record names it; its own is the last.

        Google Cloud lists a project at once, but Vertex AI's jobs by region; AWS lists regions, Azure subscriptions.
        """
        match offer.cloud:
            case "aws":
                return (f"aws:{self.aws_account}/{offer.region}",)
            case "azure":
                return (f"azure:{self.azure_subscription}",)
            case _:
                project = f"gcp:{self.gcp_project}"
                return (project, f"{project}/{offer.region}") if kind in REGIONAL else (project,)

    def tags(self, workload: str, expiry: Expiry) -> Tags:
        """What everything of a workload carries, in each cloud's own encoding."""
        stack = self.settings.stack
        return Tags(
            lease=self.lease_id,
            workload=workload,
            owner=stack.owner,
            cost_center=stack.cost_center,
            hard_end=expiry.hard_end,
        )

    @property
    def store(self) -> str:
        """URL of the lease records; in a rehearsal a folder of the sandbox."""
        return store_in(self.sandbox, self.settings.environment.leases)

    @property
    def lease_id(self) -> str:
        """The same in a rehearsal as on the real clouds, so that a review shows the real names."""
        return lease_id(self.settings.environment.leases, self.project, self.stack)


def read_environment(project: str, stack: str, folder: Path, environ: Mapping[str, str] = os.environ) -> Environment:
    """The stack's environment; SettingsError or RehearsalError for what is wrong, before anything is called."""
    sandbox = rehearsal(environ)
    settings = load(folder, stack)
    return Environment(project=project, stack=stack, settings=settings, sandbox=sandbox, now=now(sandbox))
