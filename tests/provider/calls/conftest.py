"""A sandbox's API in this process, and one lease's inputs: for what an engine's test cannot reach."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from trainyard.clouds.gcp.client import compute
from trainyard.facts.expiry import to_minute
from trainyard.facts.origin import Origin, Sandbox, now
from trainyard.lease import Certificate, Held, Record, Store, Terms, with_ended
from trainyard.provider.lease.inputs import Inputs
from trainyard.provider.run import Run
from trainyard.sandbox import fault_file, faults
from trainyard.sandbox.api.control import known_calls
from trainyard.sandbox.api.server import Google
from trainyard.sandbox.api.serving import serve_cloud
from trainyard.sandbox.store import Store as CloudStore

PROJECT = "trainyard-sandbox-copy-of-acme-ml-dev"
ZONE = "europe-west4-a"
LIST = "compute.instances.aggregatedList"


@dataclass(kw_only=True)
class Scene:
    """A sandbox, a run in it, and the inputs of one lease."""

    cloud: CloudStore
    run: Run
    inputs: Inputs
    warnings: list[str] = field(default_factory=list)

    @property
    def store(self) -> Store:
        return self.run.store(self.inputs.store)

    def record(self) -> Record:
        reading = self.store.read(self.inputs.lease_id)
        assert isinstance(reading, Held), reading
        return reading.record

    def plant(self, name: str) -> None:
        image = {
            "sourceImage": "projects/debian-cloud/global/images/family/debian-12",
            "diskType": f"zones/{ZONE}/diskTypes/pd-balanced",
        }
        body: dict[str, Any] = {
            "name": name,
            "machineType": f"zones/{ZONE}/machineTypes/g2-standard-8",
            "labels": {"trainyard-lease": self.inputs.lease_id},
            "disks": [{"boot": True, "autoDelete": True, "initializeParams": image}],
            "networkInterfaces": [{"network": "global/networks/default"}],
            "scheduling": {"onHostMaintenance": "TERMINATE"},
        }
        compute(self.run.sandbox).instances().insert(project=PROJECT, zone=ZONE, body=body).execute()

    def break_list(self, **fault: Any) -> None:
        given = [{"call": LIST, **fault}] if fault else []
        faults.replace(self.cloud, fault_file.parse(given, known_calls(), frozenset(), self.cloud.now()))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    cloud = CloudStore.open(tmp_path / "store.sqlite")
    with serve_cloud(Google, cloud, tmp_path / "store.sqlite", token="word") as served:
        sandbox = Sandbox(folder=tmp_path, pid=1, token="word", providers={}, api={"gcp": served.url})
        warnings: list[str] = []
        run = Run(sandbox=sandbox, backend="file://here/a", warn=warnings.append, cancelled=threading.Event())
        start = to_minute(now(sandbox))
        terms = Terms(
            start=start,
            ttl=timedelta(hours=12),
            extend_to=timedelta(hours=24),
            hard_end=start + timedelta(hours=24),
            cap_usd=Decimal(100),
            at_limit="stop",
            grace=timedelta(hours=1),
            owner="ml-platform",
            cost_center="ml-research",
            workloads={},
        )
        inputs = Inputs(
            lease_id="dev-lab-0a1b2c3d",
            project="acme",
            stack="dev-lab",
            environment="dev",
            store="gs://acme-ml-dev-leases",
            origin=Origin.SANDBOX,
            terms=terms,
            scopes=("gcp:acme-ml-dev",),
            seen_record="absent",
        )
        yield Scene(cloud=cloud, run=run, inputs=inputs, warnings=warnings)
    cloud.close()


def ended(scene: Scene) -> Record:
    certificate = Certificate(origin=Origin.SANDBOX, by="guard", looks=())
    return scene.store.update(scene.inputs.lease_id, lambda held: with_ended(held, scene.run.now, certificate))
