"""Training jobs that no cloud can run, one wrong thing at a time, and every line that is said about each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trainyard.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable

    Edits = dict[str, str]

JOB = """\
        kind: training-job
        container: europe-docker.pkg.dev/acme/train/llama@sha256:{digest}
        env: {{ EPOCHS: '3' }}
        data: {{ checkpoints: write }}
        run: 1
""".format(digest="9f" * 32)
AT = "stacks/Pulumi.dev.yaml"
DIGEST = "9f" * 32

WRONG: dict[str, tuple[Edits, list[str]]] = {
    "a container without digest or tag": (
        {f"@sha256:{DIGEST}": ""},
        [
            f'{AT}:16: workloads.bench.container: "europe-docker.pkg.dev/acme/train/llama" names no container that '
            "stays what it is; give its digest, europe-docker.pkg.dev/<project>/<repository>/<image>@sha256:<64 hex>, "
            "or at least a tag."
        ],
    ),
    "a variable that Vertex AI sets itself": (
        {"EPOCHS": "AIP_MODEL_DIR"},
        [
            f"{AT}:17: workloads.bench.env.AIP_MODEL_DIR: AIP_MODEL_DIR is set by Vertex AI or Trainyard itself; give "
            "your variable another name."
        ],
    ),
    "a secret of another form": (
        {"        run: 1\n": "        secrets: { HF_TOKEN: 'gcp-secret://hf-token' }\n"},
        [
            f'{AT}:19: workloads.bench.secrets.HF_TOKEN: "gcp-secret://hf-token" is no reference to a secret of '
            "Google Cloud; write gcp-secret://<project>/<name>, or gcp-secret://<project>/<name>/<version>."
        ],
    ),
    "a spot job whose work would be lost": (
        {"checkpoints: write": "checkpoints: read"},
        [
            f"{AT}:24: workloads.bench.capacity[0]: a spot job may end at any moment, and this one writes to no data "
            "set; give data: { checkpoints: write }, or another capacity."
        ],
    ),
    "retries without anything written": (
        {
            "checkpoints: write": "checkpoints: read",
            "[spot, on-demand]": "[on-demand]",
            "run: 1": "on_preemption: { retries: 3 }",
        },
        [
            f"{AT}:19: workloads.bench.on_preemption.retries: a run that starts again needs data that it writes its "
            "checkpoints to; give data: { checkpoints: write }, or remove the key."
        ],
    ),
    "a run that is none": (
        {"run: 1": "run: 0"},
        [f"{AT}:19: workloads.bench.run: 0 is not allowed; expected a whole number; raise it to run again."],
    ),
    "a wait for what never comes": (
        {"run: 1": "wait_for: done"},
        [f'{AT}:19: workloads.bench.wait_for: "done" is not allowed; expected submitted, running or finished.'],
    ),
    "queued capacity": (
        {"[spot, on-demand]": "[{ kind: queued, valid_until: 1h }]"},
        [
            f"{AT}:24: workloads.bench.capacity[0]: queued is no way to have a job; give on-demand, spot, flex-start, "
            "reserved."
        ],
    ),
    "TPUs that Vertex AI's API does not know": (
        {"A100:1": "v6e:8", "[spot, on-demand]": "[on-demand]"},
        [
            f"{AT}:20: workloads.bench.accelerator: v6e with 8 v6e: Vertex AI's jobs cannot ask for TPU v6e: its API "
            "ends with v5e (kind tpu-node has it); give another accelerator or machine_type."
        ],
    ),
    "TPUs on several machines": (
        {"A100:1": "v5e:8", "[spot, on-demand]": "[on-demand]", "run: 1": "nodes: 2"},
        [
            f"{AT}:19: workloads.bench.nodes: a job on several machines with TPUs is not built; give 1, or use kind "
            "tpu-node for a slice."
        ],
    ),
    "flex-start for more than seven days": (
        {"ttl: 12h": "ttl: 8d", "extend_to: 24h": "extend_to: 9d", "[spot, on-demand]": "[flex-start]"},
        [
            f"{AT}:24: workloads.bench.capacity[0]: flex-start machines on gcp run at most 7d, and lease.extend_to is "
            "9d; give extend_to of at most 7d, or another capacity."
        ],
    ),
}


@pytest.fixture
def job(folder: Path) -> Path:
    """The folder with a training job in place of the machine, and its data in the base."""
    stack, base = folder / "Pulumi.dev.yaml", folder / "Pulumi.dev-base.yaml"
    stack.write_text(stack.read_text().replace("        kind: gpu-vm\n", JOB))
    base.write_text(base.read_text() + "        data: { checkpoints: { kind: bucket, location: europe-west4 } }\n")
    return folder


def test_the_job_itself_is_right(job: Path) -> None:
    assert load(job, "dev").workloads["bench"].kind == "training-job"


@pytest.mark.parametrize(("edits", "expected"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_job_is_named_with_its_line_and_what_is_allowed(
    job: Path, complaints: Callable[..., list[str]], edits: Edits, expected: list[str]
) -> None:
    assert complaints(edits) == expected


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("{ kind: lustre, zone: europe-west4-a, gib: 18000 }", "private_services"),
        ("{ kind: disk, zone: europe-west4-a, gib: 100 }", "is a disk, which no training-job attaches"),
        ("{ kind: filestore, location: europe-west4-a, gib: 1024 }", "private_services"),
    ],
)
def test_data_that_a_job_cannot_reach_is_refused(
    job: Path, complaints: Callable[..., list[str]], data: str, words: str
) -> None:
    base = job / "Pulumi.dev-base.yaml"
    base.write_text(base.read_text().replace("{ kind: bucket, location: europe-west4 }", data))
    assert any(words in line for line in complaints({}))
