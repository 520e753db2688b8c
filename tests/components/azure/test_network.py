import pytest

from components.azure.network import ExistingNetwork, LocationRanges, Network, NetworkArgs
from components.azure.resource_group import ResourceGroup, ResourceGroupArgs
from tests.components.azure.conftest import GROUP, GROUP_ID, azure_things, problems

WEST = LocationRanges(nodes="10.40.0.0/20", bastion="10.40.16.0/26", file_systems="10.40.17.0/24")
LOCATIONS = {"westeurope": WEST, "eastus": LocationRanges(nodes="10.41.0.0/20")}


def made(deploy, locations=LOCATIONS, *, protect: bool = False):
    args = NetworkArgs(resource_group=GROUP, locations=locations, tags={"trainyard-base": "dev"}, protect=protect)
    return deploy(lambda: Network("dev", args))


def test_each_location_has_a_network_of_its_own_with_the_ranges_that_were_given(deploy) -> None:
    networks = {one.inputs["location"]: one.inputs for one in made(deploy).of("VirtualNetwork")}
    assert networks["westeurope"]["addressSpace"]["addressPrefixes"] == [
        *("10.40.0.0/20", "10.40.16.0/26", "10.40.17.0/24"),
    ]
    assert networks["eastus"]["addressSpace"]["addressPrefixes"] == ["10.41.0.0/20"]


def test_no_subnet_has_azures_own_way_out_and_nodes_and_file_systems_go_by_nat(deploy) -> None:
    subnets = made(deploy).of("Subnet")
    assert {one.inputs["defaultOutboundAccess"] for one in subnets} == {False}
    by_nat = {one.inputs["subnetName"] for one in subnets if "natGateway" in one.inputs}
    assert by_nat == {"nodes", "file-systems"}
    assert len(made(deploy).of("NatGateway")) == len(LOCATIONS)


def test_nothing_comes_in_but_the_nodes_own_machines_and_bastions_ssh(deploy) -> None:
    guards = {one.inputs["location"]: one.inputs["securityRules"] for one in made(deploy).of("NetworkSecurityGroup")}
    told = {
        location: [(rule["sourceAddressPrefix"], rule["destinationPortRange"], rule["access"]) for rule in rules]
        for location, rules in guards.items()
    }
    assert told == {
        "westeurope": [("10.40.0.0/20", "*", "Allow"), ("10.40.16.0/26", "22", "Allow"), ("*", "*", "Deny")],
        "eastus": [("10.41.0.0/20", "*", "Allow"), ("*", "*", "Deny")],
    }
    assert {rule["direction"] for rules in guards.values() for rule in rules} == {"Inbound"}


def test_only_nat_and_bastion_have_public_addresses(deploy) -> None:
    addresses = {one.inputs["publicIpAddressName"] for one in made(deploy).of("PublicIPAddress")}
    assert addresses == {"dev-westeurope-nat", "dev-westeurope-bastion", "dev-eastus-nat"}


def test_bastion_stands_where_it_has_a_range_and_lets_ones_own_ssh_client_through(deploy) -> None:
    bastion = made(deploy).one("network:BastionHost")
    assert bastion.inputs["location"] == "westeurope"
    assert bastion.inputs["enableTunneling"] is True
    assert bastion.inputs["sku"] == {"name": "Standard"}
    assert bastion.inputs["ipConfigurations"][0]["subnet"]["id"].endswith("/subnets/AzureBastionSubnet")


@pytest.mark.parametrize("protect", [True, False])
def test_protection_is_what_the_environment_says_on_every_child(deploy, protect: bool) -> None:
    assert {one.protect for one in azure_things(made(deploy, protect=protect))} == {protect}


def test_outputs_are_full_ids_by_location(deploy) -> None:
    seen: dict[str, dict[str, str]] = {}

    def program() -> None:
        network = Network("dev", NetworkArgs(resource_group=GROUP, locations=LOCATIONS))
        for output in ("subnet_ids", "bastion_ids", "file_system_subnet_ids"):
            for location, id_ in getattr(network, output).items():
                id_.apply(lambda text, o=output, at=location: seen.setdefault(o, {}).update({at: text}))

    deploy(program)
    existing = ExistingNetwork(**seen)
    assert existing.subnet_ids["eastus"] == (
        f"{GROUP_ID}/providers/Microsoft.Network/virtualNetworks/dev-eastus/subnets/nodes"
    )
    assert set(existing.bastion_ids) == set(existing.file_system_subnet_ids) == {"westeurope"}


def test_a_group_may_be_made_beside_it(deploy) -> None:
    group = deploy(lambda: ResourceGroup("dev", ResourceGroupArgs(name=GROUP, location="westeurope")))
    one = group.one("resources:ResourceGroup")
    assert (one.inputs["resourceGroupName"], one.inputs["location"], one.protect) == (GROUP, "westeurope", True)
    assert problems(group) == []


@pytest.mark.parametrize(
    ("locations", "message"),
    [
        ({}, "has no location; give one at least"),
        ({"West Europe": WEST}, 'is no Azure location; give its short name, for example "westeurope"'),
        ({"westeurope": LocationRanges(nodes="10.0.0.1/20")}, "has host bits set"),
        ({"westeurope": LocationRanges(nodes="8.8.8.0/24")}, "give a private range between /8 and /29"),
        ({"westeurope": LocationRanges(nodes="wide")}, "'wide' is no IPv4 range"),
        ({"westeurope": LocationRanges(nodes="10.0.0.0/20", bastion="10.0.16.0/27")}, "between /8 and /26"),
        ({"westeurope": LocationRanges(nodes="10.0.0.0/20", file_systems="10.0.16.0/28")}, "between /8 and /27"),
        (
            {"westeurope": WEST, "eastus": LocationRanges(nodes="10.40.16.0/20")},
            "eastus nodes 10.40.16.0/20 overlaps westeurope bastion 10.40.16.0/26",
        ),
    ],
)
def test_ranges_that_no_network_can_have_are_refused(locations, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NetworkArgs(resource_group=GROUP, locations=locations)


SUBNET = f"{GROUP_ID}/providers/Microsoft.Network/virtualNetworks/hub/subnets/gpu"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"subnet_ids": {}}, "has no subnet; name one for each location"),
        ({"subnet_ids": {"westeurope": "gpu"}}, "is no full id of a Microsoft.Network/virtualNetworks/subnets; write"),
        (
            {"subnet_ids": {"westeurope": SUBNET}, "bastion_ids": {"westeurope": SUBNET}},
            "is no full id of a Microsoft.Network/bastionHosts",
        ),
    ],
)
def test_existing_networks_are_named_by_full_ids(given, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ExistingNetwork(**given)


@pytest.mark.contract("azure")
def test_every_property_is_one_that_azure_takes(deploy) -> None:
    assert problems(made(deploy)) == []
