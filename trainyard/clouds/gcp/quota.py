"""What a Google Cloud project may still use, which APIs it has enabled, what its policies allow; only read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from threading import Event
from typing import Any

from trainyard.clouds.gcp.rest import ApiError, CancelledError, LoginError, NoAnswerError, Rest, login
from trainyard.clouds.scope import ScopeUnreadable
from trainyard.facts.origin import Sandbox, wait
from trainyard.facts.quotas import Quota

_TRIES = 3


class GcpQuotas:
    """One project's; ScopeUnreadable where Google does not tell."""

    def __init__(self, project: str, sandbox: Sandbox | None) -> None:
        self._project = project
        self._sandbox = sandbox
        self.scope = f"gcp:{project}"

    def of_region(self, region: str) -> Mapping[str, Quota]:
        """Compute Engine's quotas of a region, by metric."""
        return _quotas(self._ask("compute", f"compute/v1/projects/{self._project}/regions/{region}"))

    def of_project(self) -> Mapping[str, Quota]:
        """Those of the project as a whole."""
        return _quotas(self._ask("compute", f"compute/v1/projects/{self._project}"))

    def enabled(self) -> frozenset[str]:
        """The APIs that are enabled, as "compute.googleapis.com"."""
        path = f"v1/projects/{self._project}/services"
        found = self._pages("serviceusage", path, "services", filter="state:ENABLED", pageSize="200")
        return frozenset(str(each.get("config", {}).get("name", "")) for each in found)

    def policy(self, constraint: str) -> Sequence[Mapping[str, Any]]:
        """The effective rules of a list constraint of the organization, as "gcp.resourceLocations"."""
        path = f"v2/projects/{self._project}/policies/{constraint}:getEffectivePolicy"
        rules: Sequence[Mapping[str, Any]] = (self._ask("orgpolicy", path).get("spec") or {}).get("rules") or ()
        return rules

    def _ask(self, service: str, path: str) -> Mapping[str, Any]:
        answer = self._told(lambda: self._rest(service).call("GET", path, tries=_TRIES))
        if not isinstance(answer, Mapping):
            raise ScopeUnreadable(self.scope, f"the answer is no object but {type(answer).__name__}")
        return answer

    def _pages(self, service: str, path: str, items: str, **query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._told(lambda: list(self._rest(service).pages(path, items, **query)))
        return found

    def _told(self, ask: Any) -> Any:
        try:
            return ask()
        except ApiError as error:
            raise ScopeUnreadable(self.scope, f"{error.status} {error}") from error
        except (NoAnswerError, LoginError, CancelledError) as error:
            raise ScopeUnreadable(self.scope, str(error)) from error

    def _rest(self, service: str) -> Rest:
        base = self._sandbox.api["gcp"].rstrip("/") if self._sandbox else f"https://{service}.googleapis.com"
        return Rest(base=base, login=self._login, pause=lambda seconds: wait(self._sandbox, seconds, Event()))

    @cached_property
    def _login(self) -> Any:
        return login(self._sandbox)


def _quotas(answer: Mapping[str, Any]) -> Mapping[str, Quota]:
    return {
        str(each["metric"]): Quota(limit=float(each["limit"]), used=float(each.get("usage", 0)))
        for each in answer.get("quotas", ())
        if "metric" in each and "limit" in each
    }
