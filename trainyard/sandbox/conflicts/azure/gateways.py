"""Public addresses, NAT gateways, bastions, network interfaces, load balancers and private endpoints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.azure.words import AZURERM, LEARN, REST, conflict, known, low, missing, types
from trainyard.sandbox.conflicts.conflict import Given

_IP: Final = types("network:PublicIPAddress")
_BASTION: Final = types("network:BastionHost")
_BASTION_SKUS: Final = f"{LEARN}/bastion/configuration-settings, SKUs; {AZURERM}/network/bastion_host_resource.go"
_STANDARD: Final = ("enableFileCopy", "enableIpConnect", "enableShareableLink", "enableTunneling", "enableKerberos")
_LB: Final = types("network:LoadBalancer")


@conflict(
    "standard-addresses-are-static",
    _IP,
    "A public address of a standard SKU is static; a global one is standard.",
    f"{AZURERM}/network/public_ip_resource.go; {LEARN}/virtual-network/ip-services/public-ip-addresses",
)
def static(given: Given) -> Iterator[Problem]:
    sku, how = low(given.at("sku.name")), low(given.at("publicIPAllocationMethod"))
    late = given.unknown("publicIPAllocationMethod") or given.unknown("sku.name")
    if sku.startswith("standard") and how != "static" and not late:
        yield Problem(
            "publicIPAllocationMethod",
            "StandardSkuPublicIPAllocationMethodMustBeStatic: Standard sku publicIp must have AllocationMethod"
            ' set to Static: give "Static"',
        )
    if low(given.at("sku.tier")) == "global" and sku != "standard" and not late:
        yield Problem("sku.tier", 'GlobalTierNeedsStandardSku: the global tier goes with the SKU name "Standard"')


@conflict(
    "basic-addresses-are-no-longer-made",
    _IP,
    "No new public addresses of the basic SKU are made since 31 March 2025.",
    f"{LEARN}/virtual-network/ip-services/public-ip-basic-upgrade-guidance; error code"
    " IPv4BasicSkuPublicIpCountLimitReached",
)
def basic(given: Given) -> Iterator[Problem]:
    if low(given.at("sku.name")) == "basic":
        text = (
            "IPv4BasicSkuPublicIpCountLimitReached: Cannot create more than 0 IPv4 Basic SKU public IP"
            " addresses for this subscription in this region."
        )
        yield Problem("sku.name", f'{text} Give "Standard" with publicIPAllocationMethod "Static"')


@conflict(
    "basic-balancers-are-no-longer-made",
    _LB,
    "Load balancers of the basic SKU were retired on 30 September 2025.",
    f"{LEARN}/load-balancer/load-balancer-basic-upgrade-guidance",
)
def basic_balancer(given: Given) -> Iterator[Problem]:
    if low(given.at("sku.name")) == "basic":
        yield Problem("sku.name", 'load balancers of the SKU Basic were retired on 30 September 2025: give "Standard"')


@conflict(
    "dns-labels-are-labels",
    _IP,
    "A domain name label has 3 to 63 small letters, digits and hyphens, begins with a letter and does not end"
    " with a hyphen.",
    f"{REST}/virtualnetwork/public-ip-addresses/create-or-update; error code InvalidDomainNameLabel",
)
def label(given: Given) -> Iterator[Problem]:
    name = given.at("dnsSettings.domainNameLabel")
    if isinstance(name, str) and not re.fullmatch(r"[a-z][a-z0-9-]{1,61}[a-z0-9]", name):
        yield Problem(
            "dnsSettings.domainNameLabel",
            f"InvalidDomainNameLabel: The domain name label {name} is invalid. It must conform to the following"
            f" regular expression: ^[a-z][a-z0-9-]{{1,61}}[a-z0-9]$.",
        )


@conflict(
    "a-nat-gateway-is-in-one-zone",
    types("network:NatGateway"),
    "A standard NAT gateway lies in one zone at most; a StandardV2 one in all of them, so it names none.",
    f"{LEARN}/nat-gateway/nat-overview, Availability zones; {AZURERM}/network/nat_gateway_resource.go",
)
def nat(given: Given) -> Iterator[Problem]:
    zones, sku = given.at("zones"), low(given.at("sku.name"))
    if isinstance(zones, list) and len(zones) > 1 and sku == "standard":
        yield Problem(
            "zones", "NatGatewayWithMultipleZonesNotSupported: a NAT gateway lies in one zone; name one, or none"
        )
    if zones and sku == "standardv2":
        yield Problem(
            "zones", "NatGatewayStandardV2ZonesNotSupported: a StandardV2 NAT gateway is in every zone; leave zones out"
        )


@conflict(
    "a-bastion-is-in-its-own-subnet",
    _BASTION,
    "A bastion has one configuration, in the subnet AzureBastionSubnet; the developer's has a network instead.",
    _BASTION_SKUS,
)
def bastion(given: Given) -> Iterator[Problem]:
    sku = low(given.at("sku.name"))
    for at, config in given.each("ipConfigurations"):
        id = known(config, "subnet.id")
        if isinstance(id, str) and id.count("/") > 2 and not id.lower().endswith("/subnets/azurebastionsubnet"):
            yield Problem(
                f"{at}.subnet.id", "BastionHostSubnetNameInvalid: a bastion lies in a subnet named AzureBastionSubnet"
            )
        public = missing(config, "publicIPAddress") and given.at("enablePrivateOnlyBastion") is not True
        if public and not given.unknown("sku.name") and sku in ("", "basic", "standard"):
            yield Problem(
                f"{at}.publicIPAddress",
                "BastionHostPublicIpRequired: required and missing for the SKUs Basic and Standard",
            )
    configs = given.at("ipConfigurations")
    if given.unknown("ipConfigurations") or given.unknown("sku.name"):
        return
    if sku == "developer":
        if configs:
            yield Problem(
                "ipConfigurations", "BadRequest: the SKU Developer has virtualNetwork and no ipConfigurations"
            )
        if given.at("virtualNetwork") is None and not given.unknown("virtualNetwork"):
            yield Problem("virtualNetwork", "InvalidParameter: required and missing for the SKU Developer")
    elif not isinstance(configs, list) or len(configs) != 1:
        yield Problem(
            "ipConfigurations", "BastionHostIpConfigurationCountInvalid: a bastion has exactly one IP configuration"
        )


@conflict(
    "bastion-features-need-a-sku",
    _BASTION,
    "Copying, tunnels, links and scale units are of the SKUs Standard and Premium; recording and private-only"
    " are of Premium.",
    _BASTION_SKUS,
)
def bastion_sku(given: Given) -> Iterator[Problem]:
    sku = low(given.at("sku.name"))
    if given.unknown("sku.name"):
        return
    for name in _STANDARD:
        if given.at(name) is True and sku not in ("standard", "premium"):
            yield Problem(name, f'BadRequest: {name} needs the SKU "Standard" or "Premium"')
    units = given.at("scaleUnits")
    if isinstance(units, int | float) and units != 2 and sku not in ("standard", "premium"):
        yield Problem("scaleUnits", 'BadRequest: scale units other than 2 need the SKU "Standard" or "Premium"')
    for name in ("enableSessionRecording", "enablePrivateOnlyBastion"):
        if given.at(name) is True and sku != "premium":
            yield Problem(name, f'BadRequest: {name} needs the SKU "Premium"')


@conflict(
    "one-address-is-primary",
    types("network:NetworkInterface"),
    "A network interface has addresses, of several one is primary; a static one is told, with its subnet.",
    f"{REST}/virtualnetwork/network-interfaces/create-or-update; {AZURERM}/network/network_interface_resource.go",
)
def interface(given: Given) -> Iterator[Problem]:
    configs = given.at("ipConfigurations")
    if not given.unknown("ipConfigurations") and not configs:
        yield Problem(
            "ipConfigurations",
            "NetworkInterfaceMustHaveIpConfigurations: a network interface needs at least one IP configuration",
        )
    found = list(given.each("ipConfigurations"))
    marks = [item.get("primary") for _, item in found]
    told = all(mark is None or isinstance(mark, bool) for mark in marks)
    fours = [item for _, item in found if low(item.get("privateIPAddressVersion")) != "ipv6"]
    if told and (marks.count(True) > 1 or (len(fours) > 1 and marks.count(True) != 1)):
        yield Problem(
            "ipConfigurations",
            "NetworkInterfaceMustHaveOnePrimaryIpConfiguration: mark exactly one of them as primary; marked are"
            f" {marks.count(True)}",
        )
    for at, config in found:
        way = low(config.get("privateIPAllocationMethod"))
        if way == "static" and missing(config, "privateIPAddress"):
            yield Problem(
                f"{at}.privateIPAddress", "PrivateIPAddressRequired: required where privateIPAllocationMethod is Static"
            )
        if missing(config, "subnet") and low(config.get("privateIPAddressVersion")) != "ipv6":
            yield Problem(f"{at}.subnet", "SubnetRequired: an IP configuration of a network interface needs a subnet")


@conflict(
    "a-frontend-is-public-or-private",
    _LB,
    "A frontend of a load balancer has a subnet or a public address, and only one of both.",
    f"{LEARN}/load-balancer/components, Frontend IP configuration",
)
def frontend(given: Given) -> Iterator[Problem]:
    for at, front in given.each("frontendIPConfigurations"):
        ways = ("subnet", "publicIPAddress", "publicIPPrefix", "gatewayLoadBalancer")
        if all(missing(front, way) for way in ways):
            yield Problem(
                at,
                "InvalidResourceReference: FrontendIPConfiguration must reference either Subnet, PublicIPAddress"
                " or PublicIPPrefix",
            )
        elif known(front, "subnet") and known(front, "publicIPAddress"):
            yield Problem(
                f"{at}.publicIPAddress",
                "FrontendIPConfigurationCannotHaveBothSubnetAndPublicIP: give a subnet or a public address",
            )


@conflict(
    "probes-ask-for-a-path",
    _LB,
    "A probe over HTTP asks for a path, one over TCP for none; all ports go with the protocol All.",
    f"{LEARN}/load-balancer/load-balancer-custom-probe-overview and load-balancer-ha-ports-overview",
)
def probes(given: Given) -> Iterator[Problem]:
    for at, probe in given.each("probes"):
        over = low(probe.get("protocol"))
        if over in ("http", "https") and missing(probe, "requestPath"):
            yield Problem(f"{at}.requestPath", f"ProbeRequestPathRequired: required where the protocol is {over}")
        if over == "tcp" and known(probe, "requestPath"):
            yield Problem(f"{at}.requestPath", "ProbeRequestPathNotAllowed: a probe over TCP has no path")
    for at, rule in given.each("loadBalancingRules"):
        over = low(rule.get("protocol"))
        ports = [known(rule, "frontendPort"), known(rule, "backendPort")]
        if over in ("tcp", "udp") and 0 in ports:
            yield Problem(
                f"{at}.frontendPort",
                'LoadBalancingRulePortZero: port 0 means all ports and goes with the protocol "All"',
            )
        if over == "all" and any(isinstance(port, int | float) and port != 0 for port in ports):
            yield Problem(
                f"{at}.frontendPort", "LoadBalancingRuleAllProtocolPorts: the protocol All goes with the ports 0"
            )


@conflict(
    "an-endpoint-connects",
    types("network:PrivateEndpoint"),
    "A private endpoint has a subnet and one connection.",
    f"{REST}/virtualnetwork/private-endpoints/create-or-update",
)
def endpoint(given: Given) -> Iterator[Problem]:
    names = ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections")
    if all(not given.at(name) and not given.unknown(name) for name in names):
        yield Problem(names[0], "PrivateEndpointMustHaveConnection: a private endpoint needs one connection")
    if given.at("subnet") is None and not given.unknown("subnet"):
        yield Problem("subnet", "PrivateEndpointSubnetRequired: a private endpoint needs a subnet")


CONFLICTS: Final = (
    static,
    basic_balancer,
    basic,
    label,
    nat,
    bastion,
    bastion_sku,
    interface,
    frontend,
    probes,
    endpoint,
)
