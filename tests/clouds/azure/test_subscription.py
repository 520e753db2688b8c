"""What carries a lease's tag in an Azure subscription, through Azure's own pipeline: all of it, or an error."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.clouds.azure.conftest import LEASE, SIZE, SUBSCRIPTION, Cloud
from trainyard.clouds import ScopeUnreadable, UnknownScopeError, open_scope
from trainyard.clouds.azure import AzureSubscription
from trainyard.facts.billable import Billable
from trainyard.facts.origin import Sandbox, subscription_in
from trainyard.facts.price import Known, Unknown
from trainyard.sandbox import faults
from trainyard.sandbox.store import Store, Thing

SCOPE = f"azure:{SUBSCRIPTION}"
LIST = "Microsoft.Compute/virtualMachines.listAll"
NETWORK = "/providers/Microsoft.Network"
Break = Callable[..., None]


def listed(sandbox: Sandbox) -> tuple[Billable, ...]:
    return AzureSubscription(SUBSCRIPTION, sandbox).list_billable(LEASE)


def kinds(sandbox: Sandbox) -> list[tuple[str, bool]]:
    return sorted((thing.kind, thing.billing) for thing in listed(sandbox))


def test_a_running_machine_bills_with_place_size_and_price(sandbox: Sandbox, cloud: Cloud) -> None:
    cloud.machine("vm-0", LEASE)
    cloud.machine("other-0", "dev-lab-ffffffff")
    cloud.machine("untagged-0", None)
    machine, disk = sorted(listed(sandbox), key=lambda thing: thing.kind, reverse=True)
    assert (machine.kind, machine.name, machine.place, machine.scope) == ("machine", "lab/vm-0", "eastus", SCOPE)
    assert (machine.machine_type, machine.status, machine.billing) == (SIZE, "VM running", True)
    assert isinstance(machine.price, Known)
    assert machine.price.usd_hour > Decimal("1")
    assert (disk.kind, disk.billing) == ("disk", True)


def test_a_spot_machine_has_the_spot_price_if_the_catalogue_has_one(sandbox: Sandbox, cloud: Cloud) -> None:
    cloud.machine("vm-0", LEASE)
    cloud.machine("vm-1", LEASE, priority="Spot", evictionPolicy="Deallocate")
    price = {thing.name: thing.price for thing in listed(sandbox) if thing.kind == "machine"}
    assert price["lab/vm-1"] != price["lab/vm-0"]


def test_a_machine_that_is_stopped_but_not_deallocated_bills(sandbox: Sandbox, cloud: Cloud) -> None:
    cloud.machine("vm-0", LEASE)
    cloud.to("powerOff", "vm-0")
    (machine,) = (thing for thing in listed(sandbox) if thing.kind == "machine")
    assert (machine.status, machine.billing) == ("VM stopped, not deallocated", True)


def test_of_a_deallocated_machine_only_its_disk_and_address_bill(sandbox: Sandbox, cloud: Cloud) -> None:
    address = cloud.ask("PUT", f"{NETWORK}/publicIPAddresses/ip", {"location": "eastus", "properties": {}}).json()
    network = {"location": "eastus", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
    cloud.ask("PUT", f"{NETWORK}/virtualNetworks/v", network)
    part = {"properties": {"addressPrefix": "10.0.0.0/24"}}
    subnet = cloud.ask("PUT", f"{NETWORK}/virtualNetworks/v/subnets/s", part).json()
    inside = {"subnet": {"id": subnet["id"]}, "publicIPAddress": {"id": address["id"]}}
    nic = {"location": "eastus", "properties": {"ipConfigurations": [{"name": "one", "properties": inside}]}}
    made = cloud.ask("PUT", f"{NETWORK}/networkInterfaces/nic", nic).json()
    cloud.machine("vm-0", LEASE, networkProfile={"networkInterfaces": [{"id": made["id"]}]})
    cloud.to("deallocate", "vm-0")
    assert kinds(sandbox) == [("address", True), ("disk", True), ("machine", False)]


def test_a_disk_that_outlived_its_machine_bills_by_the_tag_it_was_made_with(sandbox: Sandbox, cloud: Cloud) -> None:
    cloud.machine("vm-0", LEASE)
    cloud.ask("DELETE", "/providers/Microsoft.Compute/virtualMachines/vm-0")
    (disk,) = listed(sandbox)
    assert (disk.kind, disk.status.split()[0], disk.billing) == ("disk", "Unattached", True)
    assert isinstance(disk.price, Unknown)


def test_addresses_snapshots_and_gateways_with_the_tag_bill(sandbox: Sandbox, cloud: Cloud) -> None:
    tags = {"TRAINYARD-Lease": LEASE}  # Azure does not tell the cases of a tag's name apart
    body = {"location": "eastus", "tags": tags}
    cloud.ask("PUT", f"{NETWORK}/publicIPAddresses/ip", {**body, "properties": {}})
    cloud.ask("PUT", f"{NETWORK}/natGateways/nat", {**body, "sku": {"name": "Standard"}, "properties": {}})
    create = {"creationData": {"createOption": "Empty"}, "diskSizeGB": 64}
    disk = cloud.ask("PUT", "/providers/Microsoft.Compute/disks/left", {**body, "properties": create}).json()
    copy = {"creationData": {"createOption": "Copy", "sourceResourceId": disk["id"]}}
    cloud.ask("PUT", "/providers/Microsoft.Compute/snapshots/snap", {**body, "properties": copy})
    assert {(thing.kind, thing.name) for thing in listed(sandbox)} == {
        ("address", "lab/ip"),
        ("nat gateway", "lab/nat"),
        ("disk", "lab/left"),
        ("snapshot", "lab/snap"),
    }


def scale_set(name: str, **more: object) -> Thing:
    id_ = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/lab/providers/Microsoft.Compute/virtualMachineScaleSets/{name}"
    told = {"location": "eastus", "tags": {"trainyard-lease": LEASE}, "sku": {"name": SIZE, "capacity": 3}, **more}
    return Thing(
        type="azure-native:compute:VirtualMachineScaleSet",
        id=id_,
        package="azure-native",
        project=SUBSCRIPTION,
        place="eastus",
        name=name,
        outputs=told,
    )


def test_a_scale_set_bills_for_the_machines_that_are_not_deallocated(
    sandbox: Sandbox, cloud: Cloud, store: Store
) -> None:
    store.add(scale_set("pool", orchestrationMode="Uniform"))
    sets = "/providers/Microsoft.Compute/virtualMachineScaleSets/pool"
    cloud.machine("vm-0", LEASE)
    one = next(thing.price for thing in listed(sandbox) if thing.kind == "machine")
    cloud.ask("POST", f"{sets}/deallocate", {"instanceIds": ["0"]})
    (pool,) = (thing for thing in listed(sandbox) if thing.kind == "scale set")
    assert (pool.status, pool.billing) == ("2 machines of 3 not deallocated", True)
    assert isinstance(pool.price, Known)
    assert isinstance(one, Known)
    assert pool.price.usd_hour == 2 * one.usd_hour
    cloud.ask("POST", f"{sets}/deallocate")
    (pool,) = (thing for thing in listed(sandbox) if thing.kind == "scale set")
    assert pool.billing is False


def learning(store: Store, kind: str, name: str, **told: object) -> None:
    """A thing of Azure Machine Learning, as the provider side leaves it in the store."""
    root = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/lab/providers/Microsoft.MachineLearningServices/workspaces/w"
    plural = {
        "Workspace": "",
        "Compute": f"/computes/{name}",
        "Job": f"/jobs/{name}",
        "OnlineEndpoint": f"/onlineEndpoints/{name}",
        "OnlineDeployment": f"/onlineEndpoints/e/deployments/{name}",
    }[kind]
    thing = Thing(
        type=f"azure-native:machinelearningservices:{kind}",
        id=root + plural,
        package="azure-native",
        project=SUBSCRIPTION,
        place="eastus",
        name=name,
        outputs={**told},
    )
    store.put(thing)


def test_ml_clusters_and_jobs_bill_while_they_have_nodes_or_run(sandbox: Sandbox, cloud: Cloud, store: Store) -> None:
    tags = {"trainyard-lease": LEASE}
    cluster = {"vmSize": SIZE, "scaleSettings": {"minNodeCount": 0.0, "maxNodeCount": 4.0}}
    learning(store, "Workspace", "w", location="eastus")
    learning(store, "Compute", "idle", tags=tags, properties={"computeType": "AmlCompute", "properties": cluster})
    busy = {**cluster, "scaleSettings": {"minNodeCount": 2.0, "maxNodeCount": 4.0}}
    learning(store, "Compute", "busy", tags=tags, properties={"computeType": "AmlCompute", "properties": busy})
    learning(store, "Job", "run", properties={"jobType": "Command", "tags": tags})
    learning(store, "Job", "theirs", properties={"jobType": "Command", "tags": {"a": "b"}})
    found = {thing.name: (thing.kind, thing.billing) for thing in listed(sandbox)}
    assert found == {
        "lab/w/idle": ("ml compute", False),
        "lab/w/busy": ("ml compute", True),
        "lab/w/run": ("ml job", True),
    }
    path = "/providers/Microsoft.MachineLearningServices/workspaces/w/jobs/run"
    cloud.ask("POST", f"{path}/cancel")
    assert ("ml job", False) in kinds(sandbox)


def test_an_ml_instance_that_is_stopped_keeps_what_bills(sandbox: Sandbox, cloud: Cloud, store: Store) -> None:
    learning(store, "Workspace", "w", location="eastus")
    own = {"computeType": "ComputeInstance", "properties": {"vmSize": SIZE}}
    learning(store, "Compute", "desk", tags={"trainyard-lease": LEASE}, properties=own)
    cloud.ask("POST", "/providers/Microsoft.MachineLearningServices/workspaces/w/computes/desk/stop")
    (desk,) = listed(sandbox)
    assert (desk.status, desk.billing) == ("Stopped", True)
    assert isinstance(desk.price, Unknown)


def test_an_online_deployment_bills_by_its_machines_and_goes_by_its_endpoints_tag_too(
    sandbox: Sandbox, cloud: Cloud, store: Store
) -> None:
    learning(store, "Workspace", "w", location="eastus")
    learning(store, "OnlineEndpoint", "e", tags={"trainyard-lease": LEASE}, properties={"authMode": "Key"})
    told = {"properties": {"endpointComputeType": "Managed", "instanceType": SIZE}, "sku": {"capacity": 2.0}}
    learning(store, "OnlineDeployment", "blue", location="eastus", **told)
    (blue,) = listed(sandbox)
    assert (blue.kind, blue.name, blue.status, blue.billing) == ("ml deployment", "lab/w/e/blue", "2 machines", True)
    way = AzureSubscription(SUBSCRIPTION, sandbox).end_by_hand(blue)
    assert way.startswith("az ml online-deployment delete --resource-group lab --workspace-name w --endpoint-name e ")


def test_all_pages_are_read(sandbox: Sandbox, cloud: Cloud, store: Store) -> None:
    root = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/lab/providers/Microsoft.Compute/disks"
    with store.transaction():
        for number in range(2350):
            lease = LEASE if number % 10 == 0 else "dev-lab-ffffffff"
            told = {"location": "eastus", "tags": {"trainyard-lease": lease}, "diskSizeGB": 64.0}
            store.add(
                Thing(
                    type="azure-native:compute:Disk",
                    id=f"{root}/disk-{number:04}",
                    package="azure-native",
                    project=SUBSCRIPTION,
                    place="eastus",
                    name=f"disk-{number:04}",
                    outputs=told,
                )
            )
    assert len(listed(sandbox)) == 235


def test_a_page_that_does_not_come_makes_the_whole_unreadable(
    sandbox: Sandbox, cloud: Cloud, store: Store, break_call: Break
) -> None:
    test_all_pages_are_read(sandbox, cloud, store)
    break_call("Microsoft.Compute/disks.listAll", "cut-list", code=400)
    with pytest.raises(ScopeUnreadable):
        listed(sandbox)


def test_a_denied_list_names_the_right_that_is_missing(sandbox: Sandbox, cloud: Cloud, break_call: Break) -> None:
    break_call("Microsoft.Network/natGateways.listAll", "refuse", code=403)
    with pytest.raises(ScopeUnreadable, match=r"403 AuthorizationFailed .*Microsoft.Network/natGateways/read"):
        listed(sandbox)


def test_a_denied_view_of_one_machine_is_no_proof_that_it_is_off(
    sandbox: Sandbox, cloud: Cloud, break_call: Break
) -> None:
    cloud.machine("vm-0", LEASE)
    break_call("Microsoft.Compute/virtualMachines.instanceView", "refuse", code=403)
    with pytest.raises(ScopeUnreadable, match="virtualMachines/instanceView/read"):
        listed(sandbox)


def test_throttling_is_waited_out(sandbox: Sandbox, cloud: Cloud, break_call: Break, store: Store) -> None:
    cloud.machine("vm-0", LEASE)
    break_call(LIST, "throttle", seconds=1, times=2)
    assert len(listed(sandbox)) == 2
    assert faults.all_of(store) == ()


def test_a_server_that_asks_for_a_long_pause_is_given_up(sandbox: Sandbox, cloud: Cloud, break_call: Break) -> None:
    break_call(LIST, "throttle", seconds=300)
    with pytest.raises(ScopeUnreadable, match=r"429 SubscriptionRequestsThrottled .*'300' seconds"):
        listed(sandbox)


def test_an_expired_login_is_told(sandbox: Sandbox, cloud: Cloud, break_call: Break) -> None:
    break_call(LIST, "expired-credentials")
    with pytest.raises(ScopeUnreadable, match="401 ExpiredAuthenticationToken The access token expiry UTC time"):
        listed(sandbox)
    with pytest.raises(ScopeUnreadable, match="401 InvalidAuthenticationToken"):
        AzureSubscription(SUBSCRIPTION, replace(sandbox, token="wrong")).list_billable(LEASE)


def test_without_a_login_the_scope_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET", "AZURE_USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    lister = AzureSubscription("1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed", None)
    with pytest.raises(ScopeUnreadable, match="no valid login"):
        lister.list_billable(LEASE)


def test_the_token_of_a_rehearsal_goes_to_the_sandbox_only(sandbox: Sandbox, cloud: Cloud, store: Store) -> None:
    arm = AzureSubscription(SUBSCRIPTION, sandbox)._arm
    arm._base = "http://127.0.0.1:9"
    with pytest.raises(ScopeUnreadable, match="a rehearsal asks the sandbox only"):
        list(arm.read("/providers/Microsoft.Compute/virtualMachines", "2024-07-01"))


def test_a_subscription_that_is_not_there_is_not_an_empty_one(sandbox: Sandbox, cloud: Cloud) -> None:
    with pytest.raises(ScopeUnreadable, match="404 SubscriptionNotFound"):
        AzureSubscription("11111111-2222-4333-8444-555555555555", sandbox).list_billable(LEASE)


def test_a_list_that_lags_does_not_show_a_new_machine_yet(sandbox: Sandbox, cloud: Cloud, break_call: Break) -> None:
    cloud.machine("vm-0", LEASE)
    break_call(LIST, "lag", seconds=3600)
    assert kinds(sandbox) == [("disk", True)]
    assert AzureSubscription(SUBSCRIPTION, sandbox).list_lag.total_seconds() > 60


def test_each_kind_has_a_command_of_azures_own_tool(sandbox: Sandbox, cloud: Cloud, store: Store) -> None:
    cloud.machine("vm-0", LEASE)
    learning(store, "Workspace", "w", location="eastus")
    learning(store, "Job", "run", properties={"jobType": "Command", "tags": {"trainyard-lease": LEASE}})
    lister = open_scope(SCOPE, sandbox)
    by_kind = {thing.kind: lister.end_by_hand(thing) for thing in lister.list_billable(LEASE)}
    at = f"--subscription {SUBSCRIPTION}"
    assert by_kind["machine"] == f"az vm delete --resource-group lab --name vm-0 --yes {at}"
    assert by_kind["ml job"] == f"az ml job cancel --resource-group lab --workspace-name w --name run {at}"


def test_a_scope_is_a_subscriptions_id_and_nothing_else(sandbox: Sandbox) -> None:
    with pytest.raises(UnknownScopeError, match="no subscription id"):
        open_scope("azure:acme-dev", sandbox)


def test_in_a_rehearsal_each_subscription_becomes_one_that_cannot_exist(sandbox: Sandbox) -> None:
    given = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"
    copy = subscription_in(sandbox, given)
    assert copy == "00000000-0000-0000-9b5d-ab8dfbbd4bed"
    assert subscription_in(sandbox, copy) == copy
    assert subscription_in(None, given) == given
