"""Who a lease's machines are on Azure, and the one role that ends them."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from components.azure.identity import NodeIdentity, NodeIdentityArgs
from components.bootstrap.soft_end_azure import SoftEndBlob
from tests.components.azure.conftest import GROUP, GROUP_ID, SUBSCRIPTION, Registrations, problems

LEASE = "dev-1a2b3c4d"
ACCOUNT = f"{GROUP_ID}/providers/Microsoft.Storage/storageAccounts/acmeleases"
PLAIN = NodeIdentityArgs(
    subscription=SUBSCRIPTION,
    resource_group=GROUP,
    location="westeurope",
    lease=LEASE,
    tags={"trainyard-lease": LEASE},
    soft_end=SoftEndBlob(account="acmeleases", container="leases", path=f"{LEASE}/soft-end"),
    soft_end_account=ACCOUNT,
)
Deploy = Callable[[Callable[[], Any]], Registrations]


def test_the_role_ends_machines_and_does_nothing_else(deploy: Deploy) -> None:
    role = deploy(lambda: NodeIdentity(LEASE, PLAIN)).one("RoleDefinition").inputs
    [permission] = role["permissions"]
    assert {action.rpartition("virtualMachine")[2].partition("/")[2] for action in permission["actions"]} == {
        "read",
        "delete",
        "deallocate/action",
    }
    assert role["assignableScopes"] == [GROUP_ID]


def test_the_identity_reads_its_lease_s_soft_end_and_no_other_blob(deploy: Deploy) -> None:
    granted = deploy(lambda: NodeIdentity(LEASE, PLAIN)).one("RoleAssignment").inputs
    assert granted["scope"] == f"{ACCOUNT}/blobServices/default/containers/leases"
    assert f"blobs:path] StringEquals '{LEASE}/soft-end'" in granted["condition"]
    assert granted["conditionVersion"] == "2.0"


def test_without_the_account_s_id_nothing_is_granted(deploy: Deploy) -> None:
    found = deploy(lambda: NodeIdentity(LEASE, replace(PLAIN, soft_end_account=None)))
    assert found.of("RoleAssignment") == ()


def test_azure_s_descriptions_take_all_of_it(deploy: Deploy) -> None:
    assert problems(deploy(lambda: NodeIdentity(LEASE, PLAIN))) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"location": "West Europe"}, "is no Azure location"),
        ({"soft_end_account": "acmeleases"}, "'acmeleases' is no full id of a Microsoft.Storage/storageAccounts"),
        ({"soft_end_account": ACCOUNT.replace("leases", "data")}, "The leases are in the storage account acmeleases"),
    ],
)
def test_what_is_wrong_is_refused_with_the_way_on(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        replace(PLAIN, **changes)
