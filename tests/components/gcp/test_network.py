import pytest

from components.gcp.network import ExistingNetwork, Network, NetworkArgs

REGIONS = {"europe-west4": "10.10.0.0/20", "us-central1": "10.20.0.0/20"}
HOST = "acme-host"


def made(deploy, *, protect: bool = False, regions: dict[str, str] | None = None):
    args = NetworkArgs(project="acme-ml-dev", regions=regions or REGIONS, protect=protect)
    return deploy(lambda: Network("dev", args))


def test_the_network_makes_no_subnet_by_itself_and_keeps_its_default_route(deploy) -> None:
    inputs = made(deploy).one("compute/network:Network").inputs
    assert inputs["autoCreateSubnetworks"] is False
    assert inputs["deleteDefaultRoutesOnCreate"] is False


def test_each_region_gets_its_subnet_with_private_access_and_flow_logs(deploy) -> None:
    subnets = {one.inputs["region"]: one.inputs for one in made(deploy).of("Subnetwork")}
    assert {region: inputs["ipCidrRange"] for region, inputs in subnets.items()} == REGIONS
    for inputs in subnets.values():
        assert inputs["privateIpGoogleAccess"] is True
        assert inputs["logConfig"]["metadata"] == "INCLUDE_ALL_METADATA"


def test_each_region_reaches_out_by_nat_that_logs_its_errors(deploy) -> None:
    nats = {one.inputs["region"]: one.inputs for one in made(deploy).of("RouterNat")}
    assert set(nats) == set(REGIONS)
    for region, inputs in nats.items():
        subnet = f"projects/acme-ml-dev/regions/{region}/subnetworks/dev-{region}"
        assert inputs["logConfig"] == {"enable": True, "filter": "ERRORS_ONLY"}
        assert inputs["subnetworks"] == [{"name": subnet, "sourceIpRangesToNats": ["PRIMARY_IP_RANGE"]}]


def test_the_only_ways_in_are_ssh_through_iap_and_the_networks_own_machines(deploy) -> None:
    rules = {one.inputs["name"]: one.inputs for one in made(deploy).of("Firewall")}
    assert {name: (rule["direction"], rule["sourceRanges"], rule["allows"]) for name, rule in rules.items()} == {
        "dev-iap-ssh": ("INGRESS", ["35.235.240.0/20"], [{"protocol": "tcp", "ports": ["22"]}]),
        "dev-internal": (
            "INGRESS",
            ["10.10.0.0/20", "10.20.0.0/20"],
            [{"protocol": "tcp"}, {"protocol": "udp"}, {"protocol": "icmp"}],
        ),
    }


def test_every_way_in_is_logged(deploy) -> None:
    assert all(one.inputs["logConfig"]["metadata"] for one in made(deploy).of("Firewall"))


def test_everything_lies_in_the_project_that_was_given(deploy) -> None:
    children = [one for one in made(deploy).all if one.type.startswith("gcp:")]
    assert {one.inputs["project"] for one in children} == {"acme-ml-dev"}


@pytest.mark.parametrize("protect", [True, False])
def test_protection_is_what_the_environment_says_on_every_child(deploy, protect: bool) -> None:
    children = [one for one in made(deploy, protect=protect).all if one.type.startswith("gcp:")]
    assert len(children) == 9
    assert {one.protect for one in children} == {protect}


def test_protection_is_on_unless_it_is_switched_off() -> None:
    assert NetworkArgs(project="acme-ml-dev", regions=REGIONS).protect is True


def test_children_hang_under_the_component(deploy) -> None:
    component, *children = made(deploy).all
    assert component.type == "trainyard:gcp:Network"
    assert all(one.parent.endswith("trainyard:gcp:Network::dev") for one in children)


def test_outputs_are_full_ids_by_region(deploy) -> None:
    seen = {}

    def program() -> None:
        network = Network("dev", NetworkArgs(project="acme-ml-dev", regions=REGIONS))
        network.network_id.apply(lambda text: seen.update(network=text))
        for region, output in network.subnetwork_ids.items():
            output.apply(lambda text, region=region: seen.update({region: text}))

    deploy(program)
    existing = ExistingNetwork(network_id=seen.pop("network"), subnetwork_ids=seen)
    assert set(existing.subnetwork_ids) == set(REGIONS)


@pytest.mark.parametrize(
    ("regions", "message"),
    [
        ({}, r"has no region; give one at least"),
        ({"europe-west4-a": "10.0.0.0/20"}, r"looks like a zone, give its region \"europe-west4\""),
        ({"Europe": "10.0.0.0/20"}, r"'Europe' is no Google Cloud region"),
        ({"us-central1": "10.0.0.1/20"}, r"has host bits set"),
        ({"us-central1": "8.8.8.0/24"}, r"give a private range between /8 and /29"),
        ({"us-central1": "10.0.0.0/30"}, r"give a private range between /8 and /29"),
        ({"us-central1": "wide"}, r"'wide' is no IPv4 range"),
        ({"us-central1": "10.0.0.0/16", "us-east4": "10.0.1.0/24"}, r"us-east4 10.0.1.0/24 overlaps us-central1"),
    ],
)
def test_regions_that_no_network_can_have_are_refused(regions: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NetworkArgs(project="acme-ml-dev", regions=regions)


def test_a_name_that_compute_engine_refuses_is_refused_before_any_child(deploy) -> None:
    with pytest.raises(ValueError, match=r"'Dev_1' is no network name"):
        deploy(lambda: Network("Dev_1", NetworkArgs(project="acme-ml-dev", regions=REGIONS)))


def test_an_existing_network_is_taken_as_it_is() -> None:
    subnet = f"projects/{HOST}/regions/us-central1/subnetworks/gpu"
    found = ExistingNetwork(network_id=f"projects/{HOST}/global/networks/main", subnetwork_ids={"us-central1": subnet})
    assert found.subnetwork_ids["us-central1"] == subnet


@pytest.mark.parametrize(
    ("network_id", "region", "subnetwork_id", "message"),
    [
        ("main", "us-central1", f"projects/{HOST}/regions/us-central1/subnetworks/gpu", "is no full network id"),
        (f"projects/{HOST}/global/networks/main", "us-central1", "gpu", "is no full subnetwork id"),
        (
            f"projects/{HOST}/global/networks/main",
            "us-central1",
            f"projects/{HOST}/regions/us-east4/subnetworks/gpu",
            "The subnetwork under us-central1 lies in us-east4",
        ),
        (
            f"projects/{HOST}/global/networks/main",
            "us-central1",
            "projects/other-host/regions/us-central1/subnetworks/gpu",
            "is of project other-host, its network of acme-host",
        ),
    ],
)
def test_ids_that_do_not_fit_together_are_refused(
    network_id: str, region: str, subnetwork_id: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        ExistingNetwork(network_id=network_id, subnetwork_ids={region: subnetwork_id})


def test_an_existing_network_without_a_subnetwork_is_refused() -> None:
    with pytest.raises(ValueError, match="has no subnetwork; name one for each region"):
        ExistingNetwork(network_id=f"projects/{HOST}/global/networks/main", subnetwork_ids={})
