"""Workloads and bases over three clouds: each in its own words, and what of them is refused at its line."""

from decimal import Decimal
from pathlib import Path

import pytest

from stacks.placement import place
from tests.settings.conftest import written
from trainyard.settings import Settings, SettingsError, load, requests

ENVIRONMENT = """\
schema: 1
base: dev-base
leases: file://leases
gcp: { project: acme-ml-dev, price_factor: 0.5 }
aws: { account: "123456789012" }
azure: { subscription: 1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed, resource_group: acme-ml-dev, price_factor: 0.8 }
limits: { max_ttl: 14d, max_cap_usd: 200000, regions: [europe], policies: advise }
contacts: { ml-research: ml-research@acme.example, ml-platform: ml-platform@acme.example }
"""
BASE = """\
config:
  trainyard:settings:
    stack: { schema: 1, environment: dev, layer: base, owner: ml-platform, cost_center: ml-platform }
    base:
      gcp: { network: { regions: { europe-west4: 10.10.0.0/20 } }, data: { corpus: { kind: bucket, location: eu } } }
      aws: { network: { regions: { eu-central-1: 10.40.0.0/16 } } }
      azure: { network: { regions: { westeurope: 10.60.0.0/16 } } }
"""
STACK = """\
config:
  trainyard:settings:
    stack: {{ schema: 1, environment: dev, layer: compute, owner: ml-research, cost_center: ml-research }}
    lease: {{ ttl: 1h, extend_to: 2h, cap_usd: 1000 }}
    workloads:
      bench:
        kind: gpu-vm
        accelerator: T4:1
        {lines}
"""
ANYWHERE = (
    "where: [{cloud: azure, regions: [europe]}, {cloud: gcp, regions: [europe]}, {cloud: aws, regions: [europe]}]"
)


def loaded(folder: Path, *lines: str, base: str = BASE, environment: str = ENVIRONMENT, stack: str = "dev") -> Settings:
    return load(written(folder, environment, base, STACK, lines), stack)


def complaints(folder: Path, *lines: str, **files: str) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        loaded(folder, *lines, **files)
    return [problem.message for problem in raised.value.problems]


def test_candidates_lie_on_all_clouds_in_the_order_of_where_at_each_cloud_s_price_factor(tmp_path: Path) -> None:
    [placement] = place(loaded(tmp_path, ANYWHERE), {})
    clouds = list(dict.fromkeys(each.offer.cloud for each in placement.accepted))
    assert clouds == ["azure", "gcp", "aws"]
    assert placement.candidate.offer.cloud == "azure"
    factors = {"azure": Decimal("0.8"), "gcp": Decimal("0.5"), "aws": Decimal(1)}
    for each in placement.accepted:
        assert each.price.usd_hour == each.offer.on_demand.usd_hour * factors[each.offer.cloud]  # type: ignore[union-attr]


def test_a_cloud_without_a_copy_of_the_data_is_no_candidate_and_preview_says_so(tmp_path: Path) -> None:
    [placement] = place(loaded(tmp_path, ANYWHERE, "data: { corpus: read }"), {})
    assert {each.offer.cloud for each in placement.accepted} == {"gcp"}
    assert placement.reason.endswith("; azure has no copy of corpus; aws has no copy of corpus")


def test_a_machine_on_aws_lies_in_a_zone_that_has_a_subnet(tmp_path: Path) -> None:
    base = BASE.replace("10.40.0.0/16 }", "10.40.0.0/16 }, zones: [euc1-az2]")
    [_, _, amazon] = requests(loaded(tmp_path, ANYWHERE, base=base), "bench")
    assert amazon.zones == ("euc1-az2",)


def test_each_zone_keeps_its_part_of_a_vpc_when_another_comes(tmp_path: Path) -> None:
    settings = loaded(tmp_path, ANYWHERE, base=BASE.replace("10.40.0.0/16 }", "10.40.0.0/16 }, zones: [euc1-az2]"))
    assert settings.base_settings is not None
    assert settings.base_settings.aws is not None
    assert settings.base_settings.aws.network.subnets == {"eu-central-1": {"euc1-az2": "10.40.64.0/19"}}  # type: ignore[union-attr]


WRONG_WORKLOADS = {
    "nobody of a cloud that it may go to": (
        (ANYWHERE, 'access: ["group:ml@acme.example", "iam-role:ml"]'),
        "names nobody who could log in on azure; add one such as "
        '"group:3fa85f64-5717-4562-b3fc-2c963f66afa6" for azure.',
    ),
    "somebody of a cloud that it does not go to": (
        ("where: [{cloud: aws, regions: [eu-central-1]}]", 'access: ["iam-role:ml", "group:ml@acme.example"]'),
        '"group:ml@acme.example" is in the words of a cloud on which it does not run; give '
        '"iam-role:ml-research" for aws.',
    ),
    "a secret of another cloud": (
        ("where: [{cloud: aws, regions: [eu-central-1]}]", "secrets: { TOKEN: gcp-secret://acme/token }"),
        "is a secret of gcp, where the workload does not run; name one of aws.",
    ),
    "a boot disk of another cloud": (
        ("where: [{cloud: aws, regions: [eu-central-1]}]", "boot_disk: { kind: pd-ssd }"),
        '"pd-ssd" is no boot disk on aws; there are gp3; leave it out for its own.',
    ),
    "local disks where they come with the machine": (
        ("where: [{cloud: azure, regions: [westeurope]}]", "local_ssd: 1"),
        "local disks come with the machine type on azure; leave the key out.",
    ),
    "a region where the base has no network": (
        ("where: [{cloud: aws, regions: [eu-west-1]}]",),
        '"eu-west-1" has no network in stacks/Pulumi.dev-base.yaml; it has eu-central-1.',
    ),
    "a zone of Azure": (
        ('where: [{cloud: azure, zones: ["1"]}]',),
        "the catalogue knows no zones on Azure, so that Azure picks one; give regions instead.",
    ),
    "a region of another cloud": (
        ("where: [{cloud: azure, regions: [europe-west4]}]",),
        '"europe-west4" is no azure region with accelerators; ',
    ),
    "a zone's name instead of its id": (
        ("where: [{cloud: aws, zones: [eu-central-1a]}]",),
        '"eu-central-1a" is no aws zone with accelerators; ',
    ),
}


@pytest.mark.parametrize(("lines", "expected"), WRONG_WORKLOADS.values(), ids=WRONG_WORKLOADS.keys())
def test_a_wrong_workload_is_told_in_its_cloud_s_words(tmp_path: Path, lines: tuple[str, ...], expected: str) -> None:
    [told] = complaints(tmp_path, *lines)
    assert told.startswith(expected)


WRONG_BASES = {
    "a VPC too small to cut": ("10.40.0.0/16", "10.40.0.0/26", "is no range of a VPC that is cut into 8"),
    "a VPC in no region": ("eu-central-1:", "eu-central-9:", '"eu-central-9" is no aws region with accelerators'),
    "a VPC outside of the limits": ("eu-central-1:", "us-east-1:", "is not in limits.regions of stacks/env.dev.yaml"),
    "a zone of another region": (
        "10.40.0.0/16 }",
        "10.40.0.0/16 }, zones: [euw1-az1]",
        '"euw1-az1" lies in eu-west-1; the network has eu-central-1.',
    ),
    "a network on Azure too small to cut": ("10.60.0.0/16", "10.60.0.0/26", "is too small to cut; give /24 or larger."),
    "networks on Azure that overlap": (
        "10.60.0.0/16 }",
        "10.60.0.0/16, northeurope: 10.60.8.0/24 }",
        "10.60.8.0/24 overlaps 10.60.0.0/16 of westeurope; give ranges that do not.",
    ),
    "nothing at all on AWS": ("{ network: { regions: { eu-central-1: 10.40.0.0/16 } } }", "{}", "is missing; expected"),
}


@pytest.mark.parametrize(("old", "new", "expected"), WRONG_BASES.values(), ids=WRONG_BASES.keys())
def test_a_wrong_base_is_told_in_its_cloud_s_words(tmp_path: Path, old: str, new: str, expected: str) -> None:
    [told] = complaints(tmp_path, ANYWHERE, base=BASE.replace(old, new), stack="dev-base")
    assert expected in told


@pytest.mark.parametrize(
    ("cloud", "line", "example"),
    [
        ("aws", 'aws: { account: "123456789012" }\n', 'aws: { account: "…" }.'),
        ("gcp", "gcp: { project: acme-ml-dev, price_factor: 0.5 }\n", "gcp: { project: … }."),
    ],
)
def test_a_cloud_that_the_environment_lacks_is_refused(tmp_path: Path, cloud: str, line: str, example: str) -> None:
    told = complaints(tmp_path, ANYWHERE, environment=ENVIRONMENT.replace(line, ""))
    assert told == [f"stacks/env.dev.yaml has no {cloud}; give it {example}"]
