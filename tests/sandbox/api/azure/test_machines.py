"""Virtual machines as Microsoft's own client sees them."""

from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.sandbox.api.azure.conftest import GROUP, SIZE, Azure
from trainyard.sandbox import clock
from trainyard.sandbox.store import Store

Body = Callable[..., dict[str, Any]]
VM = "azure-native:compute:VirtualMachine"


def make(azure: Azure, body: dict[str, Any], name: str = "lab-0") -> Any:
    return azure.compute.virtual_machines.begin_create_or_update(GROUP, name, body).result()


def power(azure: Azure, name: str = "lab-0") -> str:
    view = azure.compute.virtual_machines.instance_view(GROUP, name)
    return next(str(one.code) for one in view.statuses or () if str(one.code).startswith("PowerState/"))


def test_a_machine_that_the_client_makes_comes_back_in_its_models(azure: Azure, machine_body: Body) -> None:
    made = make(azure, machine_body(tags={"trainyard-lease": "a"}, zones=["1"]))
    (listed,) = azure.compute.virtual_machines.list_all()
    (in_group,) = azure.compute.virtual_machines.list(GROUP)
    assert made.id == listed.id == in_group.id
    assert (listed.name, listed.location, listed.zones) == ("lab-0", "eastus", ["1"])
    assert listed.tags == {"trainyard-lease": "a"}
    assert listed.properties.hardware_profile.vm_size == SIZE
    assert listed.properties.provisioning_state == "Succeeded"


def test_its_os_disk_is_a_thing_of_its_own_with_the_machines_tags(azure: Azure, machine_body: Body) -> None:
    made = make(azure, machine_body(tags={"trainyard-lease": "a"}))
    (disk,) = azure.compute.disks.list()
    assert disk.id == made.properties.storage_profile.os_disk.managed_disk.id
    assert (disk.managed_by, disk.properties.disk_state, disk.sku.name) == (made.id, "Attached", "Premium_LRS")
    assert disk.tags == {"trainyard-lease": "a"}


def test_a_stopped_machine_is_not_a_deallocated_one(azure: Azure, machine_body: Body) -> None:
    make(azure, machine_body())
    machines = azure.compute.virtual_machines
    assert power(azure) == "PowerState/running"
    machines.begin_power_off(GROUP, "lab-0").result()
    assert power(azure) == "PowerState/stopped"
    (disk,) = azure.compute.disks.list()
    assert disk.properties.disk_state == "Attached"
    machines.begin_start(GROUP, "lab-0").result()
    assert power(azure) == "PowerState/running"
    machines.begin_deallocate(GROUP, "lab-0").result()
    assert power(azure) == "PowerState/deallocated"
    (disk,) = azure.compute.disks.list()
    assert disk.properties.disk_state == "Reserved"


def test_a_deallocated_machine_cannot_be_powered_off(azure: Azure, machine_body: Body) -> None:
    make(azure, machine_body())
    azure.compute.virtual_machines.begin_deallocate(GROUP, "lab-0").result()
    with pytest.raises(HttpResponseError, match="OperationNotAllowed"):
        azure.compute.virtual_machines.begin_power_off(GROUP, "lab-0").result()


def test_what_was_begun_takes_simulated_time(azure: Azure, machine_body: Body, store: Store) -> None:
    make(azure, machine_body())
    answer = azure.ask("POST", f"/resourceGroups/{GROUP}/providers/Microsoft.Compute/virtualMachines/lab-0/deallocate")
    assert answer.status_code == 202
    assert answer.headers["Location"]
    assert power(azure) == "PowerState/deallocating"
    assert store.list(type=VM)[0].status == "live"
    clock.move(store, 60)
    assert power(azure) == "PowerState/deallocated"
    assert store.list(type=VM)[0].status == "stopped"
    assert azure.finish(answer).json()["status"] == "Succeeded"


def test_a_machine_that_is_being_deleted_is_listed_until_it_is_gone(azure: Azure, machine_body: Body) -> None:
    make(azure, machine_body())
    path = f"/resourceGroups/{GROUP}/providers/Microsoft.Compute/virtualMachines/lab-0"
    answer = azure.ask("DELETE", path)
    (listed,) = azure.compute.virtual_machines.list_all()
    assert listed.properties.provisioning_state == "Deleting"
    azure.finish(answer)
    assert list(azure.compute.virtual_machines.list_all()) == []


def test_the_os_disk_stays_when_its_machine_goes_and_bills_on(azure: Azure, machine_body: Body) -> None:
    make(azure, machine_body())
    azure.compute.virtual_machines.begin_delete(GROUP, "lab-0").result()
    (disk,) = azure.compute.disks.list()
    assert (disk.managed_by, disk.properties.disk_state) == (None, "Unattached")
    make(azure, machine_body())
    assert len(list(azure.compute.disks.list())) == 2


def test_the_os_disk_goes_along_where_delete_option_says_so(azure: Azure, machine_body: Body) -> None:
    make(azure, machine_body(os_disk={"deleteOption": "Delete"}))
    azure.compute.virtual_machines.begin_delete(GROUP, "lab-0").result()
    assert list(azure.compute.disks.list()) == []


def test_a_disk_that_a_machine_holds_cannot_be_deleted(azure: Azure, machine_body: Body) -> None:
    make(azure, machine_body())
    (disk,) = azure.compute.disks.list()
    with pytest.raises(HttpResponseError, match="is attached to VM"):
        azure.compute.disks.begin_delete(GROUP, str(disk.name)).result()


def test_ids_are_found_in_any_spelling(azure: Azure, machine_body: Body) -> None:
    made = make(azure, machine_body())
    path = f"/RESOURCEgroups/{GROUP.upper()}/providers/microsoft.compute/VIRTUALmachines/LAB-0"
    assert azure.ask("GET", path).json()["id"] == made.id
    make(azure, machine_body(tags={"a": "b"}), name="LAB-0")
    assert [one.id for one in azure.compute.virtual_machines.list_all()] == [made.id]


def test_status_only_tells_the_state_and_no_tags(azure: Azure, machine_body: Body) -> None:
    make(azure, machine_body(tags={"a": "b"}))
    (listed,) = azure.compute.virtual_machines.list_all(status_only="true")
    assert listed.tags is None
    assert [one.code for one in listed.properties.instance_view.statuses] == [
        "ProvisioningState/succeeded",
        "PowerState/running",
    ]
    with pytest.raises(HttpResponseError, match="filter"):
        list(azure.compute.virtual_machines.list_all(expand="instanceView"))


def test_tags_are_changed_by_patch_and_the_etag_with_them(azure: Azure, machine_body: Body) -> None:
    made = make(azure, machine_body())
    machines = azure.compute.virtual_machines
    changed = machines.begin_update(GROUP, "lab-0", {"tags": {"x": "y"}}).result()
    assert changed.tags == {"x": "y"}
    assert changed.etag != made.etag
    path = f"/resourceGroups/{GROUP}/providers/Microsoft.Compute/virtualMachines/lab-0"
    late = azure.ask("PATCH", path, {"tags": {}}, **{"If-Match": made.etag})
    assert (late.status_code, late.json()["error"]["code"]) == (412, "PreconditionFailed")


def test_what_is_not_there_is_refused_in_azures_words(azure: Azure) -> None:
    with pytest.raises(ResourceNotFoundError, match="virtualMachines/none' under resource group 'lab' was not found"):
        azure.compute.virtual_machines.get(GROUP, "none")
    with pytest.raises(ResourceNotFoundError, match="Resource group 'nowhere' could not be found"):
        azure.compute.virtual_machines.get("nowhere", "none")
    with pytest.raises(ResourceNotFoundError, match="Resource group 'nowhere' could not be found"):
        list(azure.compute.virtual_machines.list("nowhere"))


def test_a_size_that_the_region_lacks_is_refused_as_on_the_provider_side(azure: Azure, machine_body: Body) -> None:
    body = machine_body()
    body["properties"]["hardwareProfile"]["vmSize"] = "Standard_ND96isr_H999_v5"
    with pytest.raises(HttpResponseError, match="not available in the current region"):
        make(azure, body)
    body = machine_body()
    body["properties"]["hardwarProfile"] = {}
    with pytest.raises(HttpResponseError, match="hardwarProfile"):
        make(azure, body)


def test_a_scale_sets_machines_are_listed_with_their_own_state(azure: Azure, machine_body: Body) -> None:
    profile = machine_body()["properties"]
    profile["storageProfile"].pop("osDisk")
    os_profile = {**profile["osProfile"], "computerNamePrefix": "lab"}
    os_profile.pop("computerName")
    body = {
        "location": "eastus",
        "sku": {"name": SIZE, "capacity": 3, "tier": "Standard"},
        "tags": {"trainyard-lease": "a"},
        "properties": {
            "orchestrationMode": "Uniform",
            "upgradePolicy": {"mode": "Manual"},
            "virtualMachineProfile": {"storageProfile": profile["storageProfile"], "osProfile": os_profile},
        },
    }
    sets = azure.compute.virtual_machine_scale_sets
    sets.begin_create_or_update(GROUP, "pool", body).result()
    sets.begin_deallocate(GROUP, "pool", {"instanceIds": ["1"]}).result()
    machines = azure.compute.virtual_machine_scale_set_vms.list(GROUP, "pool", expand="instanceView")
    states = {one.instance_id: one.properties.instance_view.statuses[-1].code for one in machines}
    assert states == {"0": "PowerState/running", "1": "PowerState/deallocated", "2": "PowerState/running"}
    sets.begin_power_off(GROUP, "pool").result()
    view = sets.get_instance_view(GROUP, "pool")
    assert ("PowerState/stopped", 3) in {(one.code, one.count) for one in view.virtual_machine.statuses_summary}
    assert list(azure.compute.virtual_machines.list_all()) == []


def test_the_subscription_is_found_and_another_is_not(azure: Azure) -> None:
    assert azure.ask("GET", "").json()["state"] == "Enabled"
    answer = azure.ask("GET", "", subscription="11111111-2222-4333-8444-555555555555")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "SubscriptionNotFound")
