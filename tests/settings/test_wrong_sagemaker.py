"""A training job or notebook on SageMaker that cannot be is told before any engine runs."""

from pathlib import Path

import pytest

from tests.settings.conftest import told, written
from tests.settings.test_wrong_aws import BASE, ENVIRONMENT

DATA = """\
    base:
      aws:
        network: { regions: { eu-central-1: 10.40.0.0/16 } }
        data:
          corpus: { kind: bucket, region: eu-central-1 }
          points: { kind: bucket, region: eu-central-1 }
"""
STACK = """\
config:
  trainyard:settings:
    stack: {{ schema: 1, environment: dev, layer: compute, owner: ml-research, cost_center: ml-research }}
    lease: {{ ttl: 1h, extend_to: 2h, cap_usd: 100000 }}
    workloads:
      bench:
        accelerator: A10G:1
        where: [ {{ cloud: aws, regions: [eu-central-1] }} ]
        {lines}
"""
IMAGE = f"container: 123456789012.dkr.ecr.eu-central-1.amazonaws.com/train@sha256:{'a' * 64}"
JOB = ("kind: training-job", IMAGE, "data: { points: write }", "capacity: [ { kind: on-demand, usd_hour: 2 } ]")
NOTEBOOK = ("kind: notebook", "capacity: [ { kind: on-demand, usd_hour: 2 } ]")


def complaints(folder: Path, lines: tuple[str, ...]) -> str:
    return "\n".join(told(written(folder, ENVIRONMENT, BASE.partition("    base:")[0] + DATA, STACK, lines)))


def test_a_right_job_and_a_right_notebook_are_taken(tmp_path: Path) -> None:
    (tmp_path / "job").mkdir()
    (tmp_path / "notebook").mkdir()
    assert complaints(tmp_path / "job", JOB) == ""
    assert complaints(tmp_path / "notebook", (*NOTEBOOK, "idle: { after: 30m, then: stop }")) == ""


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((JOB[0], "container: docker.io/library/python:3", *JOB[2:]), "give one of ECR"),
        ((*JOB[:2], "data: { corpus: read }", JOB[3]), "writes checkpoints and results to one bucket"),
        ((*JOB[:2], "data: { corpus: write, points: write }", JOB[3]), "corpus, points were asked for to write"),
        ((*JOB[:2], "data: { corpus: read }", "capacity: [ spot ]"), "a spot job may end at any moment"),
        ((*JOB, "env: { SM_HOSTS: '1' }"), "is set by SageMaker or Trainyard itself"),
        ((*JOB, "tensorboard: true"), "write to no TensorBoard"),
        ((*JOB, "machine_type: g5g.xlarge"), "g5g.xlarge"),
        (NOTEBOOK, "a notebook that nobody works in bills on"),
        ((*NOTEBOOK, "idle: { after: 1m, then: stop }"), "10 to 1440 minutes"),
        ((*NOTEBOOK, "idle: { after: 30m, then: end }"), "keeps its volume; give stop"),
        ((NOTEBOOK[0], "capacity: [ spot ]", "idle: { after: 30m, then: stop }"), "only on-demand"),
    ],
)
def test_what_sagemaker_does_not_do_is_refused(tmp_path: Path, lines: tuple[str, ...], said: str) -> None:
    assert said in complaints(tmp_path, lines)
