"""A GPU VM on Azure that cannot be is told at its line, before any engine runs."""

from pathlib import Path

import pytest

from tests.settings.conftest import told, written

ENVIRONMENT = """\
schema: 1
base: dev-base
leases: file://leases
protect: true
azure: { subscription: 1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed, resource_group: acme-ml-dev }
limits: { max_ttl: 14d, max_cap_usd: 200000, regions: [europe], policies: advise }
contacts: { ml-research: ml-research@acme.example, ml-platform: ml-platform@acme.example }
"""
BASE = """\
config:
  trainyard:settings:
    stack: { schema: 1, environment: dev, layer: base, owner: ml-platform, cost_center: ml-platform }
    base: { azure: { network: { regions: { westeurope: 10.60.0.0/16, swedencentral: 10.61.0.0/16 } } } }
"""
STACK = """\
config:
  trainyard:settings:
    stack: {{ schema: 1, environment: dev, layer: compute, owner: ml-research, cost_center: ml-research }}
    lease: {{ ttl: 1h, extend_to: 2h, cap_usd: 100000 }}
    workloads:
      bench:
        kind: gpu-vm
        where: [ {{ cloud: azure, regions: [europe] }} ]
        {lines}
"""


def complaints(folder: Path, *lines: str) -> list[str]:
    return told(written(folder, ENVIRONMENT, BASE, STACK, lines))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("accelerator: T4:1", "nodes: 2"), "nodes: Standard_NC4as_T4_v3 has no InfiniBand, which only sizes with an"),
        (("accelerator: H100:1", "nodes: 2"), "take Standard_ND96isr_H100_v5, or one node."),
        (("accelerator: H100:8", "nodes: 101"), "nodes: 101 nodes are more than one placement group holds"),
        (("accelerator: H100:8", "nodes: 2", "fabric: none"), "fabric: several nodes on Azure are one scale set"),
        (
            ("accelerator: H100:8", "nodes: 2", "capacity: [ { kind: reserved, id: week } ]"),
            "capacity: a scale set in a single placement group, which InfiniBand asks for, uses no capacity reserv",
        ),
        (
            ("accelerator: A10:1", "image: ubuntu-hpc-2404"),
            'need its GRID driver; leave image out for "ubuntu-2204"',
        ),
        (("accelerator: H100:8", "nodes: 2", "image: ubuntu-2204"), "brings no drivers for InfiniBand"),
        (("accelerator: GB200:4",), "is arm64 with Grace CPUs"),
        (("machine_type: Standard_NCC40ads_H100_v5", "accelerator: H100:1"), "is a confidential machine"),
        (("accelerator: T4:1", "capacity: [ flex-start ]"), "flex-start"),
        (("accelerator: T4:1", "local_ssd: 1"), "local disks come with the machine type on azure; leave the key out"),
        (("accelerator: T4:1", 'access: ["group:ml@acme.example"]'), "is in the words of a cloud on which it does not"),
    ],
)
def test_what_azure_cannot_build_is_told_with_the_way_on(tmp_path: Path, lines: tuple[str, ...], said: str) -> None:
    found = complaints(tmp_path, *lines)
    assert any(said in line for line in found), found


@pytest.mark.parametrize(
    "lines",
    [
        ("accelerator: T4:1",),
        ("accelerator: H100:8", "nodes: 16", "capacity: [ spot, on-demand ]"),
        ("accelerator: MI300X:8",),
        ("accelerator: A10:1", "image: ubuntu-2204"),
        ("accelerator: A100:8", "capacity: [ { kind: reserved, id: week } ]"),
    ],
)
def test_what_azure_can_build_is_taken(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert complaints(tmp_path, *lines) == []
