"""What a lease has in the Cloud TPU API: nodes, and requests in its queue that may yet be given one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from threading import Event

from trainyard.clouds.gcp.rest import ApiError, CancelledError, LoginError, NoAnswerError, is_disabled
from trainyard.clouds.gcp.tpu import ENDED, CloudTpu, IncompleteError, Thing, place_and_name, state_of
from trainyard.clouds.scope import ScopeUnreadable
from trainyard.facts.billable import Billable
from trainyard.facts.labels import LEASE_KEY
from trainyard.facts.origin import Sandbox, wait
from trainyard.facts.price import Unknown
from trainyard.facts.tpu_offers import machine_price
from trainyard.facts.tpu_slice import name_of_config

NODE, QUEUED = "tpu node", "queued tpu"
# cloud.google.com/tpu/pricing: charges accrue while a node is READY. What is on its way there is counted as well.
_IDLE = ("STOPPED", "PREEMPTED", "TERMINATED", "HIDDEN")
_COMMANDS = {NODE: "tpu-vm delete", QUEUED: "queued-resources delete --force"}


class GcpTpus:
    """One project."""

    kinds = frozenset(_COMMANDS)

    def __init__(self, project: str, sandbox: Sandbox | None) -> None:
        self._project = project
        self._sandbox = sandbox
        self._scope = f"gcp:{project}"

    def list_billable(self, lease_id: str) -> tuple[Billable, ...]:
        """All nodes and queued resources with the lease's label, in every zone; ScopeUnreadable, never a part."""
        return (*self._of(lease_id, "nodes", self._node), *self._of(lease_id, "queued_resources", self._queued))

    def end_by_hand(self, thing: Billable) -> str:
        """The `gcloud` command that deletes it; a queued resource takes its node along."""
        what = f"gcloud compute tpus {_COMMANDS[thing.kind]} {thing.name}"
        return f"{what} --zone={thing.place} --project={self._project}"

    def _of(self, lease_id: str, collection: str, make: Callable[[Thing], Billable]) -> tuple[Billable, ...]:
        try:
            listed = getattr(self._api, collection)()
        except ApiError as error:
            if is_disabled(error):
                return ()
            raise ScopeUnreadable(self._scope, f"Cloud TPU: {error.status} {error}") from error
        except (NoAnswerError, LoginError, CancelledError, IncompleteError) as error:
            raise ScopeUnreadable(self._scope, f"Cloud TPU: {error}") from error
        found = (make(thing) for thing in listed)
        return tuple(thing for thing in found if thing.labels.get(LEASE_KEY) == lease_id)

    def _node(self, thing: Thing) -> Billable:
        zone, name = place_and_name(thing)
        state = str(thing.get("state", "STATE_UNSPECIFIED"))
        kind = _slice_name(thing)
        bought = thing.get("schedulingConfig", {})
        spot = bool(bought.get("spot") or bought.get("preemptible"))
        reserved = Unknown("it is paid with its reservation, at the contract's price")
        return Billable(
            cloud="gcp",
            scope=self._scope,
            kind=NODE,
            name=name,
            place=zone,
            status=state,
            labels=dict(thing.get("labels", {})),
            machine_type=kind or None,
            price=reserved if bought.get("reserved") else machine_price(kind, zone, "spot" if spot else "on-demand"),
            billing=state not in _IDLE,
        )

    def _queued(self, thing: Thing) -> Billable:
        zone, name = place_and_name(thing)
        specs = thing.get("tpu", {}).get("nodeSpec", [])
        node = specs[0].get("node", {}) if specs else {}
        return Billable(
            cloud="gcp",
            scope=self._scope,
            kind=QUEUED,
            name=name,
            place=zone,
            status=state_of(thing),
            labels=dict(node.get("labels", {})),
            machine_type=_slice_name(node) or None,
            price=Unknown("it bills as a node from its grant on"),
            # One that waits may be granted at any moment: nothing is at its end while it is there.
            billing=state_of(thing) not in ENDED,
        )

    @cached_property
    def _api(self) -> CloudTpu:
        return CloudTpu(self._project, self._sandbox, lambda seconds: wait(self._sandbox, seconds, Event()))


def _slice_name(node: Thing) -> str:
    config = node.get("acceleratorConfig", {})
    named = name_of_config(str(config.get("type", "")), str(config.get("topology", "")))
    return str(node.get("acceleratorType") or named or "")
