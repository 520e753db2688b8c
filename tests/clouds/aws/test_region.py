"""What carries a lease's tag in one region of AWS, through Amazon's own client: all of it, or an error."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.clouds.aws.conftest import LEASE, PLACE
from tests.sandbox.provider.conftest import Cloud
from trainyard.clouds import ScopeUnreadable, UnknownScopeError, open_scope
from trainyard.clouds.aws import AwsRegion
from trainyard.facts.origin import Sandbox, account_in
from trainyard.facts.price import Known, Unknown
from trainyard.sandbox import faults
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.store import Store

Plant = Callable[..., str]
TAGS = {"trainyard-lease": LEASE}
SCOPE = f"aws:{PLACE}"


def listed(sandbox: Sandbox) -> list[tuple[str, str, bool]]:
    return [(thing.kind, thing.name, thing.billing) for thing in AwsRegion(PLACE, sandbox).list_billable(LEASE)]


def test_a_machine_with_the_tag_is_listed_with_place_and_price(sandbox: Sandbox, plant: Plant) -> None:
    id = plant(LEASE)
    plant("dev-lab-ffffffff")
    plant(None)
    (machine,) = AwsRegion(PLACE, sandbox).list_billable(LEASE)
    assert (machine.kind, machine.name, machine.scope, machine.billing) == ("machine", id, SCOPE, True)
    assert machine.place.startswith("us-east-1")
    assert (machine.status, machine.machine_type) == ('running (Name "stray")', "g5.xlarge")
    assert isinstance(machine.price, Known)
    assert machine.price.usd_hour > Decimal("0.5")


def test_a_spot_machine_never_has_the_price_on_demand(sandbox: Sandbox, plant: Plant) -> None:
    plant(LEASE, InstanceMarketOptions={"MarketType": "spot"})
    (spot,) = AwsRegion(PLACE, sandbox).list_billable(LEASE)
    assert isinstance(spot.price, Unknown)  # the catalogue's source lists no spot price in this zone


def test_a_stopped_machine_does_not_bill_but_its_volume_does(
    sandbox: Sandbox, plant: Plant, ec2: Any, store: Store
) -> None:
    id = plant(LEASE)
    volume = ec2.describe_volumes()["Volumes"][0]["VolumeId"]
    ec2.stop_instances(InstanceIds=[id])
    store.advance(60)
    assert listed(sandbox) == [("machine", id, False), ("volume", volume, True)]


def test_a_terminated_machine_is_no_longer_told_of(sandbox: Sandbox, plant: Plant, ec2: Any, store: Store) -> None:
    id = plant(LEASE)
    ec2.terminate_instances(InstanceIds=[id])
    assert listed(sandbox)[0] == ("machine", id, False)
    store.advance(60)
    assert listed(sandbox) == []


def test_what_pulumi_left_is_listed_with_the_command_that_ends_each(sandbox: Sandbox, provider: Cloud) -> None:
    volume, _ = provider.create("aws:ebs/volume:Volume", {"availabilityZone": "us-east-1a", "size": 5, "tags": TAGS})
    address, _ = provider.create("aws:ec2/eip:Eip", {"domain": "vpc", "tags": TAGS})
    snapshot, _ = provider.create("aws:ebs/snapshot:Snapshot", {"volumeId": volume, "tags": TAGS})
    wish = {"availabilityZone": "us-east-1a", "instanceCount": 2, "instancePlatform": "Linux/UNIX"}
    token = "aws:ec2/capacityReservation:CapacityReservation"
    reservation, _ = provider.create(token, {**wish, "instanceType": "g5.xlarge", "tags": TAGS})
    client = AwsRegion(PLACE, sandbox)
    found = {thing.name: thing for thing in client.list_billable(LEASE)}
    assert all(thing.billing for thing in found.values())
    assert {name: client.end_by_hand(thing) for name, thing in found.items()} == {
        volume: f"aws ec2 delete-volume --volume-id {volume} --region us-east-1",
        address: f"aws ec2 release-address --allocation-id {address} --region us-east-1",
        snapshot: f"aws ec2 delete-snapshot --snapshot-id {snapshot} --region us-east-1",
        reservation: f"aws ec2 cancel-capacity-reservation --capacity-reservation-id {reservation} --region us-east-1",
    }
    assert isinstance(found[volume].price, Unknown)
    price = found[reservation].price
    assert isinstance(price, Known)
    assert price.usd_hour == Decimal("2.012")  # two at 1.006 on demand


def test_all_pages_of_ten_thousand_machines_are_read(sandbox: Sandbox, plant: Plant, store: Store) -> None:
    token = "aws:ec2/instance:Instance"
    made = store.get(token, plant(LEASE))
    assert made is not None
    with store.transaction():
        for number in range(9_999):
            store.add(replace(made, id=f"i-{number:017x}"))
    found = AwsRegion(PLACE, sandbox).list_billable(LEASE)
    assert len({thing.name for thing in found}) == len(found) == 10_000


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"call": "ec2.DescribeVolumes", "kind": "refuse", "code": 403}, "lacks the permission ec2:DescribeVolumes"),
        ({"call": "sagemaker.ListTrainingJobs", "kind": "refuse", "code": 403}, "sagemaker:ListTrainingJobs"),
        ({"call": "sts.GetCallerIdentity", "kind": "expired-credentials"}, "no valid login: ExpiredToken"),
        ({"call": "ec2.DescribeAddresses", "kind": "expired-credentials"}, "no valid login: RequestExpired"),
        ({"call": "ec2.DescribeInstances", "kind": "throttle"}, "RequestLimitExceeded"),
        ({"call": "autoscaling.DescribeAutoScalingGroups", "kind": "server-error"}, "InternalError"),
        ({"call": "ec2.DescribeSnapshots", "kind": "lost-response"}, "no answer"),
    ],
)
def test_a_list_that_lacks_a_part_is_unreadable_and_never_empty(
    sandbox: Sandbox, store: Store, monkeypatch: pytest.MonkeyPatch, fault: dict[str, Any], reason: str
) -> None:
    monkeypatch.setattr("trainyard.clouds.aws.client._ATTEMPTS", 2)
    faults.replace(store, [Fault(**fault)])
    with pytest.raises(ScopeUnreadable, match=reason) as caught:
        AwsRegion(PLACE, sandbox).list_billable(LEASE)
    assert caught.value.scope == SCOPE


def test_throttling_that_ends_is_retried(sandbox: Sandbox, plant: Plant, store: Store) -> None:
    id = plant(LEASE)
    faults.replace(store, [Fault(call="ec2.Describe*", kind="throttle", times=1)])
    assert listed(sandbox) == [("machine", id, True)]


def test_the_login_must_be_of_the_scopes_account(sandbox: Sandbox) -> None:
    with pytest.raises(ScopeUnreadable, match="the login is of account 000000000000, the scope's is 123456789012"):
        AwsRegion("123456789012/us-east-1", sandbox).list_billable(LEASE)


def test_a_wrong_token_is_no_login(sandbox: Sandbox) -> None:
    with pytest.raises(ScopeUnreadable, match="no valid login"):
        AwsRegion(PLACE, replace(sandbox, token="other")).list_billable(LEASE)


def test_a_rehearsal_takes_nothing_from_the_environment(
    sandbox: Sandbox, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(LEASE)
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert len(listed(sandbox)) == 1


def test_without_a_login_the_scope_is_unreadable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(ScopeUnreadable, match="no valid login"):
        AwsRegion("123456789012/eu-west-1", None).list_billable(LEASE)


@pytest.mark.parametrize("scope", ["aws:1", "aws:123456789012", "aws:123456789012/", "aws:123456789012/eu_west_1"])
def test_a_scope_without_account_or_region_is_refused(scope: str) -> None:
    with pytest.raises(UnknownScopeError, match="give account and region"):
        open_scope(scope, None)


def test_a_rehearsal_means_an_account_that_cannot_exist(sandbox: Sandbox) -> None:
    assert account_in(sandbox, "123456789012/eu-west-1") == "000000000000/eu-west-1"
    assert account_in(None, "123456789012/eu-west-1") == "123456789012/eu-west-1"
