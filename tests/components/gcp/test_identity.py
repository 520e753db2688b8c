from collections.abc import Callable
from typing import Any

import pytest

from components.bootstrap.node_end import SoftEndObject
from components.gcp.identity import ExistingIdentity, NodeIdentity, NodeIdentityArgs, account_id
from trainyard.facts.lease_id import lease_id

EMAIL = "ty-dev-1a2b3c4d@acme-ml-dev.iam.gserviceaccount.com"
GROUP = "group:ml-research@acme.example"

Deploy = Callable[[Callable[[], Any]], Any]


def identity(deploy: Deploy, **changes: Any) -> Any:
    args = NodeIdentityArgs(project="acme-ml-dev", account_id="ty-dev-1a2b3c4d", **changes)
    return deploy(lambda: NodeIdentity("dev", args))


def test_by_itself_the_account_writes_logs_and_metrics_and_nothing_else(deploy: Deploy) -> None:
    found = identity(deploy)
    assert [one.type for one in found.all] == [
        "trainyard:gcp:NodeIdentity",
        "gcp:serviceaccount/account:Account",
        "gcp:projects/iAMMember:IAMMember",
        "gcp:projects/iAMMember:IAMMember",
    ]
    assert {one.inputs["role"] for one in found.of("projects/iAMMember:IAMMember")} == {
        "roles/logging.logWriter",
        "roles/monitoring.metricWriter",
    }


def test_the_account_reads_its_own_leases_soft_end_and_no_other_object(deploy: Deploy) -> None:
    soft_end = SoftEndObject(bucket="acme-leases", path="dev-1a2b3c4d/soft-end")
    grant = identity(deploy, soft_end=soft_end).one("BucketIAMMember").inputs
    assert (grant["bucket"], grant["role"], grant["member"]) == (
        "acme-leases",
        "roles/storage.objectViewer",
        f"serviceAccount:{EMAIL}",
    )
    assert grant["condition"]["expression"] == (
        'resource.name == "projects/_/buckets/acme-leases/objects/dev-1a2b3c4d/soft-end"'
    )


def test_those_with_access_may_act_as_the_account_and_nobody_else(deploy: Deploy) -> None:
    grant = identity(deploy, access=(GROUP,)).one("serviceaccount/iAMMember:IAMMember").inputs
    assert grant == {
        "serviceAccountId": f"projects/acme-ml-dev/serviceAccounts/{EMAIL}",
        "role": "roles/iam.serviceAccountUser",
        "member": GROUP,
    }


def test_the_output_is_the_accounts_address(deploy: Deploy) -> None:
    seen: list[str] = []
    args = NodeIdentityArgs(project="acme-ml-dev", account_id="ty-dev-1a2b3c4d")
    deploy(lambda: NodeIdentity("dev", args).email.apply(seen.append))
    assert seen == [EMAIL]


@pytest.mark.parametrize(
    "stack", ["dev", "a", "sandbox", "a-very-long-stack-name-that-goes-on-and-on-and-on", "9lives"]
)
def test_every_lease_gives_an_account_id_that_google_cloud_takes(stack: str) -> None:
    lease = lease_id("gs://acme-leases", "trainyard", stack)
    made = account_id(lease)
    assert NodeIdentityArgs(project="acme-ml-dev", account_id=made).account_id == made
    assert made.endswith(lease[-8:])


@pytest.mark.parametrize("bad", ["short", "Dev-account", "9-lives-account", "ends-with-dash-", "x" * 31])
def test_an_account_id_that_google_cloud_refuses_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="is no service account id; allowed are 6 to 30"):
        NodeIdentityArgs(project="acme-ml-dev", account_id=bad)


@pytest.mark.parametrize(
    "bad", ["allUsers", "allAuthenticatedUsers", "domain:acme.example", "ml@acme.example", "group:ml"]
)
def test_access_for_everybody_or_in_another_form_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="may not be granted access; allowed are group:, user: and serviceAccount:"):
        NodeIdentityArgs(project="acme-ml-dev", account_id="ty-dev-1a2b3c4d", access=(bad,))


def test_an_existing_account_is_taken_as_it_is_and_nothing_is_granted(deploy: Deploy) -> None:
    account = "gpu-nodes@acme-ml-dev.iam.gserviceaccount.com"
    told: list[str] = []
    found = deploy(lambda: ExistingIdentity(account=account).member.apply(told.append))
    assert (found.all, told) == ((), [f"serviceAccount:{account}"])
