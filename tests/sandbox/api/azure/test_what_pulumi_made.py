"""What the provider side made is what Microsoft's own clients see."""

from typing import Any

import pytest

from tests.sandbox.api.azure.conftest import KEY, SIZE, SUBSCRIPTION, Azure
from tests.sandbox.provider.conftest import Cloud
from trainyard.sandbox.provider.ports import serve_all
from trainyard.sandbox.store import Store


@pytest.fixture
def pulumi(store: Store) -> Any:
    providers = serve_all(store, ["azure-native"])
    yield Cloud(providers.ports["azure-native"], {"subscriptionId": SUBSCRIPTION, "location": "eastus"})
    providers.stop()


def machine(**more: Any) -> dict[str, Any]:
    key = {"path": "/home/azureuser/.ssh/authorized_keys", "keyData": KEY}
    image = {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server", "version": "latest"}
    return {
        "resourceGroupName": "lab",
        "vmName": "trainer",
        "location": "eastus",
        "tags": {"trainyard-lease": "a"},
        "hardwareProfile": {"vmSize": SIZE},
        "storageProfile": {"imageReference": image, "osDisk": {"createOption": "FromImage", "diskSizeGB": 128}},
        "osProfile": {
            "computerName": "trainer",
            "adminUsername": "azureuser",
            "linuxConfiguration": {"disablePasswordAuthentication": True, "ssh": {"publicKeys": [key]}},
        },
        **more,
    }


def test_a_machine_with_its_network_is_listed_whole(azure: Azure, pulumi: Cloud) -> None:
    network = {"resourceGroupName": "lab", "virtualNetworkName": "net"}
    pulumi.create(
        "azure-native:network:VirtualNetwork", {**network, "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    )
    subnet, _ = pulumi.create(
        "azure-native:network:Subnet", {**network, "subnetName": "sub", "addressPrefix": "10.0.0.0/24"}
    )
    address, _ = pulumi.create(
        "azure-native:network:PublicIPAddress",
        {
            "resourceGroupName": "lab",
            "publicIpAddressName": "ip",
            "publicIPAllocationMethod": "Static",
            "sku": {"name": "Standard"},
        },
    )
    part = {"name": "one", "subnet": {"id": subnet}, "publicIPAddress": {"id": address}}
    nic, _ = pulumi.create(
        "azure-native:network:NetworkInterface",
        {"resourceGroupName": "lab", "networkInterfaceName": "nic", "ipConfigurations": [part]},
    )
    interfaces = {"networkInterfaces": [{"id": nic, "primary": True, "deleteOption": "Delete"}]}
    id_, told = pulumi.create("azure-native:compute:VirtualMachine", machine(networkProfile=interfaces, zones=["1"]))

    (listed,) = azure.compute.virtual_machines.list_all()
    assert (listed.id, listed.location, listed.zones, listed.tags) == (id_, "eastus", ["1"], {"trainyard-lease": "a"})
    (interface,) = listed.properties.network_profile.network_interfaces
    assert (interface.id, interface.properties.primary) == (nic, True)
    assert listed.properties.storage_profile.os_disk.disk_size_gb == 128
    assert told["storageProfile"]["osDisk"]["managedDisk"]["id"] == next(iter(azure.compute.disks.list())).id
    seen = azure.network.network_interfaces.get("lab", "nic")
    assert seen.properties.virtual_machine.id == id_
    assert seen.properties.ip_configurations[0].properties.subnet.id == subnet
    public = azure.network.public_ip_addresses.get("lab", "ip")
    assert public.properties.ip_configuration.id == f"{nic}/ipConfigurations/one"
    assert public.properties.ip_address


def test_the_os_disk_outlives_a_destroy(azure: Azure, pulumi: Cloud) -> None:
    id_, _ = pulumi.create("azure-native:compute:VirtualMachine", machine())
    pulumi.delete("azure-native:compute:VirtualMachine", id_)
    (disk,) = azure.compute.disks.list()
    assert (disk.properties.disk_state, disk.tags) == ("Unattached", {"trainyard-lease": "a"})


def test_data_disks_are_things_of_their_own(azure: Azure, pulumi: Cloud) -> None:
    image = machine()["storageProfile"]
    data = [{"lun": 0, "createOption": "Empty", "diskSizeGB": 512, "deleteOption": "Delete"}]
    id_, _ = pulumi.create("azure-native:compute:VirtualMachine", machine(storageProfile={**image, "dataDisks": data}))
    assert sorted(one.disk_size_gb for one in azure.compute.disks.list()) == [128, 512]
    pulumi.delete("azure-native:compute:VirtualMachine", id_)
    assert [one.disk_size_gb for one in azure.compute.disks.list()] == [128]


def test_a_machine_that_was_deallocated_stays_so_over_an_update_and_says_nothing_new_to_pulumi(
    azure: Azure, pulumi: Cloud
) -> None:
    inputs = machine()
    id_, told = pulumi.create("azure-native:compute:VirtualMachine", inputs)
    azure.compute.virtual_machines.begin_deallocate("lab", "trainer").result()
    assert pulumi.read("azure-native:compute:VirtualMachine", id_)[1] == told
    checked = pulumi.checked("azure-native:compute:VirtualMachine", inputs)
    tags = {"trainyard-lease": "a", "x": "y"}
    after = pulumi.update("azure-native:compute:VirtualMachine", id_, checked, {**inputs, "tags": tags})
    assert after["storageProfile"] == told["storageProfile"]
    view = azure.compute.virtual_machines.instance_view("lab", "trainer")
    assert view.statuses[-1].code == "PowerState/deallocated"
    (disk,) = azure.compute.disks.list()
    assert disk.tags == {"trainyard-lease": "a"}


def test_storage_accounts_are_listed_and_no_more(azure: Azure, pulumi: Cloud) -> None:
    pulumi.create(
        "azure-native:storage:StorageAccount",
        {
            "resourceGroupName": "lab",
            "accountName": "labdata",
            "sku": {"name": "Standard_LRS"},
            "kind": "StorageV2",
            "location": "eastus",
        },
    )
    (listed,) = azure.storage.storage_accounts.list()
    assert (listed.name, listed.kind, listed.sku.name) == ("labdata", "StorageV2", "Standard_LRS")
