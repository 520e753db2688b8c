"""A GPU VM on AWS that cannot be is told at its line, before any engine runs."""

from pathlib import Path

import pytest

from tests.settings.conftest import told, written

ENVIRONMENT = """\
schema: 1
base: dev-base
leases: file://leases
protect: true
aws: { account: "123456789012" }
limits: { max_ttl: 14d, max_cap_usd: 200000, regions: [europe], policies: advise }
contacts: { ml-research: ml-research@acme.example, ml-platform: ml-platform@acme.example }
"""
BASE = """\
config:
  trainyard:settings:
    stack: { schema: 1, environment: dev, layer: base, owner: ml-platform, cost_center: ml-platform }
    base: { aws: { network: { regions: { eu-central-1: 10.40.0.0/16, eu-north-1: 10.41.0.0/16 } } } }
"""
STACK = """\
config:
  trainyard:settings:
    stack: {{ schema: 1, environment: dev, layer: compute, owner: ml-research, cost_center: ml-research }}
    lease: {{ ttl: 1h, extend_to: 2h, cap_usd: 100000 }}
    workloads:
      bench:
        kind: gpu-vm
        where: [ {{ cloud: aws, regions: [europe] }} ]
        {lines}
"""


def complaints(folder: Path, *lines: str) -> list[str]:
    return told(written(folder, ENVIRONMENT, BASE, STACK, lines))


RESERVATION = "cr-0123456789abcdef0"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("accelerator: L4:1", "machine_type: g6.xlarge", "nodes: 2"), "nodes: g6.xlarge has no EFA"),
        (("accelerator: T4G:1", "nodes: 2"), "give fabric: none to do without one"),
        (("accelerator: GB200:4",), "UltraServers"),
        (("accelerator: H100:8", "machine_type: ml.p5.48xlarge"), "p5.48xlarge"),
        (("accelerator: L4:1", "machine_type: hyperpod"), "SageMaker HyperPod keeps a cluster that repairs itself"),
        (("accelerator: L4:1", f"capacity: [ {{ kind: block, id: {RESERVATION} }} ]"), "not sold as block"),
        (("accelerator: H100:8", "capacity: [ flex-start ]"), "flex-start"),
        (
            ("accelerator: H100:8", f"capacity: [ {{ kind: reserved, id: {RESERVATION}, bound: true }} ]"),
            "capacity: no machine on AWS ends with its reservation",
        ),
        (("accelerator: T4G:1", "image: dlami-base-ubuntu-2404"), "image: dlami-base-ubuntu-2404 is for x86_64"),
        (("accelerator: L4:1", "local_ssd: 1"), "local disks come with the machine type on aws; leave the key out"),
        (("accelerator: L4:1", 'access: ["group:ml@acme.example"]'), "is in the words of a cloud on which it does not"),
    ],
)
def test_what_aws_cannot_build_is_told_with_the_way_on(tmp_path: Path, lines: tuple[str, ...], said: str) -> None:
    found = complaints(tmp_path, *lines)
    assert any(said in line for line in found), found


@pytest.mark.parametrize(
    "lines",
    [
        ("accelerator: L4:1",),
        ("accelerator: H100:8", "nodes: 4", "capacity: [ spot, on-demand ]"),
        ("accelerator: L4:1", "nodes: 2", "fabric: none"),
        ("accelerator: T4G:1", "image: dlami-base-ubuntu-2204-arm64"),
        ("accelerator: H100:8", f"capacity: [ {{ kind: reserved, id: {RESERVATION} }} ]"),
        ("accelerator: L4:1", 'access: ["iam-role:ml-research"]'),
    ],
)
def test_what_aws_can_build_is_taken(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert complaints(tmp_path, *lines) == []
