"""What the lease asks of a cloud: list by label what bills in one scope. Each cloud's client is loaded when used."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from trainyard.clouds.scope import ScopeUnreadable, UnknownScopeError, split_scope
from trainyard.facts.billable import Billable
from trainyard.facts.origin import Sandbox


class Lister(Protocol):
    """One scope, opened with one credential."""

    list_lag: timedelta  # how long a new thing may be missing from a list

    def list_billable(self, lease_id: str) -> tuple[Billable, ...]:
        """All that carries the lease's label, whether it bills now or not; ScopeUnreadable, never a part of it."""

    def end_by_hand(self, thing: Billable) -> str:
        """The shell command of the cloud's own tool that ends the thing."""


def open_scope(scope: str, sandbox: Sandbox | None) -> Lister:
    """The client of a scope such as "gcp:acme-ml-dev"; UnknownScopeError for a cloud that is not built."""
    cloud, place = split_scope(scope)
    if cloud == "gcp":
        from trainyard.clouds.gcp import GcpProject, VertexRegion

        return VertexRegion(place, sandbox) if "/" in place else GcpProject(place, sandbox)
    if cloud == "azure":
        from trainyard.clouds.azure import AzureSubscription

        return AzureSubscription(place, sandbox)
    if cloud == "aws":
        from trainyard.clouds.aws import AwsRegion

        return AwsRegion(place, sandbox)
    message = f'scope "{scope}": cloud "{cloud}" is not built yet; built are: gcp, aws, azure.'
    raise UnknownScopeError(message)


__all__ = ["Lister", "ScopeUnreadable", "UnknownScopeError", "open_scope", "split_scope"]
