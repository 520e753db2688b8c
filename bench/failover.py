"""What `trainyard up` costs of its own per attempt: 200 candidates of which the last has room, without an engine."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event

from bench.measure import Figure
from bench.workplace import Workplace
from trainyard.deploy.engine import State
from trainyard.deploy.events import Done, Failed, Step
from trainyard.deploy.failover import Failover
from trainyard.deploy.ledger import Ledger
from trainyard.deploy.moving import Wanted
from trainyard.facts.billable import Billable
from trainyard.facts.capacity import OnDemand
from trainyard.facts.offer import load_offers
from trainyard.facts.origin import Origin
from trainyard.facts.selection import Candidate
from trainyard.lease import Record, Store, Terms, open_store

CANDIDATES = 200
TIMES = 5
MOST_MS = 10.0
_LEASE = "bench-0a1b2c3d"
_VM = "gcp:compute/instance:Instance"
_FULL = (
    "1 error occurred:\n\t* Error waiting for instance to create: The zone 'projects/acme-ml-dev/zones/us-central1-a' "
    "does not have enough resources available to fulfill the request.  Try a different zone, or try again later. "
    "(ZONE_RESOURCE_POOL_EXHAUSTED)\n"
)


def figures(_place: Workplace) -> Iterator[Figure]:
    """Class, record (read and written on condition), next candidate; not the engine, the cloud, the disk's syncs."""
    found = [_attempt_ms() for _ in range(TIMES)]
    own = statistics.median(each[0] for each in found)
    with_disk = statistics.median(each[1] for each in found)
    yield Figure(
        name=f"failover over {CANDIDATES} candidates: our own per attempt (CPU; beside it with the disk)",
        ours=f"{own:.1f} ms",
        reference=f"{with_disk:.1f} ms",
        ratio=None,
        goal=f"≤ {MOST_MS:.0f} ms",
        met=own <= MOST_MS,
    )


class _Engine:
    """Full everywhere but at the last."""

    def __init__(self) -> None:
        self._runs = 0
        self._step = Step(urn=f"urn:pulumi:b::t::{_VM}::{_LEASE}-lab-0-instance", type=_VM, op="create")

    def preview(self, *, aloud: bool) -> Done:
        return Done(ok=True)

    def up(self) -> Done:
        self._runs += 1
        if self._runs < CANDIDATES:
            return Done(ok=False, failed=(Failed(step=self._step, text=_FULL),))
        return Done(ok=True, made=(self._step,))

    def refresh(self, *, clear_pending: bool) -> None:
        """Nothing was left."""

    def take_over(self, step: Step, id_: str) -> None:
        """Nothing was lost."""

    def state(self) -> State:
        return State(resources=(), pending=())


class _Nothing:
    """Clouds that hold nothing of the lease."""

    def things(self, scopes: Sequence[str], workload: str) -> tuple[Billable, ...]:
        return ()

    things_for_sure = things

    def end(
        self, scopes: Sequence[str], workload: str, things: Sequence[Billable], kept: Billable | None = None
    ) -> None:
        """Nothing is there."""


def _attempt_ms() -> tuple[float, float]:
    """CPU and wall time of one attempt on average, in ms."""
    with tempfile.TemporaryDirectory(prefix="trainyard-bench-") as folder:
        store = open_store(Path(folder).as_uri())
        store.create(_record())
        run = _run(store, _candidates())
        wall, own = time.perf_counter(), time.process_time()
        run.bring_up()
        spent = time.process_time() - own, time.perf_counter() - wall
        return spent[0] * 1000 / CANDIDATES, spent[1] * 1000 / CANDIDATES


def _candidates() -> tuple[Candidate, ...]:
    """One offer in many zones that cannot be told apart but by name."""
    offer = load_offers("gcp")[0]
    places = [(f"region-{number // 3}", f"region-{number // 3}-{'abc'[number % 3]}") for number in range(CANDIDATES)]
    return tuple(
        Candidate(offer=replace(offer, region=region, zone=zone), capacity=OnDemand(), price=offer.on_demand)
        for region, zone in places
    )


def _run(store: Store, candidates: tuple[Candidate, ...]) -> Failover:
    return Failover(
        stack="bench",
        ledger=Ledger(store=store, lease_id=_LEASE),
        wanted={"lab": Wanted(workload="lab", nodes=1, candidates=candidates)},
        engine=_Engine(),
        looks=_Nothing(),
        say=lambda _: None,
        now=lambda: datetime.now(UTC),
        pause=lambda _: False,
        stopped=Event(),
        policies=False,
    )


def _record() -> Record:
    start = datetime(2026, 11, 24, tzinfo=UTC)
    terms = Terms(
        start=start,
        ttl=timedelta(hours=12),
        extend_to=timedelta(hours=24),
        hard_end=start + timedelta(hours=24),
        cap_usd=Decimal(100),
        at_limit="stop",
        grace=timedelta(hours=1),
        owner="ml",
        cost_center="ml",
        workloads={},
    )
    return Record(
        id=_LEASE,
        origin=Origin.SANDBOX,
        project="trainyard",
        stack="bench",
        environment="dev",
        backend="file:///state",
        holder="a",
        terms=terms,
        scopes=("gcp:acme-ml-dev",),
    )
