"""Amazon's clients of one region, pointed at the real API or, in a rehearsal, at the sandbox only."""

from __future__ import annotations

import os
from typing import Any

import botocore.session
from botocore.config import Config

from trainyard.facts.origin import Sandbox

SANDBOX_KEY_ID = "AKIA00000000SANDBOX0"  # the sandbox's only key; no real one has 0 after its prefix
_SECONDS = 20
_ATTEMPTS = 5  # with botocore's own exponential pauses, at most 20 seconds each


class Clients:
    """The clients of the services by name, made when first asked for; botocore's errors when no login is found."""

    def __init__(self, region: str, sandbox: Sandbox | None) -> None:
        self._region = region
        self._sandbox = sandbox
        self._session = botocore.session.Session() if sandbox is None else _apart()
        self._made: dict[str, Any] = {}

    def __getitem__(self, service: str) -> Any:
        if service not in self._made:
            self._made[service] = self._make(service)
        return self._made[service]

    def _make(self, service: str) -> Any:
        common: dict[str, Any] = {
            "connect_timeout": _SECONDS,
            "read_timeout": _SECONDS,
            "retries": {"mode": "standard", "total_max_attempts": _ATTEMPTS},
        }
        if self._sandbox is None:
            return self._session.create_client(service, region_name=self._region, config=Config(**common))
        return self._session.create_client(
            service,
            region_name=self._region,
            endpoint_url=self._sandbox.api["aws"],
            aws_access_key_id=SANDBOX_KEY_ID,
            aws_secret_access_key=self._sandbox.token,
            config=Config(**common, proxies={}),
        )


def _apart() -> botocore.session.Session:
    """A session that reads neither this machine's files nor its environment."""
    nowhere = (None, None, os.devnull, None)
    variables = {"profile": (None, None, None, None), "config_file": nowhere, "credentials_file": nowhere}
    return botocore.session.Session(session_vars=variables)
