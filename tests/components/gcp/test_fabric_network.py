"""The networks between GPU machines: as many as interfaces, no way out, nothing that Google refuses of RDMA."""

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Network
from itertools import combinations
from typing import Any

import pytest

from components.gcp.fabric_network import FabricNetwork, FabricNetworkArgs
from tests.components.gcp.test_gpu_vm_api import complaints, schemas
from trainyard.facts.fabric import FABRICS

NAME = "prod-base-fabric"
TCPXO = FabricNetworkArgs(project="acme-ml-prod", fabric="gpudirect-tcpxo", place="us-central1", cidr="10.128.0.0/16")
ROCE = replace(TCPXO, fabric="roce", place="us-central1-b", cidr="192.168.0.0/16")
TCPX = replace(TCPXO, fabric="gpudirect-tcpx")
Deploy = Callable[[Callable[[], Any]], Any]


def made(deploy: Deploy, args: FabricNetworkArgs) -> Any:
    return deploy(lambda: FabricNetwork(NAME, args))


@pytest.mark.parametrize(("args", "networks"), [(TCPX, 4), (TCPXO, 8), (ROCE, 2)])
def test_each_gvnic_has_a_network_of_its_own_and_all_rdma_interfaces_share_one(
    deploy: Deploy, args: FabricNetworkArgs, networks: int
) -> None:
    found = made(deploy, args)
    assert len(found.of("compute/network:Network")) == networks
    assert len(found.of("Subnetwork")) == FABRICS[args.fabric].subnetworks


@pytest.mark.parametrize("args", [TCPX, TCPXO, ROCE])
def test_no_two_subnetworks_overlap_and_all_lie_in_the_range_that_was_given(
    deploy: Deploy, args: FabricNetworkArgs
) -> None:
    ranges = [IPv4Network(one.inputs["ipCidrRange"]) for one in made(deploy, args).of("Subnetwork")]
    assert all(each.subnet_of(IPv4Network(args.cidr)) for each in ranges)
    assert not any(one.overlaps(other) for one, other in combinations(ranges, 2))


@pytest.mark.parametrize(("args", "mtu"), [(TCPX, 8244), (TCPXO, 8244), (ROCE, 8896)])
def test_every_network_takes_the_frames_of_its_fabric(deploy: Deploy, args: FabricNetworkArgs, mtu: int) -> None:
    assert {one.inputs["mtu"] for one in made(deploy, args).of("compute/network:Network")} == {mtu}


def test_no_network_leads_anywhere_and_each_is_open_within_itself_only(deploy: Deploy) -> None:
    found = made(deploy, TCPXO)
    assert all(one.inputs["deleteDefaultRoutesOnCreate"] for one in found.of("compute/network:Network"))
    own = {one.inputs["ipCidrRange"] for one in found.of("Subnetwork")}
    assert {one.inputs["sourceRanges"][0] for one in found.of("Firewall")} == own
    assert found.of("Router") == ()


def test_an_rdma_network_has_its_zones_profile_and_no_firewall(deploy: Deploy) -> None:
    found = made(deploy, ROCE)
    [rdma] = [one for one in found.of("compute/network:Network") if "networkProfile" in one.inputs]
    assert rdma.inputs["networkProfile"] == "projects/acme-ml-prod/global/networkProfiles/us-central1-b-vpc-roce"
    assert len(found.of("Firewall")) == 1
    assert {one.inputs["region"] for one in found.of("Subnetwork")} == {"us-central1"}


@pytest.mark.parametrize("protect", [True, False])
def test_everything_is_protected_as_the_environment_says(deploy: Deploy, protect: bool) -> None:
    found = made(deploy, replace(TCPXO, protect=protect))
    assert {one.protect for one in found.all if one.type.startswith("gcp:")} == {protect}


@pytest.mark.parametrize("args", [TCPX, TCPXO, ROCE])
def test_every_field_exists_in_the_compute_api(deploy: Deploy, args: FabricNetworkArgs) -> None:
    names = {"compute/network:Network": "Network", "Subnetwork": "Subnetwork", "Firewall": "Firewall"}
    switches = {"project", "region", "deleteDefaultRoutesOnCreate"}  # the provider's own
    for type_, schema in names.items():
        for one in made(deploy, args).of(type_):
            body = {key: value for key, value in one.inputs.items() if key not in switches}
            if "allows" in body:
                body["allowed"] = [
                    {"IPProtocol" if key == "protocol" else key: value for key, value in rule.items()}
                    for rule in body.pop("allows")
                ]
            assert list(complaints(schemas()[schema], body, schema)) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fabric": "infiniband"}, '"infiniband" is no fabric of Google Cloud; give one of gpudirect-tcpx'),
        ({"place": "us-central1-a"}, "looks like a zone, give its region"),
        ({"fabric": "roce"}, 'give a zone of it, for example "us-central1-a"'),
        ({"cidr": "10.0.0.0/26"}, "10.0.0.0/26 is too small for a fabric; give /25 or larger"),
    ],
)
def test_what_no_fabric_can_be_is_refused_with_the_way_on(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(TCPXO, **changes)
