"""A plan held against the accounts' quotas, on the sandbox's APIs through the vendors' own clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.choice.conftest import NOTHING, NOW, Planned
from trainyard.choice.plan.plan import Plan, make
from trainyard.choice.preflight.accounts import Accounts, Reader
from trainyard.choice.preflight.enabled import enabled
from trainyard.choice.preflight.finding import Finding, Level
from trainyard.choice.preflight.policies import policies
from trainyard.choice.preflight.quotas import quotas
from trainyard.choice.preflight.words import as_json, lines
from trainyard.facts.expiry import Expiry
from trainyard.facts.org_policies import allows
from trainyard.facts.origin import Origin, Sandbox
from trainyard.sandbox import faults, registered
from trainyard.sandbox.api.aws.keys import key_pair
from trainyard.sandbox.api.clouds import serve_clouds
from trainyard.sandbox.api.orgpolicy import POLICY
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.quotas import limits
from trainyard.sandbox.quotas.limits import Limit
from trainyard.sandbox.store import Store, Thing
from trainyard.settings import load

PROJECT = "trainyard-sandbox-copy-of-acme-ml-dev"
ACCOUNT = "000000000000"
SUBSCRIPTION = "00000000-0000-0000-0000-ab8dfbbd4bed"
ACCOUNTS = Accounts(gcp_project=PROJECT, aws_account=ACCOUNT, azure_subscription=SUBSCRIPTION)
A100 = "NVIDIA_A100_GPUS"
Check = Callable[[Plan], list[Finding]]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "store.sqlite")
    yield store
    store.close()


@pytest.fixture
def sandbox(store: Store, tmp_path: Path) -> Iterator[Sandbox]:
    with serve_clouds(store, tmp_path / "store.sqlite", token="word") as served:
        api = {cloud: each.url for cloud, each in served.items()}
        yield Sandbox(folder=tmp_path, pid=1, token="word", providers={}, api=api)


@pytest.fixture
def check(sandbox: Sandbox) -> Check:
    return lambda plan: list(quotas(plan, Reader(ACCOUNTS, sandbox)))


@pytest.fixture
def on_clouds() -> Callable[[str, str], Plan]:
    """The plan of one workload of the stack over three clouds, with one kind of capacity."""

    def of(workload: str, capacity: str) -> Plan:
        from dataclasses import replace

        from trainyard.facts.capacity import OnDemand, Spot

        settings = load(Path(__file__).parents[2] / "stacks", "sandbox-clouds")
        wanted: Any = settings.workloads[workload]
        changed = wanted.model_copy(update={"capacity": (Spot() if capacity == "spot" else OnDemand(),)})
        settings = replace(settings, workloads={workload: changed})
        assert settings.lease is not None
        return make(
            settings,
            stack="sandbox-clouds",
            lease_id="sandbox-clouds-00000000",
            origin=Origin.SANDBOX,
            at=NOW,
            expiry=Expiry(start=NOW, ttl=settings.lease.ttl, extend_to=settings.lease.extend_to),
            record=None,
            others=NOTHING,
        )

    return of


def by_quota(found: list[Finding]) -> dict[str, Finding]:
    return {each.about: each for each in found}


def test_without_limits_everything_fits(planned: Planned, check: Check) -> None:
    assert {each.level for each in check(planned())} == {Level.FITS}


def test_spot_is_held_against_the_preemptible_quota_and_not_against_the_other(
    planned: Planned, check: Check, store: Store
) -> None:
    limits.replace(store, [Limit(cloud="gcp", metric=f"PREEMPTIBLE_{A100}", place="europe-west4", limit=0)])
    found = by_quota(check(planned()))
    refused = found[f"gcp europe-west4 PREEMPTIBLE_{A100}"]
    assert refused.level is Level.REFUSED
    assert refused.text == "bench needs 1: limit 0, 0 used"
    assert found[f"gcp europe-west4 {A100}"].level is Level.FITS


def test_what_only_a_later_candidate_needs_is_a_warning(planned: Planned, check: Check, store: Store) -> None:
    limits.replace(store, [Limit(cloud="gcp", metric=A100, limit=0)])
    found = by_quota(check(planned()))
    assert found[f"gcp europe-west4 {A100}"].level is Level.WARNING
    assert Level.REFUSED not in {each.level for each in found.values()}


def test_what_is_used_counts_and_so_does_the_quota_of_all_regions(planned: Planned, check: Check, store: Store) -> None:
    limits.replace(store, [Limit(cloud="gcp", metric="GPUS_ALL_REGIONS", limit=1)])
    plan = planned({"[spot, on-demand]": "[on-demand]"})
    assert by_quota(check(plan))["gcp all regions GPUS_ALL_REGIONS"].level is Level.FITS
    store.add(
        Thing(
            type="gcp:compute/instance:Instance",
            id="m",
            package="gcp",
            place="us-central1-a",
            inputs={"machineType": "a2-highgpu-1g"},
        )
    )
    refused = by_quota(check(plan))["gcp all regions GPUS_ALL_REGIONS"]
    assert refused.level is Level.REFUSED
    assert refused.text == "bench needs 1: limit 1, 1 used"
    assert refused.remedy[0].endswith("--quota-id=GPUS-ALL-REGIONS-per-project --preferred-value=2")


def test_several_nodes_and_workloads_need_their_sum(planned: Planned, check: Check, store: Store) -> None:
    limits.replace(store, [Limit(cloud="gcp", metric=f"PREEMPTIBLE_{A100}", limit=2)])
    accelerator = "        accelerator: A100:1\n"
    plan = planned(
        {accelerator: f"{accelerator}        nodes: 3\n        fabric: none\n", "cap_usd: 100": "cap_usd: 900"}
    )
    assert by_quota(check(plan))[f"gcp europe-west4 PREEMPTIBLE_{A100}"].text == "bench needs 3: limit 2, 0 used"


def test_a_newer_gpu_whose_quota_the_api_does_not_tell_is_a_warning_with_its_name(
    planned: Planned, check: Check
) -> None:
    plan = planned({"A100:1": "H100:8", "[spot, on-demand]": "[on-demand]", "cap_usd: 100": "cap_usd: 9000"})
    found = by_quota(check(plan))
    by_family = found["gcp europe-west4 gpus_per_gpu_family (NVIDIA_H100)"]
    assert by_family.level is Level.WARNING
    assert "by its family" in str(by_family.unread)


def test_no_right_to_read_is_a_warning_with_the_clouds_words(planned: Planned, check: Check, store: Store) -> None:
    faults.replace(store, [Fault(call="compute.regions.get", kind="refuse", code=403, message="denied")])
    found = by_quota(check(planned()))
    assert found[f"gcp europe-west4 PREEMPTIBLE_{A100}"].level is Level.WARNING
    assert "403 denied" in str(found[f"gcp europe-west4 PREEMPTIBLE_{A100}"].unread)
    assert "! not read: 403 denied. Not known:" in list(lines(list(found.values())))


def test_machines_that_the_lease_holds_need_nothing_more(planned: Planned, check: Check, store: Store) -> None:
    from dataclasses import replace

    limits.replace(store, [Limit(cloud="gcp", metric=f"PREEMPTIBLE_{A100}", limit=0)])
    plan = planned()
    held = replace(plan, workloads=tuple(replace(each, held=True) for each in plan.workloads))
    assert Level.REFUSED not in {each.level for each in check(held)}


@pytest.mark.parametrize(
    ("capacity", "metric", "code"),
    [
        ("on-demand", "Running On-Demand G and VT instances", "L-DB2E81BA"),
        ("spot", "All G and VT Spot Instance Requests", "L-3819A6DF"),
    ],
)
def test_amazons_buckets_are_read_by_their_codes_spot_apart(
    on_clouds: Callable[[str, str], Plan], check: Check, store: Store, capacity: str, metric: str, code: str
) -> None:
    limits.replace(store, [Limit(cloud="aws", metric=metric, limit=3)])
    plan = on_clouds("on-amazon", capacity)
    vcpus = plan.workloads[0].chosen.shape.vcpus
    refused = by_quota(check(plan))[f"aws eu-central-1 {metric}"]
    assert refused.level is Level.REFUSED
    assert refused.text == f"on-amazon needs {vcpus}: limit 3, 0 used"
    assert f"--quota-code {code} --desired-value {vcpus} --region eu-central-1" in refused.remedy[0]


def test_amazons_running_machines_are_counted_in_their_bucket(
    on_clouds: Callable[[str, str], Plan], check: Check, store: Store, sandbox: Sandbox
) -> None:
    metric = "Running On-Demand G and VT instances"
    limits.replace(store, [Limit(cloud="aws", metric=metric, limit=7)])
    pair = key_pair("word")
    keys = {"aws_access_key_id": pair.key, "aws_secret_access_key": pair.secret}
    ec2 = boto3.client("ec2", region_name="eu-central-1", endpoint_url=sandbox.api["aws"], **keys)
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    for machine_type in ("g5.xlarge", "t3.large"):
        ec2.run_instances(MinCount=1, MaxCount=1, ImageId=image, InstanceType=machine_type)
    assert by_quota(check(on_clouds("on-amazon", "on-demand")))[f"aws eu-central-1 {metric}"].text == (
        "on-amazon needs 4: limit 7, 4 used"
    )


@pytest.mark.parametrize(
    ("capacity", "metric", "about"),
    [
        ("on-demand", "Standard NCASv3_T4 Family vCPUs", "azure westeurope standardNCASv3_T4Family"),
        ("on-demand", "Total Regional vCPUs", "azure westeurope cores"),
        ("spot", "Total Regional Low-priority vCPUs", "azure westeurope lowPriorityCores"),
    ],
)
def test_azure_counts_the_family_and_all_cores_and_spot_as_one_pool(
    on_clouds: Callable[[str, str], Plan], check: Check, store: Store, capacity: str, metric: str, about: str
) -> None:
    limits.replace(store, [Limit(cloud="azure", metric=metric, limit=1)])
    refused = by_quota(check(on_clouds("on-azure", capacity)))[about]
    assert refused.level is Level.REFUSED
    assert refused.text in ("on-azure needs 4: limit 1, 0 used", "on-azure needs 16: limit 1, 0 used")
    assert f"--resource-name {about.rpartition(' ')[2]}" in refused.remedy[0]
    assert f"{SUBSCRIPTION}/providers/Microsoft.Compute/locations/westeurope" in refused.remedy[0]


def test_azures_quota_of_learning_is_not_that_of_machines(
    on_clouds: Callable[[str, str], Plan], check: Check, store: Store
) -> None:
    limits.replace(store, [Limit(cloud="azure-ml", metric="Standard NCASv3_T4 Family vCPUs", limit=0)])
    assert Level.REFUSED not in {each.level for each in check(on_clouds("on-azure", "on-demand"))}


def test_what_must_be_switched_on_is_read_before_anything_is_made(
    on_clouds: Callable[[str, str], Plan], sandbox: Sandbox, planned: Planned
) -> None:
    reader = Reader(ACCOUNTS, sandbox)
    google = list(enabled(planned(), reader, encryption_at_host=True))
    assert [(each.level, each.text) for each in google] == [(Level.FITS, "all that the plan needs")]
    azure = by_quota(list(enabled(on_clouds("on-azure", "on-demand"), reader, encryption_at_host=True)))
    assert azure[f"azure:{SUBSCRIPTION} feature EncryptionAtHost"].level is Level.FITS
    assert azure[f"azure:{SUBSCRIPTION} provider Microsoft.Compute"].level is Level.FITS


def test_what_a_subscription_is_not_registered_for_is_refused_with_the_command(
    on_clouds: Callable[[str, str], Plan], sandbox: Sandbox, store: Store
) -> None:
    names = ("Microsoft.Network", "Microsoft.Storage", "Microsoft.ManagedIdentity")
    registered.declare(store, [registered.Registered(subscription=SUBSCRIPTION, names=names)])
    found = by_quota(
        list(enabled(on_clouds("on-azure", "on-demand"), Reader(ACCOUNTS, sandbox), encryption_at_host=True))
    )
    compute = found[f"azure:{SUBSCRIPTION} provider Microsoft.Compute"]
    assert (compute.level, compute.text) == (Level.REFUSED, "NotRegistered")
    assert compute.remedy[0].startswith("az provider register --namespace Microsoft.Compute")
    encryption = found[f"azure:{SUBSCRIPTION} feature EncryptionAtHost"]
    assert encryption.level is Level.REFUSED
    assert "encryption_at_host: false" in encryption.text
    assert found[f"azure:{SUBSCRIPTION} provider Microsoft.Network"].level is Level.FITS


def test_an_api_that_is_not_enabled_is_refused_with_the_command_that_enables_it(
    sandbox: Sandbox, planned: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader(ACCOUNTS, sandbox)
    there = reader.google.enabled() - {"iap.googleapis.com"}
    monkeypatch.setattr(reader.google, "enabled", lambda: there)
    [refused] = enabled(planned(), reader, encryption_at_host=True)
    assert refused.level is Level.REFUSED
    assert refused.remedy == (f"gcloud services enable iap.googleapis.com --project={PROJECT}",)


def policy(store: Store, constraint: str, **values: list[str]) -> None:
    name = f"projects/{PROJECT}/policies/{constraint}"
    rule = {"values": {f"{key}Values": value for key, value in values.items()}}
    store.add(Thing(type=POLICY, id=name, package="gcp", inputs={"name": name, "spec": {"rules": [rule]}}))


def test_without_policies_all_regions_and_images_are_allowed(planned: Planned, sandbox: Sandbox) -> None:
    found = list(policies(planned(), Reader(ACCOUNTS, sandbox)))
    assert [each.level for each in found] == [Level.FITS, Level.FITS]


def test_a_region_that_a_policy_does_not_allow_is_refused_where_it_is_taken_now(
    planned: Planned, sandbox: Sandbox, store: Store
) -> None:
    policy(store, "gcp.resourceLocations", allowed=["in:us-locations"])
    found = {each.text: each.level for each in policies(planned(), Reader(ACCOUNTS, sandbox))}
    assert found["makes nothing in europe-west4"] is Level.REFUSED
    assert "makes nothing in us-central1" not in found


def test_images_of_a_project_that_is_not_trusted_are_refused(planned: Planned, sandbox: Sandbox, store: Store) -> None:
    policy(store, "compute.trustedImageProjects", allowed=["projects/acme-images"])
    found = {each.text: each.level for each in policies(planned(), Reader(ACCOUNTS, sandbox))}
    assert found["boots no image of projects/ubuntu-os-accelerator-images"] is Level.REFUSED


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ([{"allowAll": True}], True),
        ([{"denyAll": True}], False),
        ([], False),
        ([{"values": {"allowedValues": ["europe-west4"]}}], True),
        ([{"values": {"allowedValues": ["in:europe-west4-locations"]}}], True),
        ([{"values": {"allowedValues": ["in:europe-west1-locations", "us-central1"]}}], False),
        ([{"values": {"allowedValues": ["in:eu-locations"]}}], None),
        ([{"values": {"deniedValues": ["in:asia-locations"]}}], True),
        ([{"values": {"deniedValues": ["in:europe-locations"]}}], False),
        ([{"values": {"allowedValues": ["in:europe-locations"], "deniedValues": ["europe-west4"]}}], False),
        ([{"allowAll": True, "condition": {"expression": "resource.matchTag('a', 'b')"}}], None),
    ],
)
def test_a_rule_allows_denies_or_is_not_known(rules: list[dict[str, Any]], allowed: bool | None) -> None:
    assert allows(rules, "europe-west4") is allowed


def test_the_gravest_comes_first_and_a_command_stands_on_one_line(planned: Planned, check: Check, store: Store) -> None:
    limits.replace(store, [Limit(cloud="gcp", metric=f"PREEMPTIBLE_{A100}", limit=0)])
    found = check(planned())
    told = list(lines(found))
    assert told[0].startswith("✗ gcp europe-west4 PREEMPTIBLE_NVIDIA_A100_GPUS: bench needs 1")
    assert told[1].startswith("    gcloud beta quotas preferences create --project=")
    assert as_json("dev", found)["refused"] is True
