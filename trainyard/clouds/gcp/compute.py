"""What a lease has on Compute Engine: machines, groups that may make more, disks, addresses, snapshots; never data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any

import google.auth.exceptions
import httplib2  # type: ignore[import-untyped]  # ships no types
from googleapiclient.errors import Error, HttpError

from trainyard.clouds.gcp.client import compute
from trainyard.clouds.gcp.priced import KINDS, address, disk, group, machine, snapshot
from trainyard.clouds.scope import ScopeUnreadable
from trainyard.facts.billable import Billable
from trainyard.facts.labels import LEASE_KEY
from trainyard.facts.lease_id import is_group_of
from trainyard.facts.origin import Sandbox

# Not from Google, who names no figure: the window in which simulated lists may omit a new machine is 60 s, and half
# as much again is waited.
LIST_LAG = timedelta(seconds=90)
_RETRIES = 3  # with the client's own exponential pauses: at most 14 seconds
_NOTHING_HERE = "NO_RESULTS_ON_PAGE"


class GcpCompute:
    """One project."""

    kinds = frozenset(KINDS)
    list_lag = LIST_LAG

    def __init__(self, project: str, sandbox: Sandbox | None) -> None:
        self._project = project
        self._sandbox = sandbox
        self.scope = f"gcp:{project}"

    def list_billable(self, lease_id: str) -> tuple[Billable, ...]:
        """All five kinds, all pages, all zones; ScopeUnreadable when any part did not answer."""
        labelled = f'labels.{LEASE_KEY}="{lease_id}"'
        machines = list(self._read("instances", labelled))
        found = {thing.kind + thing.place + thing.name: thing for thing in self._made(machines, machine)}
        # The disks of a machine that does not run go on billing, with a label of their own or not.
        for item in machines:
            if not machine(self.scope, item).billing:
                found |= {thing.kind + thing.place + thing.name: thing for thing in self._attached(item)}
        for collection, make in (("disks", disk), ("addresses", address), ("snapshots", snapshot)):
            for thing in self._made(self._read(collection, labelled), make):
                found[thing.kind + thing.place + thing.name] = thing
        return (*found.values(), *self._hungry_groups(lease_id, [str(item["name"]) for item in machines]))

    def _hungry_groups(self, lease_id: str, machines: Sequence[str]) -> Iterator[Billable]:
        """Groups without all of their machines: one that waits for capacity gets it at any moment."""
        for item in self._read("instanceGroupManagers"):
            if not is_group_of(lease_id, str(item["name"])):
                continue
            there = sum(name.startswith(f"{item['name']}-") for name in machines)
            # A resize request that waits may not stand in the target size yet.
            lacking = max(int(item.get("targetSize", 0)), 1) - there
            if lacking > 0:
                yield group(self.scope, item, lacking)

    def end_by_hand(self, thing: Billable) -> str:
        """The `gcloud` command that deletes it."""
        return f"gcloud compute {KINDS[thing.kind]} delete {thing.name} {_where(thing)}--project={self._project}"

    def _made(self, items: Any, make: Callable[[str, dict[str, Any]], Billable]) -> Iterator[Billable]:
        return (make(self.scope, item) for item in items)

    def _attached(self, item: Mapping[str, Any]) -> Iterator[Billable]:
        for part in item.get("disks", ()):
            if part.get("type") != "SCRATCH" and part.get("source"):
                source = {
                    "name": part["source"].rpartition("/")[2],
                    "zone": item.get("zone", ""),
                    "sizeGb": part.get("diskSizeGb", ""),
                    "status": "READY",
                    "labels": item.get("labels", {}),
                }
                yield disk(self.scope, source)

    def _read(self, collection: str, labelled: str = "") -> Iterator[dict[str, Any]]:
        aggregated = collection != "snapshots"
        methods = getattr(self._client, collection)()
        ask = methods.aggregatedList if aggregated else methods.list
        proceed = methods.aggregatedList_next if aggregated else methods.list_next
        request = ask(project=self._project, **({"filter": labelled} if labelled else {}))
        while request is not None:
            answer = self._ask(request)
            self._check_whole(collection, answer)
            if aggregated:
                for place, part in answer.get("items", {}).items():
                    self._check_whole(f"{collection} of {place}", part)
                    yield from part.get(collection, ())
            else:
                yield from answer.get("items", ())
            request = proceed(request, answer)

    def _ask(self, request: Any) -> dict[str, Any]:
        try:
            answer = request.execute(num_retries=_RETRIES)
        except HttpError as error:
            raise ScopeUnreadable(self.scope, f"{error.status_code} {error.reason.strip()}") from error
        except google.auth.exceptions.GoogleAuthError as error:
            raise ScopeUnreadable(self.scope, f"no valid login: {error}") from error
        except (Error, httplib2.HttpLib2Error, OSError, ValueError) as error:
            raise ScopeUnreadable(self.scope, f"no answer: {error or type(error).__name__}") from error
        if not isinstance(answer, dict):
            raise ScopeUnreadable(self.scope, f"the answer is no object but {type(answer).__name__}")
        return answer

    def _check_whole(self, what: str, answer: Mapping[str, Any]) -> None:
        code = answer.get("warning", {}).get("code", _NOTHING_HERE)
        unreachable = answer.get("unreachables", ())
        if code == _NOTHING_HERE and not unreachable:
            return
        text = answer.get("warning", {}).get("message", "")
        missing = f" ({', '.join(unreachable)} not reached)" if unreachable else ""
        raise ScopeUnreadable(self.scope, f"only a part of the {what} was listed: {code} {text}{missing}")

    @cached_property
    def _client(self) -> Any:
        try:
            return compute(self._sandbox)
        except google.auth.exceptions.GoogleAuthError as error:
            raise ScopeUnreadable(self.scope, f"no valid login: {error}") from error


def _where(thing: Billable) -> str:
    if thing.kind == "snapshot":
        return ""
    if thing.place == "global":
        return "--global "
    is_zone = thing.place.count("-") > 1
    return f"--zone={thing.place} " if is_zone else f"--region={thing.place} "
