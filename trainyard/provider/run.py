"""What one call of the engine runs in: which clouds, which clock, whom to tell, how it is cancelled."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from trainyard.clouds import Lister, open_scope, split_scope
from trainyard.facts.origin import (
    Origin,
    Sandbox,
    account_in,
    now,
    origin_of,
    project_in,
    rehearsal,
    store_in,
    subscription_in,
)
from trainyard.lease import Store, open_store
from trainyard.provider.backend import fingerprint
from trainyard.provider.stop import StopError


@dataclass(frozen=True, kw_only=True)
class Run:
    """Made by `Run.of` for each call that leaves this machine."""

    sandbox: Sandbox | None
    backend: str
    warn: Callable[[str], None]
    cancelled: threading.Event

    @classmethod
    def of(
        cls,
        origin: Origin,
        *,
        warn: Callable[[str], None],
        cancelled: threading.Event,
        environ: Mapping[str, str] = os.environ,
    ) -> Run:
        """The run; RehearsalError for half a rehearsal, StopError when it is not where the lease lives."""
        sandbox = rehearsal(environ)
        here = origin_of(sandbox)
        if here is not origin:
            way = (
                'run inside "trainyard sandbox exec -- COMMAND"'
                if origin is Origin.SANDBOX
                else "leave the sandbox's environment (a new shell), and log in to the real clouds"
            )
            message = (
                f'the lease lives in the origin "{origin}", this run is in "{here}": a rehearsal never touches real '
                f"machines, nor the other way round; {way}."
            )
            raise StopError(message)
        return cls(sandbox=sandbox, backend=fingerprint(environ), warn=warn, cancelled=cancelled)

    @property
    def now(self) -> datetime:
        """The present moment, in a rehearsal the simulated one."""
        return now(self.sandbox)

    @property
    def machine_clock(self) -> datetime:
        """This machine's own clock, for comparison with a store's; a rehearsal does not move it."""
        return datetime.now(UTC)

    def store(self, url: str) -> Store:
        """The store of records of this run."""
        return open_store(store_in(self.sandbox, url))

    def scope(self, scope: str) -> str:
        """The scope that this run uses for a given one."""
        cloud, place = split_scope(scope)
        rewrite = {"gcp": project_in, "aws": account_in, "azure": subscription_in}.get(cloud)
        return f"{cloud}:{rewrite(self.sandbox, place)}" if rewrite else scope

    def lister(self, scope: str) -> Lister:
        """The client of a scope."""
        return open_scope(scope, self.sandbox)
