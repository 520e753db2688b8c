"""Azure: what points into the void, what is in use, which names are taken, and locks."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest

from tests.sandbox.provider.conftest import Cloud, Clouds

GROUP = "azure-native:resources:ResourceGroup"
NETWORK = "azure-native:network:VirtualNetwork"
SUBNET = "azure-native:network:Subnet"
NIC = "azure-native:network:NetworkInterface"
IP = "azure-native:network:PublicIPAddress"
PEERING = "azure-native:network:VirtualNetworkPeering"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
CLUSTER = "azure-native:containerservice:ManagedCluster"
ACCOUNT = "azure-native:storage:StorageAccount"
CONTAINER = "azure-native:storage:BlobContainer"
VAULT = "azure-native:keyvault:Vault"
LOCK = "azure-native:authorization:ManagementLockAtResourceGroupLevel"


@pytest.fixture
def azure(clouds: Clouds) -> Cloud:
    return clouds.connect("azure-native", location="eastus")


def refusal(call: Callable[..., Any], *arguments: Any) -> str:
    with pytest.raises(grpc.RpcError) as raised:
        call(*arguments)
    return str(raised.value.details())


def group(azure: Cloud, name: str = "g", location: str = "eastus") -> str:
    return azure.create(GROUP, {"resourceGroupName": name, "location": location})[0]


def network(azure: Cloud, **more: Any) -> str:
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    return azure.create(NETWORK, {"resourceGroupName": "g", "virtualNetworkName": "net", **space, **more})[0]


def subnet(azure: Cloud, name: str = "sub", cidr: str = "10.0.1.0/24") -> str:
    given = {"resourceGroupName": "g", "virtualNetworkName": "net", "subnetName": name, "addressPrefix": cidr}
    return azure.create(SUBNET, given)[0]


def nic(azure: Cloud, subnet_id: str, name: str = "nic", **more: Any) -> str:
    ip = [{"name": "ip", "subnet": {"id": subnet_id}}]
    given = {"resourceGroupName": "g", "networkInterfaceName": name, "ipConfigurations": ip, **more}
    return azure.create(NIC, given)[0]


def test_a_resource_group_must_be_there_and_its_name_is_the_same_in_capitals(azure: Cloud) -> None:
    text = refusal(network, azure)
    assert 'Code="ResourceGroupNotFound" Message="Resource group \'g\' could not be found."' in text
    group(azure, "G")
    network(azure)


def test_a_part_needs_what_it_is_a_part_of(azure: Cloud) -> None:
    group(azure)
    assert "ParentResourceNotFound" in refusal(subnet, azure)
    network(azure)
    subnet(azure)


def test_what_an_interface_points_at_must_be_there(azure: Cloud) -> None:
    id = group(azure)
    network(azure)
    path = f"{id}/providers/Microsoft.Network/virtualNetworks/net/subnets/nosuch"
    text = refusal(nic, azure, path)
    assert f'Code="InvalidResourceReference" Message="Resource {path} referenced by resource' in text


def test_a_subnet_that_its_network_names_is_there(azure: Cloud) -> None:
    group(azure)
    vnet = network(azure, subnets=[{"name": "inline", "addressPrefix": "10.0.2.0/24"}])
    nic(azure, f"{vnet}/subnets/inline")
    assert "InvalidResourceReference" in refusal(nic, azure, f"{vnet}/subnets/other", "second")


def test_things_that_work_together_are_in_one_region(azure: Cloud) -> None:
    group(azure)
    network(azure, location="westeurope")
    id = subnet(azure)
    vnet_wide = refusal(nic, azure, id)
    assert "both resources are in the same region" in vnet_wide


def test_subnets_lie_in_their_network_and_apart(azure: Cloud) -> None:
    group(azure)
    network(azure)
    subnet(azure)
    assert "NetcfgInvalidSubnet" in refusal(subnet, azure, "outside", "10.9.0.0/24")
    assert "NetcfgSubnetRangesOverlap" in refusal(subnet, azure, "same", "10.0.1.128/25")


def test_what_is_used_is_not_deleted_and_goes_once_it_is_free(azure: Cloud) -> None:
    group(azure)
    vnet = network(azure)
    id = subnet(azure)
    user = nic(azure, id)
    assert f"InUseSubnetCannotBeDeleted: Subnet sub is in use by {user}" in refusal(azure.delete, SUBNET, id)
    assert "InUseSubnetCannotBeDeleted" in refusal(azure.delete, NETWORK, vnet)
    azure.delete(NIC, user)
    azure.delete(SUBNET, id)
    azure.delete(NETWORK, vnet)


def test_a_resource_group_takes_its_contents_along(azure: Cloud, clouds: Clouds) -> None:
    id = group(azure)
    network(azure)
    nic(azure, subnet(azure))
    azure.delete(GROUP, id)
    assert clouds.store.list() == []


def account(azure: Cloud, name: str = "acmedata", where: str = "g") -> str:
    given = {"accountName": name, "resourceGroupName": where, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    return azure.create(ACCOUNT, given)[0]


def test_names_of_storage_accounts_are_the_world_s(azure: Cloud) -> None:
    group(azure)
    group(azure, "h")
    account(azure)
    assert "StorageAccountAlreadyTaken" in refusal(account, azure, "acmedata", "h")


def test_a_thing_that_is_there_is_imported_not_made_again(azure: Cloud) -> None:
    group(azure)
    id = network(azure)
    assert f"cannot create already existing resource '{id}'" in refusal(network, azure)


def test_a_vault_keeps_its_name_after_its_end(azure: Cloud) -> None:
    group(azure)
    given = {
        "vaultName": "acme-vault",
        "resourceGroupName": "g",
        "properties": {
            "tenantId": "00000000-0000-0000-0000-000000000001",
            "sku": {"family": "A", "name": "standard"},
            "accessPolicies": [],
        },
    }
    id, _ = azure.create(VAULT, given)
    azure.delete(VAULT, id)
    assert "already exists in deleted state" in refusal(azure.create, VAULT, given)


def test_a_lock_holds_what_it_is_on_and_what_is_in_it(azure: Cloud) -> None:
    id = group(azure)
    vnet = network(azure)
    lock, _ = azure.create(LOCK, {"resourceGroupName": "g", "lockName": "keep", "level": "CanNotDelete"})
    assert f"ScopeLocked\" Message=\"The scope '{vnet}' cannot perform delete operation" in refusal(
        azure.delete, NETWORK, vnet
    )
    assert "ScopeLocked" in refusal(azure.delete, GROUP, id)
    azure.delete(LOCK, lock)
    azure.delete(NETWORK, vnet)


def test_keys_are_told_of_an_account_that_is_there(azure: Cloud) -> None:
    group(azure)
    account(azure)
    name = "azure-native:storage:listStorageAccountKeys"
    told = azure.invoke(name, resourceGroupName="g", accountName="acmedata")
    assert [key["keyName"] for key in told["keys"]] == ["key1", "key2"]
    text = refusal(lambda: azure.invoke(name, resourceGroupName="g", accountName="other"))
    assert 'Code="ResourceNotFound"' in text


def address(azure: Cloud, name: str = "pip", **more: Any) -> str:
    sku = {"sku": {"name": "Standard"}, "publicIPAllocationMethod": "Static"}
    return azure.create(IP, {"resourceGroupName": "g", "publicIpAddressName": name, **sku, **more})[0]


def test_a_public_address_belongs_to_one_thing(azure: Cloud) -> None:
    group(azure)
    network(azure)
    ip = [{"name": "ip", "subnet": {"id": subnet(azure)}, "publicIPAddress": {"id": address(azure)}}]
    nic(azure, "", "first", ipConfigurations=ip)
    assert 'Code="PublicIPAddressInUse"' in refusal(lambda: nic(azure, "", "second", ipConfigurations=ip))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("10.9.0.5", "PrivateIPAddressNotInSubnet"),
        ("10.0.1.2", "PrivateIPAddressInReservedRange"),
        ("10.0.1.9", "PrivateIPAddressIsAllocated"),
    ],
)
def test_a_fixed_address_lies_free_in_its_subnet(azure: Cloud, given: str, code: str) -> None:
    group(azure)
    network(azure)
    one = {"name": "ip", "subnet": {"id": subnet(azure)}, "privateIPAllocationMethod": "Static"}
    nic(azure, "", "first", ipConfigurations=[{**one, "privateIPAddress": "10.0.1.9"}])
    second = [{**one, "privateIPAddress": given}]
    assert f'Code="{code}"' in refusal(lambda: nic(azure, "", "second", ipConfigurations=second))


def test_a_label_is_used_once_in_a_region(azure: Cloud) -> None:
    group(azure)
    address(azure, "one", dnsSettings={"domainNameLabel": "acme-lab"})
    second = {"dnsSettings": {"domainNameLabel": "acme-lab"}}
    assert 'Code="DnsRecordInUse"' in refusal(lambda: address(azure, "two", **second))
    address(azure, "far", location="westus", **second)


def test_a_container_is_public_only_where_its_account_allows_it(azure: Cloud) -> None:
    group(azure)
    account = {"resourceGroupName": "g", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    azure.create(ACCOUNT, {**account, "accountName": "closed"})
    azure.create(ACCOUNT, {**account, "accountName": "opened", "allowBlobPublicAccess": True})
    container = {"resourceGroupName": "g", "containerName": "data", "publicAccess": "Blob"}
    text = refusal(azure.create, CONTAINER, {**container, "accountName": "closed"})
    assert 'Code="PublicAccessNotPermitted"' in text
    azure.create(CONTAINER, {**container, "accountName": "opened"})


def test_a_principal_has_a_role_at_a_scope_once_and_the_scope_is_there(azure: Cloud) -> None:
    role = "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d"
    given = {"roleDefinitionId": role, "principalId": "6f2b8a3e-0d3c-4b53-9d55-0c1f6f5b7a10", "scope": group(azure)}
    azure.create(ASSIGNMENT, {**given, "roleAssignmentName": "00000000-0000-4000-8000-000000000001"})
    second = {**given, "roleAssignmentName": "00000000-0000-4000-8000-000000000002"}
    assert 'Code="RoleAssignmentExists"' in refusal(azure.create, ASSIGNMENT, second)
    nowhere = {**second, "scope": f"{given['scope']}-none"}
    assert 'Code="ResourceGroupNotFound"' in refusal(azure.create, ASSIGNMENT, nowhere)


def test_a_cluster_s_services_lie_apart_from_its_subnet(azure: Cloud) -> None:
    group(azure)
    network(azure)
    pool = {"name": "sys", "mode": "System", "count": 1, "vmSize": "Standard_D4s_v5", "vnetSubnetID": subnet(azure)}
    given = {"resourceGroupName": "g", "resourceName": "k", "dnsPrefix": "k", "identity": {"type": "SystemAssigned"}}
    text = refusal(azure.create, CLUSTER, {**given, "agentPoolProfiles": [pool]})
    assert 'Code="ServiceCidrOverlapExistingSubnetsCidr"' in text
    apart = {"networkPlugin": "azure", "serviceCidr": "172.16.0.0/16", "dnsServiceIP": "172.16.0.10"}
    azure.create(CLUSTER, {**given, "agentPoolProfiles": [pool], "networkProfile": apart})


def test_networks_that_are_joined_have_ranges_apart(azure: Cloud) -> None:
    group(azure)
    network(azure)
    other = network(azure, virtualNetworkName="other")
    given = {"resourceGroupName": "g", "virtualNetworkName": "net", "virtualNetworkPeeringName": "p"}
    text = refusal(azure.create, PEERING, {**given, "remoteVirtualNetwork": {"id": other}})
    assert 'Code="VnetAddressSpacesOverlap"' in text
