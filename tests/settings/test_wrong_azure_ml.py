"""A training job or notebook on Azure Machine Learning that cannot be is told before any engine runs."""

from pathlib import Path

import pytest

from tests.settings.conftest import told, written
from tests.settings.test_wrong_azure import BASE, ENVIRONMENT

TENANT = ENVIRONMENT.replace("acme-ml-dev }", "acme-ml-dev, tenant: 3fa85f64-5717-4562-b3fc-2c963f66afa6 }", 1)
PLAIN_BASE = BASE.partition("    base:")[0] + (
    """\
    base:
      azure:
        network: { regions: { westeurope: 10.60.0.0/16, swedencentral: 10.61.0.0/16 } }
        data:
          corpus: { kind: bucket, region: westeurope }
          points: { kind: bucket, region: westeurope }
"""
)
WORKSPACE = "        workspace: { region: westeurope }\n"
STACK = """\
config:
  trainyard:settings:
    stack: {{ schema: 1, environment: dev, layer: compute, owner: ml-research, cost_center: ml-research }}
    lease: {{ ttl: 1h, extend_to: 2h, cap_usd: 100000 }}
    workloads:
      bench:
        accelerator: T4:1
        where: [ {{ cloud: azure, regions: [europe] }} ]
        {lines}
"""
IMAGE = f"container: acme.azurecr.io/train@sha256:{'a' * 64}"
PRICE = "capacity: [ { kind: on-demand, usd_hour: 2 } ]"
JOB = ("kind: training-job", IMAGE, "command: [ python, train.py ]", "data: { points: write }", PRICE)
USER = "access: [ 'user:3fa85f64-5717-4562-b3fc-2c963f66afa6' ]"
IDLE = "idle: { after: 30m, then: stop }"
NOTEBOOK = ("kind: notebook", PRICE, USER, IDLE)


def complaints(
    folder: Path, lines: tuple[str, ...], base: str = PLAIN_BASE + WORKSPACE, environment: str = TENANT
) -> str:
    return "\n".join(told(written(folder, environment, base, STACK, lines)))


def without(lines: tuple[str, ...], *starts: str) -> tuple[str, ...]:
    return tuple(each for each in lines if not each.startswith(starts))


def test_a_right_job_and_a_right_notebook_are_taken(tmp_path: Path) -> None:
    (tmp_path / "job").mkdir()
    (tmp_path / "notebook").mkdir()
    assert complaints(tmp_path / "job", JOB) == ""
    assert complaints(tmp_path / "notebook", NOTEBOOK) == ""


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((*without(JOB, "container"), "container: acme.azurecr.io/train"), "give its digest"),
        (without(JOB, "command"), "runs a command in the container, never its own"),
        ((*JOB, "env: { RANK: '0' }"), "is set by Azure Machine Learning or Trainyard itself"),
        ((*JOB, "secrets: { HF_TOKEN: 'azure-secret://a/b' }"), "write azure-secret://<vault>/<name>"),
        ((*without(JOB, "data", "capacity"), "capacity: [ { kind: spot, usd_hour: 1 } ]"), "writes to no data set"),
        ((*without(JOB, "capacity"), "capacity: [ { kind: reserved, id: week } ]"), "takes no reserved machines"),
        ((*JOB, "on_preemption: { retries: 3 }"), "takes no number; remove the key"),
        ((*JOB, "tensorboard: true"), "write to no TensorBoard"),
        ((*JOB, "nodes: 101"), "at most 100 nodes"),
        ((*JOB, "nodes: 2"), 'has no InfiniBand, which only sizes with an "r" have'),
        ((*JOB, "nodes: 2", "fabric: none"), "are joined by InfiniBand; leave fabric out"),
        (without(NOTEBOOK, "idle"), "a notebook that nobody works in bills on"),
        ((*without(NOTEBOOK, "idle"), "idle: { after: 5m, then: stop }"), "15 minutes to 3 days"),
        ((*without(NOTEBOOK, "idle"), "idle: { after: 30m, then: end }"), "keeps its disk; give then: stop"),
        (without(NOTEBOOK, "access"), "is one person's and cannot be shared"),
        ((*without(NOTEBOOK, "access"), USER.replace("user:", "group:")), "is one person's and cannot be shared"),
        ((*NOTEBOOK, "data: { corpus: read }"), "its user reads data as themselves"),
        ((*without(NOTEBOOK, "capacity"), "capacity: [ spot ]"), "on-demand only, spot is not sold"),
    ],
)
def test_what_azure_machine_learning_does_not_do_is_refused(tmp_path: Path, lines: tuple[str, ...], said: str) -> None:
    assert said in complaints(tmp_path, lines)


@pytest.mark.parametrize("lines", [JOB, NOTEBOOK])
def test_both_need_a_workspace(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert "the base has none; give it base.azure.workspace" in complaints(tmp_path, lines, PLAIN_BASE)


def test_both_are_where_the_workspace_is(tmp_path: Path) -> None:
    elsewhere = PLAIN_BASE + WORKSPACE.replace("westeurope", "swedencentral")
    stack = STACK.replace("regions: [europe]", "regions: [westeurope]")
    found = "\n".join(told(written(tmp_path, TENANT, elsewhere, stack, JOB)))
    assert "the base's workspace is in swedencentral, not in westeurope" in found


def test_a_notebooks_person_is_of_a_directory(tmp_path: Path) -> None:
    assert "names none; give it azure: { tenant: … }" in complaints(tmp_path, NOTEBOOK, environment=ENVIRONMENT)
