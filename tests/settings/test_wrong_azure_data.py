"""Keys, a registry and data sets of a base on Azure that cannot be, and workloads that cannot use them so."""

from pathlib import Path

import pytest

from tests.settings.conftest import told, written
from tests.settings.test_wrong_azure import ENVIRONMENT as WITHOUT_TENANT

ENVIRONMENT = WITHOUT_TENANT.replace(
    "resource_group: acme-ml-dev }",
    "resource_group: acme-ml-dev, tenant: 7e1c0d4a-4f5b-4c1e-9d52-0f6f5d3a2b1c }",
)
GROUP = "/subscriptions/1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed/resourceGroups/shared/providers"
MADE = "network: { regions: { westeurope: 10.60.0.0/16, swedencentral: 10.61.0.0/24 } }"
EXISTING = f"network: {{ subnets: {{ westeurope: {GROUP}/Microsoft.Network/virtualNetworks/net/subnets/nodes }} }}"
BASE = """\
config:
  trainyard:settings:
    stack: {{ schema: 1, environment: dev, layer: base, owner: ml-platform, cost_center: ml-platform }}
    base:
      azure:
        {lines}
"""
HELD = (
    "keys: { westeurope: { rotation_days: 180 } }",
    "registry: { region: westeurope }",
    "features: [ Microsoft.Compute/EncryptionAtHost ]",
    "data:",
    "  checkpoints: { kind: bucket, region: westeurope }",
    "  fast: { kind: lustre, region: westeurope, zone: 1, tib: 8 }",
    f"  wide: {{ kind: lustre, id: {GROUP}/Microsoft.StorageCache/amlFilesystems/wide, region: westeurope, "
    "address: 10.60.200.4 }",
    "  work: { kind: disk, region: westeurope, zone: 1, gib: 500 }",
    "  more: { kind: disk, region: westeurope, zone: 1, gib: 500 }",
    f"  old: {{ kind: disk, id: {GROUP}/Microsoft.Compute/disks/old, region: westeurope, zone: 2 }}",
)
STACK = """\
config:
  trainyard:settings:
    stack: {{ schema: 1, environment: dev, layer: compute, owner: ml-research, cost_center: ml-research }}
    lease: {{ ttl: 1h, extend_to: 2h, cap_usd: 100000 }}
    workloads:
      {lines}
"""
HERE = "where: [{ cloud: azure, regions: [westeurope] }]"
EUROPE = "where: [{ cloud: azure, regions: [europe] }]"
MACHINE = "kind: gpu-vm, accelerator: 'T4:1'"
JOB = f"kind: training-job, accelerator: 'T4:1', container: acme.azurecr.io/train@sha256:{'a' * 64}"


def of_base(folder: Path, *lines: str, network: str = MADE, environment: str = ENVIRONMENT) -> str:
    base = BASE.format(lines="\n        ".join((network, *lines)))
    return "\n".join(told(written(folder, environment, base, STACK, ()), "dev-base"))


def of_stack(folder: Path, *workloads: str) -> str:
    lines = tuple(f"w{number}: {{ {workload} }}" for number, workload in enumerate(workloads))
    stack = STACK.format(lines="\n      ".join(lines)).replace("{", "{{").replace("}", "}}")
    base = BASE.format(lines="\n        ".join((MADE, *HELD)))
    return "\n".join(told(written(folder, ENVIRONMENT, base, stack, ())))


def data(value: str) -> str:
    return f"data: {{ fast: {{ {value} }} }}"


def test_a_base_with_all_of_it_is_taken(tmp_path: Path) -> None:
    assert of_base(tmp_path, *HELD) == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (data("kind: lustre, region: westeurope, zone: 1, tib: 4"), "fast.tib: with 250 MB/s per TiB a Managed Lustre"),
        (data("kind: lustre, region: westeurope, zone: 1, tib: 4"), "4 were asked for; give 8."),
        (
            data("kind: lustre, region: westeurope, zone: 1, tib: 8, mb_per_s_per_tib: 100"),
            "fast.mb_per_s_per_tib: Managed Lustre has no 100 MB/s per TiB; give one of 40, 125, 250, 500.",
        ),
        (
            data("kind: lustre, region: swedencentral, zone: 1, tib: 128"),
            "128 TiB need a subnet of /24, and the file systems' quarter of swedencentral is /26; give the network /22",
        ),
        (data("kind: lustre, region: westeurope, zone: 4, tib: 8"), "a zone of the region by its number: 1, 2 or 3"),
        (data("kind: lustre, region: uksouth, zone: 1, tib: 8"), "uksouth has no network, so that no machine reaches"),
        (data("kind: disk, region: westeurope, zone: 1, gib: 70000"), "fast.gib: A Premium SSD v2 has 1 to 65536 GiB"),
        (data("kind: disk, region: westeurope, zone: 1, gib: 8, iops: 6000"), "fast.iops: A Premium SSD v2 of 8 GiB"),
        (
            data("kind: disk, region: westeurope, zone: 1, gib: 500, mb_per_s: 1000"),
            "fast.mb_per_s: A Premium SSD v2 with 3000 IOPS has 125 to 750 MB/s",
        ),
        (data("kind: bucket, region: eastus"), "fast.region: is not in limits.regions"),
        (data("kind: netapp, region: westeurope"), "of kind bucket, lustre or disk"),
        (data("kind: disk, id: old, region: westeurope, zone: 1"), "the full id of the disk: az disk show --query id"),
        ("keys: { westeurope: { rotation_days: 3 } }", "a whole number of days, 7 or more"),
        ("keys: { eastus: {} }", "keys.eastus: is not in limits.regions"),
        ("keys: { westeurope: { id: my-key } }", "the full id of a disk encryption set"),
        ("registry: { region: eastus }", "registry.region: is not in limits.regions"),
        ("registry: { id: acme }", "the full id of a registry: az acr show --query id"),
        ("features: [ EncryptionAtHost ]", "a list of features to register the subscription for"),
    ],
)
def test_what_azure_does_not_have_is_refused_with_the_way_out(tmp_path: Path, line: str, said: str) -> None:
    assert said in of_base(tmp_path, line)


def test_a_file_system_in_a_network_of_others_needs_a_subnet_of_its_own(tmp_path: Path) -> None:
    line = data("kind: lustre, region: westeurope, zone: 1, tib: 8")
    assert "give base.azure.network.file_system_subnets: { westeurope: /sub" in of_base(
        tmp_path, line, network=EXISTING
    )


def test_a_key_s_vault_is_of_a_directory(tmp_path: Path) -> None:
    said = of_base(tmp_path, "keys: { westeurope: {} }", environment=WITHOUT_TENANT)
    assert "keys.westeurope: its vault is of a directory, and" in said
    assert "give it azure: { tenant: … }" in said


@pytest.mark.parametrize(
    "workload",
    [
        f"{MACHINE}, {HERE}, data: {{ fast: write, wide: read, checkpoints: write }}",
        f"{MACHINE}, {HERE}, data: {{ work: write, more: read, fast: read }}",
        f"{MACHINE}, {EUROPE}, data: {{ checkpoints: write }}",
    ],
)
def test_what_reaches_its_data_is_taken(tmp_path: Path, workload: str) -> None:
    assert of_stack(tmp_path, workload) == ""


@pytest.mark.parametrize(
    ("workload", "said"),
    [
        (f"{MACHINE}, {EUROPE}, data: {{ fast: read }}", "is a Managed Lustre in westeurope, which machines of other"),
        (f"{MACHINE}, {EUROPE}, data: {{ work: write }}", "give where: [{ cloud: azure, regions: [westeurope] }]."),
        (
            f"{MACHINE}, {HERE}, data: {{ work: write, old: read }}",
            "data.work: is a disk in zone 1, and old one in zone 2: a machine lies in one; leave one of them out",
        ),
        (
            f"kind: gpu-vm, accelerator: 'H100:8', nodes: 2, {HERE}, data: {{ work: read }}",
            "that one machine attaches, not 2; name a bucket or a Managed Lustre.",
        ),
        (f"{JOB}, {HERE}, data: {{ work: read }}", "is a disk, which no training-job of Azure Machine Learning attach"),
        (f"{JOB}, {HERE}, data: {{ fast: read }}", "is a Managed Lustre, which no training-job of Azure Machine Learn"),
    ],
)
def test_what_cannot_reach_its_data_is_told_so(tmp_path: Path, workload: str, said: str) -> None:
    assert said in of_stack(tmp_path, workload)


def test_two_workloads_of_a_lease_cannot_have_the_same_disk(tmp_path: Path) -> None:
    said = of_stack(
        tmp_path, f"{MACHINE}, {HERE}, data: {{ work: write }}", f"{MACHINE}, {HERE}, data: {{ work: read }}"
    )
    assert "workloads.w0.data.work: is a disk that one machine attaches, and w1 uses it as well" in said
    assert "workloads.w1.data.work: is a disk that one machine attaches, and w0 uses it as well" in said
