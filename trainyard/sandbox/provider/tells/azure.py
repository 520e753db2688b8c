"""Azure: hosts, addresses and parts' ids that follow from a thing's name, its id and its place."""

from __future__ import annotations

import base64
import ipaddress
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from trainyard.sandbox.provider.order import Order, nobodys_address, stable_hex
from trainyard.servicer.values import Secret

NOBODY: Final = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, kw_only=True)
class Place:
    """The thing whose outputs are told."""

    order: Order
    id: str
    name: str
    location: str

    def given(self, name: str) -> Any:
        return self.order.plain(name)

    def mark(self, *parts: str) -> str:
        """A GUID that follows from the thing."""
        return str(uuid.UUID(stable_hex(32, self.id, *parts)))


def told(place: Place) -> dict[str, Any]:
    """Outputs of a type as far as the type has them, an identity and the ids of its parts among them."""
    order = place.order
    tell = _TELLS.get(order.type.token)
    found = {**_identity(place), **_parts(place), **(tell(place) if tell else {})}
    return {name: order.veil(name, value) for name, value in found.items() if name in order.type.outputs}


def _identity(at: Place) -> dict[str, Any]:
    """An identity of its own gets a principal; given ones are told with theirs, as a mapping."""
    given = at.given("identity")
    if not isinstance(given, Mapping):
        return {}
    own = "SystemAssigned" in str(given.get("type", ""))
    told: dict[str, Any] = {**given, **({"principalId": at.mark("principal"), "tenantId": NOBODY} if own else {})}
    users = given.get("userAssignedIdentities")
    if isinstance(users, list | Mapping):
        told["userAssignedIdentities"] = {
            str(one): {"clientId": at.mark(str(one), "client"), "principalId": at.mark(str(one))} for one in users
        }
    return {"identity": told}


def _parts(at: Place) -> dict[str, Any]:
    """Parts of network things are things with ids: `subnets[0].id`."""
    if ":network:" not in at.order.type.token:
        return {}
    found: dict[str, Any] = {}
    for wire in _PARTS:
        given = at.given(wire)
        if isinstance(given, list) and all(isinstance(one, Mapping) for one in given):
            found[wire] = [
                {"id": f"{at.id}/{wire}/{one['name']}", "provisioningState": "Succeeded", **one}
                if one.get("name") and (one.get("id") is None)
                else dict(one)
                for one in given
            ]
    return found


_PARTS: Final = (
    "subnets",
    "securityRules",
    "routes",
    "frontendIPConfigurations",
    "backendAddressPools",
    "loadBalancingRules",
    "probes",
    "ipConfigurations",
    "inboundNatRules",
    "inboundNatPools",
    "outboundRules",
)


def _account(at: Place) -> dict[str, Any]:
    zone = int(stable_hex(2, at.location), 16) % 50
    hosts = {kind: f"https://{at.name}.{kind}.core.windows.net/" for kind in ("blob", "dfs", "file", "queue", "table")}
    return {
        "primaryEndpoints": {**hosts, "web": f"https://{at.name}.z{zone}.web.core.windows.net/"},
        "primaryLocation": at.location,
        "statusOfPrimary": "available",
    }


def _blob(at: Place) -> dict[str, Any]:
    account, container = at.order.text("accountName"), at.order.text("containerName")
    name = at.order.text("blobName", at.name)
    return {"url": f"https://{account}.blob.core.windows.net/{container}/{name}", "name": name}


def _address(at: Place) -> dict[str, Any]:
    label = (at.given("dnsSettings") or {}).get("domainNameLabel")
    fqdn = {"fqdn": f"{label}.{at.location}.cloudapp.azure.com"} if label else {}
    settings = {"dnsSettings": {**at.given("dnsSettings"), **fqdn}} if label else {}
    # A dynamic one gets its address when something that runs holds it.
    fixed = at.given("publicIPAllocationMethod") == "Static"
    return {**settings, **({"ipAddress": nobodys_address(at.id)} if fixed else {})}


def _containers(at: Place) -> dict[str, Any]:
    given = at.given("ipAddress")
    if not isinstance(given, Mapping):
        return {}
    label = given.get("dnsNameLabel")
    host = {"fqdn": f"{label}.{at.location}.azurecontainer.io"} if label else {}
    return {"ipAddress": {"ip": nobodys_address(at.id), **host, **given}}


def _app(at: Place) -> dict[str, Any]:
    host = f"{at.name}.azurewebsites.net"
    return {
        "defaultHostName": host,
        "hostNames": [host],
        "enabledHostNames": [host, f"{at.name}.scm.azurewebsites.net"],
        "outboundIpAddresses": nobodys_address(at.id),
        "state": "Running",
        "repositorySiteName": at.name,
    }


def _cluster(at: Place) -> dict[str, Any]:
    prefix = at.order.text("dnsPrefix", at.name)
    group = at.order.text("resourceGroupName")
    return {
        "fqdn": f"{prefix}-{stable_hex(8, at.id)}.hcp.{at.location}.azmk8s.io",
        "nodeResourceGroup": at.order.text("nodeResourceGroup", f"MC_{group}_{at.name}_{at.location}"),
        "kubernetesVersion": at.order.text("kubernetesVersion", "1.33"),
        "currentKubernetesVersion": at.order.text("kubernetesVersion", "1.33.5"),
        "powerState": {"code": "Running"},
        "identityProfile": {
            "kubeletidentity": {"clientId": at.mark("kubelet client"), "objectId": at.mark("kubelet object")}
        },
    }


def _vault(at: Place) -> dict[str, Any]:
    return {"properties": {"vaultUri": f"https://{at.name}.vault.azure.net/", **(at.given("properties") or {})}}


def _key(at: Place) -> dict[str, Any]:
    uri = f"https://{at.order.text('vaultName')}.vault.azure.net/keys/{at.name}"
    return {"keyUri": uri, "keyUriWithVersion": f"{uri}/{stable_hex(32, at.id, 'version')}"}


def _file_system(at: Place) -> dict[str, Any]:
    """Its own addresses lie in its subnet, behind the four that Azure keeps."""
    subnet = at.order.store.get("azure-native:network:Subnet", at.order.text("filesystemSubnet"))
    start, _, bits = str(subnet.outputs.get("addressPrefix") if subnet else "").partition("/")
    address = str(ipaddress.IPv4Address(start or "10.0.0.0") + 4 + int(stable_hex(2, at.id), 16) % (16 if bits else 1))
    command = f"mount -t lustre -o noatime,flock {address}@tcp:/lustrefs /<mount-point>"
    return {"clientInfo": {"mgsAddress": address, "mountCommand": command, "lustreVersion": "2.15.7"}}


def _insights(at: Place) -> dict[str, Any]:
    key = at.mark("key")
    ingests = f"https://{at.location}-0.in.applicationinsights.azure.com/"
    return {
        "instrumentationKey": key,
        "connectionString": f"InstrumentationKey={key};IngestionEndpoint={ingests}",
        "appId": at.mark("app"),
        "applicationId": at.name,
    }


def _interface(at: Place) -> dict[str, Any]:
    number = int(stable_hex(2, at.id), 16)
    told = _parts(at).get("ipConfigurations") or []
    private = f"10.0.0.{4 + number % 250}"
    return {
        "macAddress": "-".join(stable_hex(12, at.id)[n : n + 2].upper() for n in range(0, 12, 2)),
        "ipConfigurations": [{"privateIPAddress": private, **one} for one in told],
    }


def _firewall(at: Place) -> dict[str, Any]:
    """A firewall has the first free address of its subnet."""
    told = []
    for one in _parts(at).get("ipConfigurations") or []:
        subnet = one.get("subnet")
        id = subnet.get("id") if isinstance(subnet, Mapping) else None
        there = at.order.store.get("azure-native:network:Subnet", str(id)) if id else None
        start, _, bits = str(there.outputs.get("addressPrefix") if there else "").partition("/")
        address = str(ipaddress.IPv4Address(start) + 4) if bits and ":" not in start else "10.0.0.4"
        told.append({"privateIPAddress": address, **one})
    return {"ipConfigurations": told}


def host(form: str, wire: str) -> Callable[[Place], dict[str, Any]]:
    """One output with the thing's name in a host."""
    return lambda at: {wire: form.format(name=at.name.lower(), location=at.location)}


_TELLS: Final[Mapping[str, Callable[[Place], dict[str, Any]]]] = {
    "azure-native:storage:StorageAccount": _account,
    "azure-native:storage:StorageAccountStaticWebsite": lambda at: {"containerName": "$web"},
    "azure-native:storage:Blob": _blob,
    "azure-native:network:PublicIPAddress": _address,
    "azure-native:network:NetworkInterface": _interface,
    "azure-native:network:AzureFirewall": _firewall,
    "azure-native:network:BastionHost": lambda at: {"dnsName": f"bst-{at.mark()}.bastion.azure.com"},
    "azure-native:containerinstance:ContainerGroup": _containers,
    "azure-native:web:WebApp": _app,
    "azure-native:containerservice:ManagedCluster": _cluster,
    "azure-native:containerregistry:Registry": host("{name}.azurecr.io", "loginServer"),
    "azure-native:keyvault:Vault": _vault,
    "azure-native:keyvault:Key": _key,
    "azure-native:storagecache:AmlFilesystem": _file_system,
    "azure-native:applicationinsights:Component": _insights,
    "azure-native:operationalinsights:Workspace": lambda at: {"customerId": at.mark("customer")},
    "azure-native:cosmosdb:DatabaseAccount": host("https://{name}.documents.azure.com:443/", "documentEndpoint"),
    "azure-native:sql:Server": host("{name}.database.windows.net", "fullyQualifiedDomainName"),
    "azure-native:dbforpostgresql:Server": host("{name}.postgres.database.azure.com", "fullyQualifiedDomainName"),
    "azure-native:dbformysql:Server": host("{name}.mysql.database.azure.com", "fullyQualifiedDomainName"),
    "azure-native:cdn:Endpoint": host("{name}.azureedge.net", "hostName"),
    "azure-native:app:ManagedEnvironment": host("{name}.{location}.azurecontainerapps.io", "defaultDomain"),
    "azure-native:machinelearningservices:Workspace": lambda at: {"workspaceId": at.mark("workspace")},
    "azure-native:servicebus:Namespace": host("https://{name}.servicebus.windows.net:443/", "serviceBusEndpoint"),
}


def account_keys(id: str) -> list[dict[str, Any]]:
    """Both keys of a storage account, which only its function tells."""
    return [{"keyName": f"key{n}", "permissions": "FULL", "value": Secret(_secret(id, str(n), 64))} for n in (1, 2)]


def registry_credentials(name: str, id: str) -> dict[str, Any]:
    passwords = [{"name": f"password{end}", "value": Secret(_secret(id, end, 39))} for end in ("", "2")]
    return {"username": name, "passwords": passwords}


def kubeconfig(name: str, fqdn: str, user: str) -> str:
    """A cluster's kubeconfig, as its function tells it: base64 of YAML."""
    text = (
        "apiVersion: v1\nkind: Config\n"
        f"clusters:\n- name: {name}\n  cluster:\n    server: https://{fqdn}:443\n"
        f"contexts:\n- name: {name}\n  context:\n    cluster: {name}\n    user: {user}\n"
        f"current-context: {name}\nusers:\n- name: {user}\n  user:\n    token: sandbox\n"
    )
    return base64.b64encode(text.encode()).decode()


def _secret(id: str, part: str, length: int) -> str:
    return base64.b64encode(bytes.fromhex(stable_hex(64, id, part) * 2)[:length]).decode()
