"""What a run stands in: the stack's settings, the clouds it works on, the time."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from trainyard.facts.accelerator import AcceleratorError
from trainyard.facts.lease_id import lease_id
from trainyard.facts.origin import Origin, RehearsalError, Sandbox, now, origin_of, project_in, rehearsal, store_in
from trainyard.facts.selection import SelectionError
from trainyard.lease.errors import LeaseError
from trainyard.settings.load import load
from trainyard.settings.problem import SettingsError
from trainyard.settings.settings import Settings

FOLDER = "stacks"  # stackConfigDir of Pulumi.yaml
TOLD = (SettingsError, RehearsalError, SelectionError, AcceleratorError, LeaseError)  # their text is for people


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
            message = f"{self.settings.file} uses Google Cloud; give its environment gcp: {{ project: … }}."
            raise ValueError(message)
        return project_in(self.sandbox, gcp.project)

    @property
    def gcp_scope(self) -> str:
        """What one list call on Google Cloud covers, as the lease's record names it."""
        return f"gcp:{self.gcp_project}"

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
