"""One lease over three clouds: what a change of its stack file does on each, docs/changes.md's rows of AWS and Azure.

As `test_changes.py` does for Google Cloud alone: one workload a row, one preview with every row's change, one `up`.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine.conftest import STORE, Result, Yard, base_lab
from tests.engine.test_changes import AGAIN, DOCUMENT, WORDS, Row, done_to_rows, names, row
from tests.engine.test_changes import JOB as VERTEX_JOB
from tests.engine.test_changes import NOTEBOOK as WORKBENCH
from tests.engine.test_changes import VM as GOOGLE_VM
from trainyard.clouds import open_scope
from trainyard.facts.lease_id import lease_id

pytestmark = pytest.mark.engine

HEADING = "## On AWS and Azure"
CLOUDS = {"gcp": "Google Cloud", "aws": "AWS", "azure": "Azure"}
ENVIRONMENT, BASE, NAME = "changes", "changes-base", "changes-clouds"
ID = lease_id(STORE, "trainyard", NAME)
SCOPES = (
    "gcp:trainyard-sandbox-copy-of-acme-ml-sandbox",
    "aws:000000000000/eu-central-1",
    "azure:00000000-0000-0000-9b5d-ab8dfbbd4bed",
)
OWNED = {"schema": 1, "environment": ENVIRONMENT, "owner": "ml-platform", "cost_center": "ml-research"}
AGREED = {"kind": "on-demand", "usd_hour": 1}
SPOT = {"kind": "spot", "usd_hour": 1}
ON_AMAZON: dict[str, Any] = {"where": [{"cloud": "aws", "zones": ["euc1-az1"]}], "capacity": [AGREED]}
ON_AZURE: dict[str, Any] = {"where": [{"cloud": "azure", "regions": ["westeurope"]}], "capacity": [AGREED]}
ROLES = ["iam-role:ml-research"]
GROUP_OF_PEOPLE = "group:3fa85f64-5717-4562-b3fc-2c963f66afa6"

VM: dict[str, Any] = {
    **ON_AMAZON,
    "kind": "gpu-vm",
    "accelerator": "L4:1",
    "machine_type": "g6.xlarge",
    "access": ROLES,
}
GROUP: dict[str, Any] = {**VM, "nodes": 2, "fabric": "none"}
JOB: dict[str, Any] = {
    **ON_AMAZON,
    "kind": "training-job",
    "accelerator": "L4:1",
    "machine_type": "g6.xlarge",
    "where": [{"cloud": "aws", "regions": ["eu-central-1"]}],
    "container": f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/train/llama@sha256:{'a' * 64}",
    "env": {"EPOCHS": "3"},
    "data": {"checkpoints": "write"},
    "run": 1,
}
NOTEBOOK: dict[str, Any] = {
    **ON_AMAZON,
    "kind": "notebook",
    "accelerator": "L4:1",
    "machine_type": "g6.xlarge",
    "where": [{"cloud": "aws", "regions": ["eu-central-1"]}],
    "access": ROLES,
    "idle": {"after": "1h", "then": "stop"},
}
AZURE_VM: dict[str, Any] = {
    **ON_AZURE,
    "kind": "gpu-vm",
    "accelerator": "T4:1",
    "machine_type": "Standard_NC4as_T4_v3",
    "access": [GROUP_OF_PEOPLE],
}
SET: dict[str, Any] = {
    **ON_AZURE,
    "kind": "gpu-vm",
    "accelerator": "H100:8",
    "nodes": 2,
    "access": [GROUP_OF_PEOPLE],
}
AZURE_JOB: dict[str, Any] = {
    **ON_AZURE,
    "kind": "training-job",
    "accelerator": "T4:1",
    "machine_type": "Standard_NC4as_T4_v3",
    "container": f"mcr.microsoft.com/azureml/curated/acpt-pytorch@sha256:{'a' * 64}",
    "command": ["torchrun", "train.py"],
    "env": {"EPOCHS": "3"},
    "run": 1,
}
AZURE_NOTEBOOK: dict[str, Any] = {
    **ON_AZURE,
    "kind": "notebook",
    "accelerator": "T4:1",
    "machine_type": "Standard_NC4as_T4_v3",
    "access": ["user:55555555-5555-4555-8555-555555555555"],
    "idle": {"after": "1h", "then": "stop"},
}

GOOGLE = (
    row("GPU VM", GOOGLE_VM, "`machine_type`", "replace", machine_type="g2-standard-8"),
    row("GPU VM", GOOGLE_VM, "`boot_disk.gib`, larger", "update", boot_disk={"gib": 300}),
    row("GPU group", {**GOOGLE_VM, "nodes": 2, "fabric": "none"}, "`nodes`, more", "update", nodes=3),
    row(
        "GPU group",
        {**GOOGLE_VM, "nodes": 2, "fabric": "none"},
        "`machine_type`",
        "replace",
        machine_type="g2-standard-8",
    ),
    row("training job", VERTEX_JOB, "`run`, raised", "replace", run=2),
    row("training job", VERTEX_JOB, "`wait_for`", "update", wait_for="submitted"),
    row("notebook", WORKBENCH, "`machine_type`", "replace", machine_type="g2-standard-8"),
    row("notebook", WORKBENCH, "`idle.after`", "update", idle={"after": "2h", "then": "stop"}),
)
AMAZON = (
    row("GPU VM", VM, "`machine_type`", "replace", machine_type="g6.2xlarge"),
    row("GPU VM", VM, "`where`: another zone", "replace", where=[{"cloud": "aws", "zones": ["euc1-az2"]}]),
    row("GPU VM", VM, "`capacity`: on-demand to spot", "replace", capacity=[SPOT]),
    row("GPU VM", VM, "`image`", "replace", image="dlami-base-ubuntu-2204"),
    row("GPU VM", VM, "`boot_disk.gib`, larger", "update", boot_disk={"gib": 300}),
    row("GPU VM", VM, "`access`", "grants", access=[*ROLES, "iam-role:ml-platform"]),
    row("GPU VM", VM, "`data`, `secrets`: the node is not told", "nothing", data={"checkpoints": "read"}),
    row("GPU VM", VM, "`nodes`: one machine to a group", "replace", nodes=2, fabric="none"),
    row("GPU group", GROUP, "`nodes`, more", "update", nodes=3),
    row("GPU group", GROUP, "`nodes`, fewer", "update", nodes=(3, 2)),
    row("GPU group", GROUP, "`machine_type`", "replace", machine_type="g6.2xlarge"),
    row("GPU group", GROUP, "`capacity`: on-demand to spot", "replace", capacity=[SPOT]),
    row("GPU group", GROUP, "`boot_disk.gib`", "replace", boot_disk={"gib": 300}),
    row("GPU group", GROUP, "`access`", "grants", access=[*ROLES, "iam-role:ml-platform"]),
    row("training job", JOB, "`run`, raised", "replace", run=2),
    row("training job", JOB, "`run`, raised, and anything else", "replace", run=2, env={"EPOCHS": "4"}),
    row("training job", JOB, "`wait_for`", "update", wait_for="submitted"),
    row("notebook", NOTEBOOK, "`machine_type`", "update", machine_type="g6.2xlarge"),
    row("notebook", NOTEBOOK, "`idle.after`", "update", idle={"after": "2h", "then": "stop"}),
    row("notebook", NOTEBOOK, "`access`", "grants", access=[*ROLES, "iam-role:ml-platform"]),
)
AZURE = (
    row("GPU VM", AZURE_VM, "`machine_type`", "replace", machine_type="Standard_NC8as_T4_v3"),
    row("GPU VM", AZURE_VM, "`capacity`: on-demand to spot", "replace", capacity=[SPOT]),
    row("GPU VM", AZURE_VM, "`image`", "replace", image="ubuntu-hpc-2204"),
    row("GPU VM", AZURE_VM, "`boot_disk.gib`", "replace", boot_disk={"gib": 300}),
    row(
        "GPU VM", AZURE_VM, "`access`", "grants", access=[GROUP_OF_PEOPLE, "user:7c9e6679-7425-40de-944b-e07fc1f90ae7"]
    ),
    row("GPU VM", AZURE_VM, "`data`, `secrets`: the node is not told", "nothing", data={"corpus": "read"}),
    row("GPU group", SET, "`nodes`, more", "update", nodes=3),
    row("GPU group", SET, "`capacity`: on-demand to spot", "replace", capacity=[SPOT]),
    row("GPU group", SET, "`image`", "replace", image="ubuntu-hpc-2204"),
    row("training job", AZURE_JOB, "`run`, raised", "replace", run=2),
    row("training job", AZURE_JOB, "`run`, raised, and anything else", "replace", run=2, env={"EPOCHS": "4"}),
    row("training job", AZURE_JOB, "`wait_for`", "update", wait_for="submitted"),
    row("notebook", AZURE_NOTEBOOK, "`machine_type`", "replace", machine_type="Standard_NC8as_T4_v3"),
    row("notebook", AZURE_NOTEBOOK, "`idle.after`", "replace", idle={"after": "2h", "then": "stop"}),
)
ROWS = (*GOOGLE, *AMAZON, *AZURE)
REFUSED = (
    row("training job", JOB, "`env` or `command`, same `run`", "refused", says=AGAIN, env={"EPOCHS": "4"}),
    row("training job", AZURE_JOB, "`env` or `command`, same `run`", "refused", says=AGAIN, env={"EPOCHS": "4"}),
    row("training job", JOB, "`run`, lowered", "refused", says="a run is never taken back", run=(2, 1)),
)
# What another `cost_center` of the stack does, by cloud and thing: it stands in tags and labels.
TAGGED = (
    ("aws", "GPU VM", "update"),
    ("aws", "GPU group", "replace"),
    ("aws", "notebook", "update"),
    ("azure", "GPU VM", "update"),
    ("azure", "GPU group", "update"),
    ("azure", "notebook", "update"),
)
ALL = (*ROWS, *REFUSED)
# What holds a workload's machine, and what holds a notebook's end.
HOLDERS = (
    "gcp:compute/instance:Instance",
    "gcp:compute/instanceGroupManager:InstanceGroupManager",
    "trainyard:gcp:VertexCustomJob",
    "gcp:workbench/instance:Instance",
    "aws:ec2/instance:Instance",
    "aws:autoscaling/group:Group",
    "trainyard:aws:SagemakerTrainingJob",
    "aws:sagemaker/notebookInstance:NotebookInstance",
    "aws:sagemaker/notebookInstanceLifecycleConfiguration:NotebookInstanceLifecycleConfiguration",
    "azure-native:compute:VirtualMachine",
    "azure-native:compute:VirtualMachineScaleSet",
    "trainyard:azure:MlJob",
    "azure-native:machinelearningservices:Compute",
)


def file(yard: Yard, name: str) -> Path:
    return yard.folder / "stacks" / f"Pulumi.{name}.yaml"


def write(yard: Yard, changed: tuple[Row, ...] = (), **stack: str) -> None:
    """The stack's file, with these rows' changes made."""
    standing = {
        name: {**deepcopy(each.asked), **each.before, **(each.edit if each in changed else {})}
        for name, each in names(ALL).items()
    }
    if stack:  # a job's tags are part of what it was started with
        for each in standing.values():
            each.update({"run": each["run"] + 1} if each["kind"] == "training-job" else {})
    settings = {
        "stack": {**OWNED, "layer": "compute", **stack},
        "lease": {"ttl": "4h", "extend_to": "10h", "cap_usd": 9000, "at_limit": "stop"},
        "workloads": standing,
    }
    file(yard, NAME).write_text(yaml.safe_dump({"config": {"trainyard:settings": settings}}, sort_keys=False))


def run(yard: Yard, *arguments: str) -> Result:
    result = yard.pulumi(*arguments, "--stack", NAME)
    assert result.code == 0, result.text
    return result


def told(yard: Yard) -> dict[str, str]:
    """What the engine says that a change does, by workload."""
    return done_to_rows(run(yard, "preview", "--json").text, HOLDERS)


@pytest.fixture(scope="module")
def clouds(yard: Yard) -> Iterator[Yard]:
    """The yard with an environment over three clouds, whose base is up."""

    def environment(told: dict[str, Any]) -> None:
        told["aws"] = {"account": "123456789012"}
        told["azure"] = {
            "subscription": "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
            "resource_group": "acme-ml-changes",
            "tenant": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        }
        told["limits"] |= {"regions": ["europe"], "max_cap_usd": 100_000}

    def base() -> None:
        bucket = {"kind": "bucket", "region": "eu-central-1"}
        sections = {
            "gcp": {"network": {"regions": {"europe-west4": "10.10.0.0/20"}}},
            "aws": {"network": {"regions": {"eu-central-1": "10.40.0.0/16"}}, "data": {"checkpoints": bucket}},
            "azure": {
                "resource_group": {"region": "westeurope"},
                "network": {"regions": {"westeurope": "10.60.0.0/16"}},
                "data": {"corpus": {"kind": "bucket", "region": "westeurope"}},
                "workspace": {"region": "westeurope"},
            },
        }
        settings = {"stack": {**OWNED, "layer": "base"}, "base": sections}
        file(yard, BASE).write_text(yaml.safe_dump({"config": {"trainyard:settings": settings}}, sort_keys=False))

    with base_lab(yard, BASE, ENVIRONMENT, environment, base):
        yield yard


@pytest.fixture
def stack(clouds: Yard) -> Iterator[Yard]:
    """The stack made, and nothing of it left afterwards, on any cloud."""
    write(clouds)
    run(clouds, "stack", "init")
    yield clouds
    run(clouds, "destroy", "--yes", "--skip-preview")
    for scope in SCOPES:
        assert open_scope(scope, clouds.sandbox).list_billable(ID) == ()
    run(clouds, "stack", "rm", "--yes")


def cloud_of(each: Row) -> str:
    return str(each.asked["where"][0]["cloud"])


def test_what_each_change_does_on_each_cloud_of_one_lease(stack: Yard) -> None:
    run(stack, "up", "--yes", "--skip-preview")
    run(stack, "preview", "--expect-no-changes")
    for each in REFUSED:
        write(stack, (each,))
        refused = stack.pulumi("preview", "--stack", NAME)
        assert refused.code != 0, each.change
        assert each.says in refused.text

    write(stack, ROWS)
    found = told(stack)
    expected = {name: each.does for name, each in names(ROWS).items()}
    assert {name: found.get(name, "nothing") for name in expected} == expected
    run(stack, "up", "--yes", "--skip-preview")
    run(stack, "preview", "--expect-no-changes")
    run(stack, "refresh", "--yes")  # how far the jobs are has gone on meanwhile
    run(stack, "refresh", "--yes", "--expect-no-changes")

    write(stack, ROWS, cost_center="ml-platform")
    found = told(stack)
    tagged = {
        (cloud_of(each), "GPU group" if "nodes" in each.edit else each.thing, found.get(name))
        for name, each in names(ROWS).items()
    }
    assert {each for each in tagged if each[0] != "gcp" and each[1] != "training job"} == set(TAGGED)


def lines() -> Iterator[str]:
    """The document's table."""
    yield "| cloud | what | change | what happens |"
    yield "| --- | --- | --- | --- |"
    rows = [(CLOUDS[cloud_of(each)], each.thing, each.change, each.does) for each in (*AMAZON, *AZURE, *REFUSED)]
    rows += [(CLOUDS[cloud], thing, "the stack's `cost_center`", does) for cloud, thing, does in TAGGED]
    order = list(dict.fromkeys(each[:2] for each in rows))
    for cloud, thing, change, does in sorted(rows, key=lambda each: order.index(each[:2])):
        yield f"| {cloud} | {thing} | {change} | {WORDS[does]} |"


def test_the_document_says_what_was_tested_on_aws_and_azure() -> None:
    _, _, text = DOCUMENT.read_text(encoding="utf-8").partition(HEADING)
    assert [line for line in text.splitlines() if line.startswith("|")] == list(lines())
