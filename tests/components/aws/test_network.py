from dataclasses import replace

import pytest

from components.aws.network import ENDPOINTS, ExistingNetwork, Network, NetworkArgs

ZONES = {"euc1-az2": "10.40.0.0/20", "euc1-az3": "10.40.16.0/20"}
NAT = NetworkArgs(
    region="eu-central-1", cidr="10.40.0.0/16", zones=ZONES, tags={"trainyard-base": "dev-base"}, protect=False
)
CLOSED = replace(NAT, egress="endpoints")
VPC, GROUP, SUBNET = "vpc-0123456789abcdef0", "sg-0123456789abcdef0", "subnet-0123456789abcdef0"
EXISTING = ExistingNetwork(region="eu-central-1", vpc_id=VPC, subnet_ids={"euc1-az2": SUBNET}, security_group_id=GROUP)


def made(deploy, args: NetworkArgs = NAT):
    return deploy(lambda: Network("dev", args))


def test_each_zone_gets_one_private_subnet(deploy) -> None:
    subnets = {one.inputs["availabilityZoneId"]: one.inputs for one in made(deploy).of("Subnet")}
    assert {zone: inputs["cidrBlock"] for zone, inputs in subnets.items()} == ZONES
    assert {inputs["mapPublicIpOnLaunch"] for inputs in subnets.values()} == {False}


def test_the_way_out_is_a_nat_gateway_of_the_region_that_needs_no_public_subnet(deploy) -> None:
    found = made(deploy)
    nat = found.one("NatGateway").inputs
    assert (nat["availabilityMode"], nat["connectivityType"]) == ("regional", "public")
    assert "subnetId" not in nat
    assert found.one("Route").inputs["destinationCidrBlock"] == "0.0.0.0/0"
    assert len(found.of("InternetGateway")) == 1


def test_without_the_internet_every_service_that_a_machine_calls_has_an_endpoint_in_every_zone(deploy) -> None:
    found = made(deploy, CLOSED)
    interfaces = [one.inputs for one in found.of("VpcEndpoint") if one.inputs["vpcEndpointType"] == "Interface"]
    assert [one["serviceName"] for one in interfaces] == [f"com.amazonaws.eu-central-1.{each}" for each in ENDPOINTS]
    assert all(len(one["subnetIds"]) == len(ZONES) and one["privateDnsEnabled"] for one in interfaces)
    assert {"ssm", "ssmmessages", "ec2messages", "ecr.api", "ecr.dkr", "logs", "sts"} <= set(ENDPOINTS)
    assert found.of("NatGateway") == found.of("InternetGateway") == found.of("Route") == ()


def test_endpoints_are_reached_by_https_from_the_vpc_only(deploy) -> None:
    groups = {one.name: one.inputs for one in made(deploy, CLOSED).of("SecurityGroup")}
    [rule] = groups["dev-endpoints"]["ingress"]
    assert (rule["protocol"], rule["fromPort"], rule["toPort"], rule["cidrBlocks"]) == ("tcp", 443, 443, [NAT.cidr])
    assert groups["dev-endpoints"]["egress"] == []


@pytest.mark.parametrize("args", [NAT, CLOSED], ids=["nat", "endpoints"])
def test_data_in_s3_is_reached_without_a_gateway_that_bills(deploy, args: NetworkArgs) -> None:
    [gateway] = [
        one.inputs for one in made(deploy, args).of("VpcEndpoint") if one.inputs["vpcEndpointType"] == "Gateway"
    ]
    assert gateway["serviceName"] == "com.amazonaws.eu-central-1.s3"
    assert len(gateway["routeTableIds"]) == 1


def test_nothing_comes_in_but_from_the_networks_own_machines(deploy) -> None:
    found = made(deploy)
    default = found.one("DefaultSecurityGroup").inputs
    assert default["ingress"] == default["egress"] == []
    [rule] = found.one("SecurityGroup").inputs["ingress"]
    assert (rule["self"], rule.get("cidrBlocks")) == (True, None)


def test_machines_may_send_to_each_other_without_an_address_as_efa_does(deploy) -> None:
    among, out = made(deploy).one("SecurityGroup").inputs["egress"]
    assert among["self"] is True
    assert out["cidrBlocks"] == ["0.0.0.0/0"]


def test_flow_logs_are_kept_for_a_month_unless_switched_off(deploy) -> None:
    found = made(deploy)
    assert found.one("LogGroup").inputs["retentionInDays"] == 30
    assert found.one("FlowLog").inputs["trafficType"] == "ALL"
    assert made(deploy, replace(NAT, flow_log_days=0)).of("FlowLog") == ()


@pytest.mark.parametrize("args", [NAT, CLOSED], ids=["nat", "endpoints"])
def test_everything_lies_in_its_region_is_protected_as_asked_and_carries_the_tags(deploy, args: NetworkArgs) -> None:
    component, *children = made(deploy, replace(args, protect=True)).all
    assert component.type == "trainyard:aws:Network"
    assert all(one.protect and one.parent.endswith("trainyard:aws:Network::dev") for one in children)
    regional = [one for one in children if not one.type.startswith("aws:iam")]
    assert {one.inputs["region"] for one in regional} == {"eu-central-1"}
    tagged = [one for one in children if "tags" in one.inputs]
    assert all(one.inputs["tags"]["trainyard-base"] == "dev-base" for one in tagged)
    assert NetworkArgs(region=args.region, cidr=args.cidr, zones=args.zones).protect is True


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"region": "eu-central-1b"}, 'looks like a zone, give its region "eu-central-1"'),
        ({"region": "europe-west4"}, "'europe-west4' is no AWS region"),
        ({"zones": {}}, "has no zone; give one at least"),
        ({"zones": {"use1-az6": "10.40.0.0/20"}}, r'is no id of a zone in eu-central-1, such as "euc1-az1"'),
        ({"zones": {"eu-central-1b": "10.40.0.0/20"}}, "means another zone in each account: give its id"),
        ({"zones": {"euc1-az1": "10.41.0.0/20"}}, "lies outside of the VPC's 10.40.0.0/16"),
        ({"zones": {"euc1-az1": "10.40.0.0/20", "euc1-az2": "10.40.8.0/24"}}, "overlaps euc1-az1"),
        ({"zones": {"euc1-az1": "10.40.0.0/29"}}, "between /16 and /28"),
        ({"region": "us-east-1", "zones": {"use1-atl2-az1": "10.40.0.0/20"}}, "is a Local Zone"),
        ({"cidr": "8.8.0.0/16"}, "give a private range between /16 and /28"),
        ({"cidr": "10.0.0.0/8"}, "give a private range between /16 and /28"),
        ({"cidr": "wide"}, "'wide' is no IPv4 range"),
        ({"egress": "open"}, "give one of nat, endpoints"),
        ({"flow_log_days": 31}, "give 0 or one of"),
    ],
)
def test_what_no_vpc_can_be_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(NAT, **changes)


def test_a_name_that_ec2_refuses_is_refused_before_any_child(deploy) -> None:
    with pytest.raises(ValueError, match="'sg-dev' is no network name"):
        deploy(lambda: Network("sg-dev", NAT))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vpc_id": "main"}, "'main' is no VPC id"),
        ({"security_group_id": "default"}, "is no security group id"),
        ({"subnet_ids": {}}, "has no subnet; name one for each zone"),
        ({"subnet_ids": {"euc1-az2": "gpu"}}, "'gpu' is no subnet id"),
        ({"subnet_ids": {"use1-az2": SUBNET}}, "no id of a zone in eu-central-1"),
    ],
)
def test_ids_of_an_existing_network_that_cannot_be_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(EXISTING, **changes)


def test_every_zone_of_the_offers_is_the_id_of_one_in_its_region() -> None:
    from components.aws.resource_name import check_zone_id
    from trainyard.facts.offer import load_machine_offers

    for offer in load_machine_offers("aws"):
        if offer.zone:
            check_zone_id(offer.zone, offer.region)
