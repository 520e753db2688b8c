"""What a lease has in one Google Cloud project, service by service; a regional service's things are in its region."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from trainyard.clouds.gcp.compute import LIST_LAG, GcpCompute
from trainyard.clouds.gcp.tpu_things import GcpTpus
from trainyard.clouds.gcp.workbench import GcpWorkbench
from trainyard.facts.billable import Billable
from trainyard.facts.origin import Sandbox


class Service(Protocol):
    """One API of Google's whose lists cover a whole project."""

    @property
    def kinds(self) -> frozenset[str]:
        """The `Billable.kind`s that it lists."""

    def list_billable(self, lease_id: str) -> tuple[Billable, ...]:
        """All that carries the lease's label, whether it bills now or not; ScopeUnreadable, never a part of it.

        An API that Google says is not enabled in the project (`rest.is_disabled`) holds nothing.
        """

    def end_by_hand(self, thing: Billable) -> str:
        """The `gcloud` command that ends it."""


SERVICES: tuple[Callable[[str, Sandbox | None], Service], ...] = (GcpCompute, GcpTpus, GcpWorkbench)


class GcpProject:
    """One project."""

    list_lag = LIST_LAG

    def __init__(self, project: str, sandbox: Sandbox | None) -> None:
        self._services = tuple(service(project, sandbox) for service in SERVICES)

    def list_billable(self, lease_id: str) -> tuple[Billable, ...]:
        """All services; ScopeUnreadable when one of them did not answer whole."""
        return tuple(thing for service in self._services for thing in service.list_billable(lease_id))

    def end_by_hand(self, thing: Billable) -> str:
        """The `gcloud` command that ends it."""
        return next(service for service in self._services if thing.kind in service.kinds).end_by_hand(thing)
