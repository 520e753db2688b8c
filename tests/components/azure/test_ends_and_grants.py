"""The ends that Azure holds and what is granted, each by itself."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from components.azure.access import AccessArgs
from components.azure.grants import Grants, GrantsArgs
from components.azure.hard_end import AutoShutdownArgs, HardEnd, HardEndArgs, definition
from components.azure.principal import parse_principal
from tests.components.azure import test_gpu_vm as vm
from tests.components.azure.conftest import GROUP, GROUP_ID, SUBSCRIPTION, Registrations, problems

LEASE = "dev-1a2b3c4d"
CONTAINERS = f"{GROUP_ID}/providers/Microsoft.Storage/storageAccounts/acmedata/blobServices/default/containers"
SECRET = f"{GROUP_ID}/providers/Microsoft.KeyVault/vaults/acme-ml/secrets/hf-token"
GRANTS = GrantsArgs(
    subscription=SUBSCRIPTION,
    principal_id="11111111-1111-4111-8111-111111111111",
    read={"corpus": f"{CONTAINERS}/corpus", "checkpoints": f"{CONTAINERS}/checkpoints"},
    written={"checkpoints": f"{CONTAINERS}/checkpoints"},
    secrets={"acme-ml-hf-token": SECRET},
)
END = HardEndArgs(
    resource_group=GROUP, location="westeurope", target=vm.VM_ID, ending_role=vm.ENDING_ROLE, at=vm.HARD_END
)
Deploy = Callable[[Callable[[], Any]], Registrations]


def test_a_container_is_read_or_written_and_a_secret_is_one_secret(deploy: Deploy) -> None:
    found = deploy(lambda: Grants(LEASE, GRANTS))
    given = {
        one.inputs["scope"]: one.inputs["roleDefinitionId"].rpartition("/")[2] for one in found.of("RoleAssignment")
    }
    assert given == {
        f"{CONTAINERS}/corpus": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
        f"{CONTAINERS}/checkpoints": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        SECRET: "4633458b-17de-408a-b874-0445c86b69e6",
    }
    assert problems(found) == []


def test_an_assignment_has_the_same_name_each_time_and_no_two_have_one(deploy: Deploy) -> None:
    first, again = (
        [one.inputs["roleAssignmentName"] for one in deploy(lambda: Grants(LEASE, GRANTS)).of("RoleAssignment")]
        for _ in range(2)
    )
    assert sorted(first) == sorted(again)
    assert len(set(first)) == 3


def test_the_workflow_s_identity_may_end_that_one_thing(deploy: Deploy) -> None:
    found = deploy(lambda: HardEnd(f"{vm.NAME}-hard-end", END))
    role = found.one("RoleAssignment").inputs
    assert (role["scope"], role["roleDefinitionId"]) == (vm.VM_ID, vm.ENDING_ROLE)
    assert role["principalType"] == "ServicePrincipal"
    assert found.one("Workflow").inputs["identity"] == {"type": "SystemAssigned"}
    assert problems(found) == []


def test_each_call_of_the_workflow_is_tried_again_and_made_as_its_identity() -> None:
    for action in definition(vm.VM_ID, vm.HARD_END)["actions"].values():
        given = action["inputs"]
        assert given["authentication"] == {
            "type": "ManagedServiceIdentity",
            "audience": "https://management.azure.com/",
        }
        assert given["retryPolicy"]["type"] == "exponential"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: HardEndArgs(**{**END.__dict__, "at": "tomorrow"}),
            "The hard end 'tomorrow' is no RFC 3339 time in UTC",
        ),
        (lambda: HardEndArgs(**{**END.__dict__, "location": "Europe"}), "is no Azure location"),
        (
            lambda: AutoShutdownArgs(
                resource_group=GROUP, location="westeurope", machine=vm.VM_ID, machine_name=vm.NAME, at="02:00"
            ),
            "The hard end '02:00' is no RFC 3339 time in UTC",
        ),
        (
            lambda: AccessArgs(subscription=SUBSCRIPTION, target=vm.VM_ID, principals=("everybody",)),
            "'everybody' may not be granted access on Azure; allowed are group:, user: and servicePrincipal:",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_the_way_on(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        make()


def test_a_principal_is_told_by_its_kind_and_object_id() -> None:
    assert parse_principal(vm.PEOPLE) == ("Group", "3fa85f64-5717-4562-b3fc-2c963f66afa6")
