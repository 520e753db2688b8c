"""Persistent resources and jobs on them that cannot be, and jobs whose TensorBoard is elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trainyard.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable

WARM = """\
        kind: persistent-resource
        nodes: 2
        max_nodes: 4
"""
TUNE = """\
      tune:
        kind: training-job
        runs_on: bench
        accelerator: A100:1
        nodes: 2
        container: europe-docker.pkg.dev/acme/train/llama@sha256:{digest}
        where:
          - cloud: gcp
            regions: [europe-west4, us-central1]
""".format(digest="9f" * 32)


@pytest.fixture
def warm(folder: Path) -> Path:
    """The folder with a persistent resource in place of the machine, and a job on it."""
    stack = folder / "Pulumi.dev.yaml"
    text = stack.read_text().replace("        kind: gpu-vm\n", WARM)
    stack.write_text(text.replace("[spot, on-demand]", "[on-demand]") + TUNE)
    return folder


def test_the_two_of_them_are_right(warm: Path) -> None:
    assert load(warm, "dev").workloads["tune"].kind == "training-job"


@pytest.mark.parametrize(
    ("edits", "says"),
    [
        ({"max_nodes: 4": "max_nodes: 2"}, "workloads.bench.max_nodes: 2 is not over nodes 2; give more"),
        ({"[on-demand]": "[spot]"}, "workloads.bench.capacity[0]: spot is no way to have a persistent resource"),
        (
            {"[on-demand]": "[{ kind: reserved, id: week }]"},
            "workloads.bench.capacity[0]: reserved is no way to have a persistent resource; give on-demand.",
        ),
        ({"runs_on: bench": "runs_on: bensh"}, '"bensh" is no persistent-resource of this stack; there is bench.'),
        ({"runs_on: bench": "runs_on: tune"}, '"tune" is no persistent-resource of this stack'),
        (
            {"runs_on: bench\n        accelerator: A100:1": "runs_on: bench\n        accelerator: L4:1"},
            "workloads.tune.accelerator: is not that of bench",
        ),
        (
            {"runs_on: bench\n": "runs_on: bench\n        capacity: [spot]\n        data: { a: write }\n"},
            "workloads.tune.capacity: the machines of bench are there and paid by it",
        ),
        (
            {"A100:1\n        nodes: 2\n        container": "A100:1\n        nodes: 5\n        container"},
            "workloads.tune.nodes: 5 are more than bench has (4)",
        ),
        ({"        nodes: 2\n        max_nodes: 4\n": "        boot_disk_gib: 50\n"}, "workloads.bench.boot_disk_gib"),
    ],
)
def test_what_vertex_ai_does_not_have_is_refused(
    warm: Path, complaints: Callable[..., list[str]], edits: dict[str, str], says: str
) -> None:
    assert any(says in line for line in complaints(edits))


def test_tpus_do_not_wait_for_jobs(warm: Path, complaints: Callable[..., list[str]]) -> None:
    stack = warm / "Pulumi.dev.yaml"
    stack.write_text(stack.read_text().replace("A100:1", "v5e:8"))
    assert any("is a TPU, which no persistent-resource has" in line for line in complaints({}))


BOARD = "        tensorboard: { region: europe-west4 }\n"
POINTS = "        data: { points: { kind: bucket, location: europe-west4 } }\n"
JOB = """\
        kind: training-job
        container: europe-docker.pkg.dev/acme/train/llama@sha256:{digest}
        tensorboard: true
        data: {{ points: write }}
""".format(digest="9f" * 32)


@pytest.mark.parametrize(
    ("base", "edits", "says"),
    [
        (BOARD + POINTS, {"[europe-west4, us-central1]": "[europe-west4]"}, None),
        (BOARD + POINTS, {}, "takes no job of another region; give regions: [europe-west4]."),
        (POINTS, {}, "the base has no TensorBoard"),
        (
            BOARD + POINTS,
            {"[europe-west4, us-central1]": "[europe-west4]", "points: write": "points: read", "[spot, ": "["},
            "its logs are written to a bucket",
        ),
        (
            BOARD + POINTS.replace("west4 }", "west1 }"),
            {"[europe-west4, us-central1]": "[europe-west4]"},
            "lies in europe-west1; the TensorBoard takes logs in europe-west4 only",
        ),
    ],
)
def test_job_tensorboard_and_bucket_lie_in_one_region(
    folder: Path, complaints: Callable[..., list[str]], base: str, edits: dict[str, str], says: str | None
) -> None:
    stack, file = folder / "Pulumi.dev.yaml", folder / "Pulumi.dev-base.yaml"
    stack.write_text(stack.read_text().replace("        kind: gpu-vm\n", JOB))
    file.write_text(file.read_text() + base)
    if says is None:
        for old, new in edits.items():
            stack.write_text(stack.read_text().replace(old, new))
        assert load(folder, "dev").workloads["bench"].kind == "training-job"
    else:
        assert any(says in line for line in complaints(edits))
