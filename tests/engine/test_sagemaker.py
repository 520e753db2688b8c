"""A training job and a notebook of one lease on AWS, on the real engine: up, unchanged, changed, gone."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.engine.conftest import STORE, Result, Yard
from trainyard.clouds.aws import AwsRegion
from trainyard.clouds.aws.training import TrainingJobs
from trainyard.facts.lease_id import lease_id

pytestmark = pytest.mark.engine

BASE, NAME, ACCOUNT, REGION = "amazon-base", "amazon-jobs", "000000000000", "eu-central-1"
ID = lease_id(STORE, "trainyard", NAME)
ENVIRONMENT: dict[str, Any] = {
    "schema": 1,
    "base": BASE,
    "leases": STORE,
    "protect": False,
    "aws": {"account": "123456789012"},
    "limits": {"max_ttl": "2d", "max_cap_usd": 500, "regions": ["europe"], "policies": "advise"},
    "contacts": {"ml-research": "ml-research@acme.example", "ml-platform": "ml-platform@acme.example"},
}
STACK = {"schema": 1, "environment": "amazon", "owner": "ml-platform", "cost_center": "ml-research"}
HERE = [{"cloud": "aws", "regions": [REGION]}]
WORKLOADS: dict[str, Any] = {
    "finetune": {
        "kind": "training-job",
        "accelerator": "A10G:1",
        "where": HERE,
        "capacity": [{"kind": "spot", "usd_hour": 1}, {"kind": "on-demand", "usd_hour": 2}],
        "container": f"123456789012.dkr.ecr.{REGION}.amazonaws.com/train/llama@sha256:{'a' * 64}",
        "command": ["torchrun", "train.py"],
        "secrets": {"HF_TOKEN": f"aws-secret://{REGION}/hf-token"},
        "data": {"corpus": "read", "checkpoints": "write"},
        "on_preemption": {"retries": 3},
    },
    "lab": {
        "kind": "notebook",
        "accelerator": "A10G:1",
        "where": HERE,
        "capacity": [{"kind": "on-demand", "usd_hour": 2}],
        "access": ["iam-role:ml-research"],
        "idle": {"after": "30m", "then": "stop"},
        "data": {"corpus": "read"},
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


@pytest.fixture(scope="module")
def amazon(yard: Yard) -> Iterator[Yard]:
    stacks = yard.folder / "stacks"
    (stacks / "env.amazon.yaml").write_text(yaml.safe_dump(ENVIRONMENT, sort_keys=False))
    data = {each: {"kind": "bucket", "region": REGION} for each in ("corpus", "checkpoints")}
    base = {"aws": {"network": {"regions": {REGION: "10.40.0.0/16"}}, "data": data}}
    (stacks / f"Pulumi.{BASE}.yaml").write_text(settings(BASE, "base", base=base))
    write(yard)
    for stack in (BASE, NAME):
        run(yard, "stack", "init", stack=stack)
        run(yard, "up", "--yes", "--skip-preview", stack=stack)
    yield yard
    run(yard, "destroy", "--yes", "--skip-preview", stack=BASE)
    for file in ("env.amazon.yaml", f"Pulumi.{BASE}.yaml", f"Pulumi.{NAME}.yaml"):
        (stacks / file).unlink()


def test_a_job_and_a_notebook_on_sagemaker_live_and_go_with_their_lease(amazon: Yard) -> None:
    jobs = TrainingJobs(ACCOUNT, REGION, amazon.sandbox)
    first = jobs.get(f"{ID}-finetune-1")
    assert first is not None
    assert (first["EnableManagedSpotTraining"], first["EnableNetworkIsolation"]) == (True, False)
    assert first["Environment"]["HF_TOKEN_SECRET"] == f"aws-secret://{REGION}/hf-token"
    limits = first["StoppingCondition"]
    assert limits["MaxRuntimeInSeconds"] <= limits["MaxWaitTimeInSeconds"] <= 20 * 3600
    there = AwsRegion(f"{ACCOUNT}/{REGION}", amazon.sandbox)
    assert {(thing.kind, thing.name) for thing in there.list_billable(ID)} == {
        ("training job", f"{ID}-finetune-1"),
        ("notebook", f"{ID}-lab-0"),
    }
    run(amazon, "refresh", "--yes", "--expect-no-changes")
    run(amazon, "preview", "--expect-no-changes")
    write(amazon, command=["torchrun", "other.py"])
    refused = amazon.pulumi("preview", "--stack", NAME)
    assert refused.code != 0
    assert "Raise `run` to 2" in refused.text
    write(amazon, command=["torchrun", "other.py"], run=2)
    run(amazon, "up", "--yes", "--skip-preview")
    assert jobs.get(f"{ID}-finetune-1") is None
    assert jobs.get(f"{ID}-finetune-2") is not None
    run(amazon, "destroy", "--yes", "--skip-preview")
    assert there.list_billable(ID) == ()


def test_what_sagemaker_does_not_do_is_refused_before_the_engine_starts(amazon: Yard) -> None:
    for changes, says in (
        ({"container": "docker.io/library/python:3"}, "give one of ECR"),
        ({"data": {"corpus": "read"}, "on_preemption": None}, "this one writes to no data set"),
    ):
        write(amazon, **changes)
        result = amazon.pulumi("preview", "--stack", NAME)
        assert result.code != 0
        assert says in result.text
