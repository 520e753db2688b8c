"""The edge of Azure Resource Manager: tokens, versions, pages, groups, and what goes wrong."""

from typing import Any

import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError

from tests.sandbox.api.azure.conftest import GROUP, SIZE, SUBSCRIPTION, Azure, gpu_machine
from trainyard.sandbox import clock, faults, registered
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.store import Store, Thing

COMPUTE = "/providers/Microsoft.Compute"
LIST = "Microsoft.Compute/virtualMachines.listAll"


def error(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def plant(store: Store, count: int) -> None:
    """Machines, as the provider side leaves them in the store."""
    root = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}{COMPUTE}/virtualMachines"
    with store.transaction():
        for number in range(count):
            name = f"vm-{number:05}"
            store.add(
                Thing(
                    type="azure-native:compute:VirtualMachine",
                    id=f"{root}/{name}",
                    package="azure-native",
                    project=SUBSCRIPTION,
                    place="eastus",
                    name=name,
                    outputs={"location": "eastus", "hardwareProfile": {"vmSize": SIZE}, "tags": {"n": str(number)}},
                )
            )


def fault(store: Store, call: str, kind: str, **more: Any) -> None:
    faults.replace(store, [Fault(call=call, kind=kind, **more)])


def test_a_call_without_or_with_a_wrong_token_is_refused(azure: Azure) -> None:
    url = f"{azure.url}/subscriptions/{SUBSCRIPTION}?api-version=2022-12-01"
    assert error(requests.get(url, timeout=30)) == (401, "AuthenticationFailed")
    with pytest.raises(ClientAuthenticationError, match="InvalidAuthenticationToken"):
        list(azure.compute_with("wrong").virtual_machines.list_all())


def test_each_call_says_its_version(azure: Azure) -> None:
    url = f"{azure.url}/subscriptions/{SUBSCRIPTION}"
    token = {"Authorization": "Bearer word"}
    assert error(requests.get(url, headers=token, timeout=30)) == (400, "MissingApiVersionParameter")
    for wrong in ("latest", "2024-13-45", "v1"):
        answer = requests.get(f"{url}?api-version={wrong}", headers=token, timeout=30)
        assert error(answer) == (400, "InvalidApiVersionParameter")
    assert requests.get(f"{url}?API-Version=2024-07-01-preview", headers=token, timeout=30).ok


def test_thousands_of_machines_come_on_pages_and_each_once(azure: Azure, store: Store) -> None:
    plant(store, 2500)
    names = [one.name for one in azure.compute.virtual_machines.list_all()]
    assert len(names) == len(set(names)) == 2500
    states = azure.compute.virtual_machines.list_all(status_only="true")
    assert sum(one.properties.instance_view is not None for one in states) == 2500


def test_a_list_that_lags_does_not_show_what_is_new(azure: Azure, store: Store) -> None:
    plant(store, 1)
    clock.move(store, 120)
    azure.compute.virtual_machines.begin_create_or_update(
        GROUP, "new", {"location": "eastus", "properties": gpu_machine("new")}
    ).result()
    fault(store, LIST, "lag", seconds=60, times=1)
    assert [one.name for one in azure.compute.virtual_machines.list_all()] == ["vm-00000"]
    assert len(list(azure.compute.virtual_machines.list_all())) == 2


def test_throttling_says_how_long_to_wait(azure: Azure, store: Store) -> None:
    fault(store, LIST, "throttle", seconds=7)
    with pytest.raises(HttpResponseError, match="SubscriptionRequestsThrottled") as raised:
        list(azure.compute.virtual_machines.list_all())
    assert raised.value.response is not None
    assert raised.value.response.headers["Retry-After"] == "7"


def test_an_expired_token_is_told_in_simulated_time(azure: Azure, store: Store) -> None:
    clock.move(store, 3600)
    fault(store, LIST, "expired-credentials")
    with pytest.raises(ClientAuthenticationError, match="ExpiredAuthenticationToken"):
        list(azure.compute.virtual_machines.list_all())
    answer = azure.ask("GET", f"{COMPUTE}/virtualMachines")
    assert answer.headers["Date"].startswith(clock.now(store).strftime("%a, %d %b %Y %H:"))
    assert "invalid_token" in answer.headers["WWW-Authenticate"]


def test_a_right_that_is_missing_is_named(azure: Azure, store: Store) -> None:
    fault(store, "Microsoft.Compute/virtualMachines.deallocate", "refuse", code=403)
    answer = azure.ask("POST", f"/resourceGroups/{GROUP}{COMPUTE}/virtualMachines/x/deallocate")
    assert error(answer) == (403, "AuthorizationFailed")
    assert "'Microsoft.Compute/virtualMachines/deallocate/action' over scope" in answer.text


def test_a_delete_that_lingers_takes_that_long(azure: Azure, store: Store) -> None:
    plant(store, 1)
    fault(store, "Microsoft.Compute/virtualMachines.delete", "linger", seconds=900)
    azure.ask("DELETE", f"/resourceGroups/{GROUP}{COMPUTE}/virtualMachines/vm-00000")
    clock.move(store, 600)
    assert len(list(azure.compute.virtual_machines.list_all())) == 1
    clock.move(store, 600)
    assert list(azure.compute.virtual_machines.list_all()) == []


def test_a_lost_response_leaves_the_thing_made(azure: Azure, store: Store) -> None:
    fault(store, "Microsoft.Compute/virtualMachines.createOrUpdate", "lost-response", times=1)
    body = {"location": "eastus", "properties": gpu_machine("lost")}
    with pytest.raises(requests.ConnectionError):
        azure.ask("PUT", f"/resourceGroups/{GROUP}{COMPUTE}/virtualMachines/lost", body)
    assert [one.name for one in azure.compute.virtual_machines.list_all()] == ["lost"]


def test_a_machine_for_which_there_is_no_room_is_taken_and_fails_later(azure: Azure, store: Store) -> None:
    body: Any = {"location": "eastus", "properties": gpu_machine("one")}
    machines = azure.compute.virtual_machines
    fault(store, "Microsoft.Compute/virtualMachines.createOrUpdate", "stockout", times=1)
    with pytest.raises(HttpResponseError, match="AllocationFailed"):
        machines.begin_create_or_update(GROUP, "one", body).result()
    assert list(machines.list_all()) == []
    machines.begin_create_or_update(GROUP, "one", body).result()
    machines.begin_deallocate(GROUP, "one").result()
    fault(store, "Microsoft.Compute/virtualMachines.start", "stockout")
    with pytest.raises(HttpResponseError, match="AllocationFailed"):
        machines.begin_start(GROUP, "one").result()
    assert machines.instance_view(GROUP, "one").statuses[-1].code == "PowerState/deallocated"


def test_a_group_takes_all_that_is_in_it_along(azure: Azure, store: Store) -> None:
    plant(store, 3)
    assert azure.finish(azure.ask("DELETE", f"/resourceGroups/{GROUP.upper()}")).json()["status"] == "Succeeded"
    assert list(azure.compute.virtual_machines.list_all()) == []
    assert error(azure.ask("GET", f"/resourceGroups/{GROUP}")) == (404, "ResourceGroupNotFound")


def test_a_groups_place_never_changes(azure: Azure) -> None:
    answer = azure.ask("PUT", f"/resourceGroups/{GROUP}", {"location": "westeurope"})
    assert error(answer) == (409, "InvalidResourceGroupLocation")
    assert [one["name"] for one in azure.ask("GET", "/resourcegroups").json()["value"]] == [GROUP]


def test_resources_are_found_by_tag_in_any_case_of_its_name(azure: Azure) -> None:
    body = {"location": "eastus", "tags": {"Lease": "a"}, "properties": gpu_machine("one")}
    azure.ask("PUT", f"/resourceGroups/{GROUP}{COMPUTE}/virtualMachines/one", body)

    def found(text: str) -> set[str]:
        return {one["type"] for one in azure.ask("GET", f"/resources?$filter={text}").json()["value"]}

    both = {"Microsoft.Compute/virtualMachines", "Microsoft.Compute/disks"}
    assert found("tagName eq 'lease' and tagValue eq 'a'") == both
    assert found("tagName eq 'lease' and tagValue eq 'A'") == set()
    assert found("resourceType eq 'microsoft.compute/DISKS'") == {"Microsoft.Compute/disks"}
    mixed = azure.ask("GET", "/resources?$filter=tagName eq 'lease' and name eq 'one'")
    assert error(mixed) == (400, "InvalidFilterInQueryString")


def test_sizes_and_use_are_told_by_place(azure: Azure) -> None:
    here = {one.name for one in azure.compute.resource_skus.list(filter="location eq 'eastus'")}
    assert SIZE in here
    azure.compute.virtual_machines.begin_create_or_update(
        GROUP, "one", {"location": "eastus", "properties": gpu_machine("one")}
    ).result()
    used = {one.name.value: one.current_value for one in azure.compute.usage.list("eastus")}
    assert used["cores"] == 24
    azure.compute.virtual_machines.begin_deallocate(GROUP, "one").result()
    assert {one.name.value: one.current_value for one in azure.compute.usage.list("eastus")}["virtualMachines"] == 1
    assert "eastus" in {one["name"] for one in azure.ask("GET", "/locations").json()["value"]}


def test_a_call_that_is_not_served_is_told(azure: Azure) -> None:
    answer = azure.ask("GET", "/providers/Microsoft.Quantum/workspaces")
    assert error(answer) == (404, "HttpResourceNotFound")
    assert "the sandbox does not serve GET" in answer.text


def test_an_owner_registers_a_service_and_then_it_is_taken(azure: Azure, store: Store) -> None:
    registered.declare(store, [registered.Registered(subscription=SUBSCRIPTION, names=("Microsoft.Compute",))])
    path = f"/resourceGroups/{GROUP}/providers/Microsoft.Network/virtualNetworks/net"
    body = {"location": "eastus", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
    network = "/providers/Microsoft.Network"
    assert error(azure.ask("PUT", path, body)) == (409, "MissingSubscriptionRegistration")
    assert azure.ask("POST", f"{network}/register").json()["registrationState"] == "Registered"
    assert azure.ask("PUT", path, body).status_code in (200, 201)
