"""A training job and a notebook of one lease on Azure, on the real engine: up, unchanged, changed, gone."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.engine.conftest import STORE, Result, Yard
from trainyard.clouds import open_scope
from trainyard.clouds.azure.learning_jobs import Job, MlJobs
from trainyard.facts.lease_id import lease_id
from trainyard.sandbox.api.azure import job_life

pytestmark = pytest.mark.engine

BASE, NAME, REGION, GROUP = "azure-ml-base", "azure-jobs", "westeurope", "acme-ml-learning"
SUBSCRIPTION = "00000000-0000-0000-9b5d-ab8dfbbd4bed"
_IN = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers"
WORKSPACE = f"{_IN}/Microsoft.MachineLearningServices/workspaces/{BASE}"
PUT = "Microsoft.MachineLearningServices/workspaces/jobs.createOrUpdate"
ID = lease_id(STORE, "trainyard", NAME)
ENVIRONMENT: dict[str, Any] = {
    "schema": 1,
    "base": BASE,
    "leases": STORE,
    "protect": False,
    "azure": {
        "subscription": "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
        "resource_group": GROUP,
        "tenant": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    },
    "limits": {"max_ttl": "2d", "max_cap_usd": 500, "regions": ["europe"], "policies": "advise"},
    "contacts": {"ml-research": "ml-research@acme.example", "ml-platform": "ml-platform@acme.example"},
}
STACK = {"schema": 1, "environment": "learning", "owner": "ml-platform", "cost_center": "ml-research"}
PARTS: dict[str, Any] = {
    "resource_group": {"region": REGION},
    "network": {"regions": {REGION: "10.60.0.0/16"}},
    "data": {each: {"kind": "bucket", "region": REGION} for each in ("corpus", "checkpoints")},
    "workspace": {"region": REGION},
}
HERE = [{"cloud": "azure", "regions": [REGION]}]
WORKLOADS: dict[str, Any] = {
    "finetune": {
        "kind": "training-job",
        "accelerator": "T4:1",
        "where": HERE,
        "capacity": [{"kind": "spot", "usd_hour": 0.2}],
        "container": f"mcr.microsoft.com/azureml/curated/acpt-pytorch@sha256:{'a' * 64}",
        "command": ["torchrun", "train.py"],
        "data": {"corpus": "read", "checkpoints": "write"},
    },
    "lab": {
        "kind": "notebook",
        "accelerator": "T4:1",
        "where": HERE,
        "capacity": [{"kind": "on-demand", "usd_hour": 1}],
        "access": ["user:55555555-5555-4555-8555-555555555555"],
        "idle": {"after": "30m", "then": "stop"},
    },
}


def settings(name: str, layer: str, **sections: Any) -> str:
    held = {"trainyard:settings": {"stack": {**STACK, "layer": layer}, **sections}}
    return yaml.safe_dump({"config": held}, sort_keys=False)


def write(yard: Yard, **changes: Any) -> None:
    workloads = {**WORKLOADS, "finetune": {**WORKLOADS["finetune"], **changes}}
    lease = {"ttl": "12h", "extend_to": "20h", "cap_usd": 400, "at_limit": "stop"}
    text = settings(NAME, "compute", lease=lease, workloads=workloads)
    (yard.folder / "stacks" / f"Pulumi.{NAME}.yaml").write_text(text)


def run(yard: Yard, *arguments: str, stack: str = NAME) -> Result:
    result = yard.pulumi(*arguments, "--stack", stack)
    assert result.code == 0, result.text
    return result


def job(yard: Yard) -> Job | None:
    """The job that the stack says it has."""
    told = yaml.safe_load(run(yard, "stack", "output", "--json").text)
    return MlJobs(WORKSPACE, yard.sandbox).get(told["workloads"]["finetune"]["job"])


def billing(yard: Yard) -> dict[str, tuple[str, bool]]:
    """What the lease has in the subscription, by name without the group, with its kind and whether it bills."""
    found = open_scope(f"azure:{SUBSCRIPTION}", yard.sandbox).list_billable(ID)
    return {thing.name.partition("/")[2]: (thing.kind, thing.billing) for thing in found}


def test_a_fork_s_preview_knows_no_ids_of_the_base_and_goes_on(yard: Yard) -> None:
    stacks = yard.folder / "stacks"
    unread = ENVIRONMENT | {"leases": "s3://none?endpoint=http://127.0.0.1:9"}  # nothing listens there
    (stacks / "env.learning.yaml").write_text(yaml.safe_dump(unread, sort_keys=False))
    (stacks / f"Pulumi.{BASE}.yaml").write_text(settings(BASE, "base", base={"azure": PARTS}))
    write(yard)
    run(yard, "stack", "init")
    told = run(yard, "preview").text
    assert "Azure Machine Learning holds no hard end of a compute instance" in told
    run(yard, "stack", "rm", "--yes", "--preserve-config")


@pytest.fixture(scope="module")
def azure(yard: Yard) -> Iterator[Yard]:
    stacks = yard.folder / "stacks"
    (stacks / "env.learning.yaml").write_text(yaml.safe_dump(ENVIRONMENT, sort_keys=False))
    (stacks / f"Pulumi.{BASE}.yaml").write_text(settings(BASE, "base", base={"azure": PARTS}))
    write(yard)
    for stack in (BASE, NAME):
        run(yard, "stack", "init", stack=stack)
        run(yard, "up", "--yes", "--skip-preview", stack=stack)
    yield yard
    run(yard, "destroy", "--yes", "--skip-preview", stack=BASE)
    for file in ("env.learning.yaml", f"Pulumi.{BASE}.yaml", f"Pulumi.{NAME}.yaml"):
        (stacks / file).unlink()


def test_a_job_and_a_notebook_live_and_go_with_their_lease(azure: Yard) -> None:
    first = job(azure)
    assert first is not None
    assert (first["status"], first["tags"]["trainyard-lease"]) == ("Running", ID)
    assert 19 * 3600 < int(first["limits"]["timeout"].strip("PTS")) <= 20 * 3600  # to the hard end, not beyond
    assert {kind for kind, _ in billing(azure).values()} == {"ml compute", "ml job"}
    assert all(bills for _, bills in billing(azure).values())
    run(azure, "refresh", "--yes", "--expect-no-changes")
    run(azure, "preview", "--expect-no-changes")

    write(azure, command=["torchrun", "other.py"])
    refused = azure.pulumi("preview", "--stack", NAME)
    assert refused.code != 0
    assert "Raise `run` to 2" in refused.text

    write(azure, command=["torchrun", "other.py"], run=2)
    run(azure, "up", "--yes", "--skip-preview")
    second = job(azure)
    assert second is not None
    assert second["name"] != first["name"]
    assert MlJobs(WORKSPACE, azure.sandbox).get(first["name"]) is None

    azure.forward(hours=2)
    run(azure, "refresh", "--yes", "--skip-preview")
    run(azure, "preview", "--expect-no-changes")
    done = {name: bills for name, (_, bills) in billing(azure).items()}
    assert sorted(done.values()) == [False, False, True]  # the notebook alone: the cluster has no machines any more

    run(azure, "destroy", "--yes", "--skip-preview")
    assert billing(azure) == {}


def test_a_create_whose_answer_is_lost_makes_one_job_which_is_cancelled_when_its_lease_is_destroyed(
    azure: Yard,
) -> None:
    write(azure)
    azure.control("faults", faults=[{"call": PUT, "kind": "lost-response", "times": 1}])
    run(azure, "up", "--yes", "--skip-preview")
    assert [kind for kind, _ in billing(azure).values()].count("ml job") == 1
    running = job(azure)
    assert running is not None
    assert running["status"] == "Running"
    run(azure, "destroy", "--yes", "--skip-preview")
    assert MlJobs(WORKSPACE, azure.sandbox).get(running["name"]) is None
    assert billing(azure) == {}


def test_a_job_that_finds_no_nodes_is_good_and_one_that_fails_is_told(azure: Yard) -> None:
    write(azure)
    azure.control("faults", faults=[{"call": job_life.START, "kind": "stockout"}])
    result = run(azure, "up", "--yes", "--skip-preview")
    assert "still waits for room (Queued)" in result.text
    azure.control("faults", faults=[{"call": job_life.RUN, "kind": "refuse"}])
    write(azure, run=2, wait_for="finished")
    failed = azure.pulumi("up", "--yes", "--skip-preview", "--stack", NAME)
    assert failed.code != 0
    assert "failed: why is told in the studio" in failed.text
    azure.control("faults", faults=[])
    again = azure.pulumi("up", "--yes", "--skip-preview", "--stack", NAME)
    assert again.code != 0
    assert "raise `run` to 3" in again.text
    run(azure, "destroy", "--yes", "--skip-preview")
    assert billing(azure) == {}


def test_what_azure_machine_learning_does_not_do_is_refused_before_the_engine_starts(azure: Yard) -> None:
    for changes, says in (
        ({"container": "docker.io/library/python"}, "give its digest"),
        ({"data": {"corpus": "read"}}, "this one writes to no data set"),
    ):
        write(azure, **changes)
        result = azure.pulumi("preview", "--stack", NAME)
        assert result.code != 0
        assert says in result.text
