"""An engine and clouds in memory: each run does the next thing of a script, and the clouds' list shows what it left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event

import pytest

from trainyard.deploy.engine import EngineError, State
from trainyard.deploy.events import Done, Failed, Step
from trainyard.deploy.failover import Failover
from trainyard.deploy.ledger import Ledger
from trainyard.deploy.moving import Wanted
from trainyard.facts.accelerator import accelerators
from trainyard.facts.billable import Billable
from trainyard.facts.candidate_key import key
from trainyard.facts.capacity import Capacity, OnDemand
from trainyard.facts.offer import Offer
from trainyard.facts.origin import Origin
from trainyard.facts.price import Unknown
from trainyard.facts.selection import Candidate
from trainyard.lease import Attempt, Record, Store, Terms, open_store
from trainyard.lease.store import Held

LEASE = "dev-0a1b2c3d"
START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
VM, MIG = "gcp:compute/instance:Instance", "gcp:compute/instanceGroupManager:InstanceGroupManager"
SCOPE = "gcp:acme-ml-dev"


def candidate(place: str, capacity: Capacity | None = None, cloud: str = "gcp") -> Candidate:
    """A machine in a zone, on demand where nothing else is said."""
    price = Unknown("nobody asked")
    offer = Offer(
        cloud=cloud,
        machine_type="a2-highgpu-1g",
        accelerator=next(iter(accelerators().values())),
        accelerator_count=1,
        vcpus=12,
        memory_gib=85,
        region=place.rpartition("-")[0],
        zone=place,
        on_demand=price,
        spot=price,
    )
    return Candidate(offer=offer, capacity=capacity or OnDemand(), price=price)


def machine(place: str, name: str = f"{LEASE}-lab-0", **changes: object) -> Billable:
    """What the cloud lists."""
    given: dict[str, object] = {
        "cloud": "gcp",
        "scope": SCOPE,
        "kind": "machine",
        "name": name,
        "place": place,
        "status": "RUNNING",
        "labels": {"trainyard-workload": "lab"},
        "machine_type": "a2-highgpu-1g",
        "price": Unknown("nobody asked"),
        "billing": True,
        "bought": "on-demand",
    }
    return Billable(**{**given, **changes})  # type: ignore[arg-type]


def step(type_: str = VM, op: str = "create", name: str = f"{LEASE}-lab-0-instance") -> Step:
    return Step(urn=f"urn:pulumi:dev::trainyard::{type_}::{name}", type=type_, op=op)


def refused(text: str, type_: str = VM, op: str = "create", name: str = f"{LEASE}-lab-0-instance") -> Done:
    """A run in which one thing failed with that text."""
    return Done(ok=False, failed=(Failed(step=step(type_, op, name), text=text),))


GOOD = Done(ok=True, made=(step(),))


@dataclass(kw_only=True)
class Engine:
    """Does the next run of a script; what stands beside a run happens in it."""

    runs: list[Done | tuple[Done, Callable[[], object]]]
    taken: list[str] = field(default_factory=list)
    refreshed: int = 0
    previews: list[Done] = field(default_factory=list)
    held: State = field(default_factory=lambda: State(resources=(), pending=()))
    importable: bool = True

    def preview(self, *, aloud: bool) -> Done:
        return self.previews.pop(0)

    def up(self) -> Done:
        run = self.runs.pop(0)
        if isinstance(run, tuple):
            run[1]()
            return run[0]
        return run

    def refresh(self, *, clear_pending: bool) -> None:
        self.refreshed += 1

    def take_over(self, step: Step, id_: str) -> None:
        if not self.importable:
            message = "import failed"
            raise EngineError(message)
        self.taken.append(id_)

    def state(self) -> State:
        return self.held


@dataclass(kw_only=True)
class Clouds:
    """What the clouds list of the workload."""

    there: list[Billable] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def things(self, scopes: Sequence[str], workload: str) -> tuple[Billable, ...]:
        return tuple(each for each in self.there if each.labels.get("trainyard-workload") == workload)

    things_for_sure = things

    def end(
        self, scopes: Sequence[str], workload: str, things: Sequence[Billable], kept: Billable | None = None
    ) -> None:
        self.ended += [each.name for each in things]
        self.there = [each for each in self.there if each not in things]


@dataclass(kw_only=True)
class Lab:
    """One lease with the workload `lab`, and all that a command on it meets."""

    store: Store
    engine: Engine
    clouds: Clouds = field(default_factory=Clouds)
    said: list[str] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    stopped: Event = field(default_factory=Event)
    policies: bool = False

    def bring_up(self, candidates: Sequence[Candidate], nodes: int = 1) -> None:
        Failover(
            stack="dev",
            ledger=Ledger(store=self.store, lease_id=LEASE),
            wanted={"lab": Wanted(workload="lab", nodes=nodes, candidates=tuple(candidates))},
            engine=self.engine,
            looks=self.clouds,
            say=self.said.append,
            now=self._now,
            pause=self._pause,
            stopped=self.stopped,
            policies=self.policies,
        ).bring_up()

    @property
    def record(self) -> Record:
        reading = self.store.read(LEASE)
        assert isinstance(reading, Held)
        return reading.record

    @property
    def attempts(self) -> list[tuple[str, str]]:
        """Place and outcome."""
        return [(each.candidate.split("/")[1], each.outcome) for each in self.record.attempts]

    @property
    def place(self) -> str | None:
        """The key of the candidate in use."""
        return (self.record.placement or {}).get("lab")

    def _now(self) -> datetime:
        return START + timedelta(seconds=len(self.record.attempts))

    def _pause(self, seconds: float) -> bool:
        self.waited.append(seconds)
        return self.stopped.is_set()


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    store = open_store((tmp_path / "leases").as_uri())
    terms = Terms(
        start=START,
        ttl=timedelta(hours=12),
        extend_to=timedelta(hours=24),
        hard_end=START + timedelta(hours=24),
        cap_usd=Decimal(100),
        at_limit="stop",
        grace=timedelta(hours=1),
        owner="ml",
        cost_center="ml",
        workloads={},
    )
    store.create(
        Record(
            id=LEASE,
            origin=Origin.SANDBOX,
            project="trainyard",
            stack="dev",
            environment="dev",
            backend="file:///state",
            holder="a",
            terms=terms,
            scopes=(SCOPE,),
        )
    )
    return Lab(store=store, engine=Engine(runs=[]))


__all__ = ["GOOD", "Attempt", "Lab", "candidate", "key", "lab", "machine", "refused"]
