"""Keys, repositories and data sets of a base on AWS that cannot be, and workloads that cannot use them so."""

from pathlib import Path

import pytest

from tests.settings.conftest import told, written
from tests.settings.test_wrong_aws import ENVIRONMENT

BASE = """\
config:
  trainyard:settings:
    stack: {{ schema: 1, environment: dev, layer: base, owner: ml-platform, cost_center: ml-platform }}
    base:
      aws:
        network: {{ regions: {{ eu-central-1: 10.40.0.0/16, eu-north-1: 10.41.0.0/16 }} }}
        {lines}
"""
HELD = (
    "keys: { eu-central-1: { rotation_days: 180 } }",
    "repositories: { train: { region: eu-central-1 } }",
    "data:",
    "  checkpoints: { kind: bucket, region: eu-central-1 }",
    "  fast: { kind: lustre, zone: euc1-az2, gib: 1200 }",
    "  wide: { kind: lustre, id: fs-0123456789abcdef0, zone: euc1-az2, mount_name: abcdef }",
    "  work: { kind: disk, zone: euc1-az2, gib: 500 }",
    "  old: { kind: disk, id: vol-0123456789abcdef0, zone: euc1-az2 }",
)
STACK = """\
config:
  trainyard:settings:
    stack: {{ schema: 1, environment: dev, layer: compute, owner: ml-research, cost_center: ml-research }}
    lease: {{ ttl: 1h, extend_to: 2h, cap_usd: 100000 }}
    workloads:
      {lines}
"""
HERE, ZONE = "where: [{ cloud: aws, regions: [eu-central-1] }]", "where: [{ cloud: aws, zones: [euc1-az2] }]"
EUROPE = "where: [{ cloud: aws, regions: [europe] }]"
IMAGE = f"container: 123456789012.dkr.ecr.eu-central-1.amazonaws.com/train@sha256:{'a' * 64}"


def of_base(folder: Path, *lines: str) -> str:
    base = BASE.format(lines="\n        ".join(lines))
    return "\n".join(told(written(folder, ENVIRONMENT, base, STACK, ()), "dev-base"))


def of_stack(folder: Path, *workloads: str) -> str:
    lines = tuple(f"w{number}: {{ {workload} }}" for number, workload in enumerate(workloads))
    stack = STACK.format(lines="\n      ".join(lines)).replace("{", "{{").replace("}", "}}")
    return "\n".join(told(written(folder, ENVIRONMENT, BASE.format(lines="\n        ".join(HELD)), stack, ())))


def test_a_base_with_all_of_it_is_taken(tmp_path: Path) -> None:
    assert of_base(tmp_path, *HELD) == ""


def data(value: str) -> str:
    return f"data: {{ fast: {{ {value} }} }}"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (data("kind: lustre, zone: euc1-az2, gib: 600"), "fast.gib: FSx for Lustre persistent-2 has 1200 GiB or more"),
        (data("kind: lustre, zone: euc1-az2, gib: 600"), "600 were asked for; give 1200."),
        (data("kind: lustre, zone: euc1-az2, gib: 3000"), "1200 GiB or a multiple of 2400, 3000 were asked for; give"),
        (
            data("kind: lustre, zone: euc1-az2, gib: 1800, type: persistent-1-hdd, mb_per_s_per_tib: 12"),
            "has 6000 GiB or more, 1800 were asked for; give 6000.",
        ),
        (
            data("kind: lustre, zone: euc1-az2, gib: 1200, mb_per_s_per_tib: 200"),
            "fast.mb_per_s_per_tib: FSx for Lustre persistent-2 has no 200 MB/s per TiB; give one of 125, 250, 500",
        ),
        (
            data("kind: lustre, zone: euc1-az2, gib: 1200, type: scratch-2, mb_per_s_per_tib: 125"),
            "has a throughput of its own, 200 MB/s per TiB; leave it out.",
        ),
        (
            data("kind: lustre, zone: euc1-az2, gib: 1200, type: scratch-2, backup_days: 3"),
            "fast.backup_days: an FSx for Lustre scratch-2 has no backups; leave the key out, or give type:",
        ),
        (data("kind: lustre, zone: euc1-az9, gib: 1200"), '"euc1-az9" has no subnet of the network, which has euc1-az'),
        (data("kind: lustre, zone: usw2-az1, gib: 1200"), "which has regions eu-central-1, eu-north-1; give one of"),
        (data("kind: lustre, zone: eu-central-1a, gib: 1200"), "a zone's id, for example euc1-az2"),
        (data("kind: disk, zone: euc1-az2, gib: 70000"), "fast.gib: gp3 has 1 to 65536 GiB"),
        (data("kind: disk, zone: euc1-az2, gib: 100, type: io2"), "fast.iops: is missing: io2 has as many as"),
        (data("kind: disk, zone: euc1-az2, gib: 100, iops: 60000"), "gp3 of 100 GiB has 50000 at most"),
        (data("kind: disk, zone: euc1-az2, gib: 100, mib_per_s: 1000"), "need 4000 IOPS, there are 3000; give iops:"),
        (data("kind: disk, zone: euc1-az2, gib: 200, type: st1, iops: 500"), "is not chosen with st1; leave it out"),
        (data("kind: bucket, region: us-east-1"), "fast.region: is not in limits.regions"),
        (data("kind: efs, region: eu-central-1"), "of kind bucket, lustre or disk"),
        ("keys: { eu-central-1: { rotation_days: 30 } }", "a whole number of days from 90 to 2560"),
        (
            "keys: { eu-central-1: { id: 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab'"
            " } }",
            "is a key of eu-west-1; give one of eu-central-1: it encrypts there only.",
        ),
        ("keys: { us-east-1: {} }", "keys.us-east-1: is not in limits.regions"),
        ("repositories: { train: { region: us-east-1 } }", "train.region: is not in limits.regions"),
        ("repositories: { train: { id: train } }", "the repository's ARN: arn:aws:ecr:<region>:<account>:repository/"),
        (
            "repositories: { train: { id: 'arn:aws:ecr:us-east-1:123456789012:repository/train' } }",
            "train.id: is not in limits.regions",
        ),
    ],
)
def test_what_aws_does_not_have_is_refused_with_the_way_out(tmp_path: Path, line: str, said: str) -> None:
    assert said in of_base(tmp_path, line)


MACHINE = "kind: gpu-vm, accelerator: 'L4:1'"
JOB = f"kind: training-job, accelerator: 'A10G:1', {IMAGE}, capacity: [{{ kind: on-demand, usd_hour: 2 }}]"
NOTEBOOK = (
    "kind: notebook, accelerator: 'A10G:1', idle: { after: 30m, then: stop }, "
    "capacity: [{ kind: on-demand, usd_hour: 2 }]"
)


@pytest.mark.parametrize(
    "workload",
    [
        f"{MACHINE}, {HERE}, data: {{ fast: write, wide: read }}",
        f"{MACHINE}, {ZONE}, data: {{ work: write, old: read }}",
        f"{JOB}, {HERE}, data: {{ fast: write, checkpoints: write }}",
        f"{NOTEBOOK}, {HERE}, data: {{ checkpoints: read }}",
    ],
)
def test_what_reaches_its_data_is_taken(tmp_path: Path, workload: str) -> None:
    assert of_stack(tmp_path, workload) == ""


@pytest.mark.parametrize(
    ("workload", "said"),
    [
        (f"{MACHINE}, {EUROPE}, data: {{ fast: read }}", "which machines of other regions do not reach: give where:"),
        (f"{MACHINE}, {HERE}, data: {{ work: write }}", "is a disk in euc1-az2; only machines there attach it: give"),
        (f"{MACHINE}, nodes: 2, fabric: none, {ZONE}, data: {{ work: read }}", "that one machine attaches, not 2"),
        (f"{JOB}, {HERE}, data: {{ work: read, checkpoints: write }}", "is a disk, which no training-job attaches"),
        (f"{JOB}, {HERE}, data: {{ fast: write }}", "writes checkpoints and results to one bucket, none were asked"),
        (f"{JOB}, {EUROPE}, data: {{ checkpoints: write }}", "SageMaker's jobs have data of their own region only"),
        (f"{NOTEBOOK}, {HERE}, data: {{ fast: read }}", "which no notebook here mounts; name a bucket, or take a"),
        (f"{NOTEBOOK}, {HERE}, data: {{ work: read }}", "is a disk, which no notebook attaches"),
    ],
)
def test_what_cannot_reach_its_data_is_told_so(tmp_path: Path, workload: str, said: str) -> None:
    assert said in of_stack(tmp_path, workload)


def test_two_workloads_of_a_lease_cannot_have_the_same_disk(tmp_path: Path) -> None:
    said = of_stack(
        tmp_path, f"{MACHINE}, {ZONE}, data: {{ work: write }}", f"{MACHINE}, {ZONE}, data: {{ work: read }}"
    )
    assert "workloads.w0.data.work: is a disk that one machine attaches, and w1 uses it as well" in said
    assert "workloads.w1.data.work: is a disk that one machine attaches, and w0 uses it as well" in said
