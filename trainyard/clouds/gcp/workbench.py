"""What a lease has in Vertex AI Workbench: notebooks, by plain REST over notebooks.v2."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from threading import Event
from typing import Any
from urllib.parse import urlencode

from trainyard.clouds.gcp.priced import machine_type_price
from trainyard.clouds.gcp.rest import ApiError, CancelledError, LoginError, NoAnswerError, Rest, is_disabled, login
from trainyard.clouds.scope import ScopeUnreadable
from trainyard.facts.billable import Billable
from trainyard.facts.labels import LEASE_KEY
from trainyard.facts.origin import Sandbox, wait
from trainyard.facts.workbench import price

KIND = "notebook"
_IDLE = ("STOPPED", "SUSPENDED", "DELETED")


class GcpWorkbench:
    """One project."""

    kinds = frozenset({KIND})

    def __init__(self, project: str, sandbox: Sandbox | None) -> None:
        self._project = project
        self._sandbox = sandbox
        self._scope = f"gcp:{project}"

    def list_billable(self, lease_id: str) -> tuple[Billable, ...]:
        """All instances with the lease's label, in every zone; ScopeUnreadable, never a part of them."""
        try:
            found = [self._billable(item) for item in self._instances()]
        except ApiError as error:
            if is_disabled(error):
                return ()
            raise ScopeUnreadable(self._scope, f"Workbench: {error.status} {error}") from error
        except (NoAnswerError, LoginError, CancelledError) as error:
            raise ScopeUnreadable(self._scope, f"Workbench: {error}") from error
        return tuple(thing for thing in found if thing.labels.get(LEASE_KEY) == lease_id)

    def end_by_hand(self, thing: Billable) -> str:
        """The `gcloud` command that deletes it, with its disks."""
        return f"gcloud workbench instances delete {thing.name} --location={thing.place} --project={self._project}"

    def _instances(self) -> Iterator[dict[str, Any]]:
        path = f"projects/{self._project}/locations/-/instances"
        query = {"pageSize": "100"}
        while True:
            answer = self._rest.call("GET", f"{path}?{urlencode(query)}")
            if missing := answer.get("unreachable", ()):
                raise ScopeUnreadable(self._scope, f"Workbench: {', '.join(missing)} not reached")
            yield from answer.get("instances", ())
            if not answer.get("nextPageToken"):
                return
            query["pageToken"] = answer["nextPageToken"]

    def _billable(self, item: dict[str, Any]) -> Billable:
        parts = str(item["name"]).split("/")
        zone, state = parts[3], str(item.get("state", "STATE_UNSPECIFIED"))
        machine_type = str(item.get("gceSetup", {}).get("machineType", "")).rpartition("/")[2]
        return Billable(
            cloud="gcp",
            scope=self._scope,
            kind=KIND,
            name=parts[5],
            place=zone,
            status=state,
            labels=dict(item.get("labels", {})),
            machine_type=machine_type or None,
            price=price(machine_type_price(machine_type, zone, {})),
            billing=state not in _IDLE,
        )

    @cached_property
    def _rest(self) -> Rest:
        base = "https://notebooks.googleapis.com/v2"
        if self._sandbox is not None:
            base = f"{self._sandbox.api['gcp'].rstrip('/')}/notebooks/v2"
        return Rest(base=base, login=login(self._sandbox), pause=lambda seconds: wait(self._sandbox, seconds, Event()))
