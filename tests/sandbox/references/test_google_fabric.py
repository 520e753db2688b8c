"""Google Cloud: RDMA networks, workload policies of groups and resize requests, as Google describes them."""

from typing import Any

import grpc
import pytest

from tests.sandbox.provider.conftest import GPU_VM, Cloud, Clouds
from trainyard.sandbox.groups.keeping import keep

NETWORK = "gcp:compute/network:Network"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
FIREWALL = "gcp:compute/firewall:Firewall"
VM = "gcp:compute/instance:Instance"
TEMPLATE = "gcp:compute/instanceTemplate:InstanceTemplate"
GROUP = "gcp:compute/instanceGroupManager:InstanceGroupManager"
POLICY = "gcp:compute/resourcePolicy:ResourcePolicy"
REQUEST = "gcp:compute/resizeRequest:ResizeRequest"
PROFILE = "projects/p/global/networkProfiles/us-central1-b-vpc-roce"


def refusal(call: Any, *arguments: Any) -> str:
    with pytest.raises(grpc.RpcError) as raised:
        call(*arguments)
    return str(raised.value.details())


def rdma(gcp: Cloud) -> str:
    inputs = {"name": "rdma", "autoCreateSubnetworks": False, "mtu": 8896, "networkProfile": PROFILE}
    return gcp.create(NETWORK, inputs)[0]


def subnetwork(network: str, region: str = "us-central1", **more: Any) -> dict[str, Any]:
    return {"name": "sub", "network": network, "ipCidrRange": "10.3.0.0/24", "region": region, **more}


def machine(zone: str, subnetwork: str, kind: str) -> dict[str, Any]:
    own = {"subnetwork": subnetwork, "nicType": kind}
    boot = {"initializeParams": {"image": "debian-cloud/debian-12", "type": "hyperdisk-balanced", "size": 50}}
    return {
        **GPU_VM,
        "name": "one",
        "zone": zone,
        "machineType": "a4-highgpu-8g",
        "bootDisk": boot,
        "networkInterfaces": [{"network": "default"}, own],
        "scheduling": {"onHostMaintenance": "TERMINATE"},
    }


def template(gcp: Cloud, machine_type: str, **scheduling: Any) -> str:
    inputs = {
        "name": "t",
        "machineType": machine_type,
        "disks": [{"boot": True, "sourceImage": "debian-cloud/debian-12", "diskSizeGb": 50}],
        "networkInterfaces": [{"network": "default"}],
        "scheduling": {"onHostMaintenance": "TERMINATE", **scheduling},
    }
    return str(gcp.create(TEMPLATE, inputs)[1]["selfLinkUnique"])


def group(template: str, **more: Any) -> dict[str, Any]:
    return {
        "name": "g",
        "zone": "us-central1-b",
        "baseInstanceName": "node-##",
        "versions": [{"instanceTemplate": template}],
        **more,
    }


FLEX: dict[str, Any] = {
    "provisioningModel": "FLEX_START",
    "maxRunDuration": {"seconds": 3600},
    "instanceTerminationAction": "DELETE",
    "automaticRestart": False,
}


def test_an_rdma_network_takes_no_firewall_rules(gcp: Cloud) -> None:
    rule = {"name": "in", "network": rdma(gcp), "sourceRanges": ["10.0.0.0/8"], "allows": [{"protocol": "tcp"}]}
    assert "has an RDMA profile, which takes no firewall rules" in refusal(gcp.create, FIREWALL, rule)


def test_the_subnetworks_of_an_rdma_network_lie_in_its_region(gcp: Cloud) -> None:
    network = rdma(gcp)
    assert "profile is of us-central1-b" in refusal(gcp.create, SUBNETWORK, subnetwork(network, "europe-west4"))
    gcp.create(SUBNETWORK, subnetwork(network))


def test_rdma_interfaces_are_in_rdma_networks_of_the_machines_zone_and_no_others_are(gcp: Cloud) -> None:
    inside = gcp.create(SUBNETWORK, subnetwork(rdma(gcp)))[0]
    plain = gcp.create(NETWORK, {"name": "plain", "autoCreateSubnetworks": False})[0]
    outside = gcp.create(SUBNETWORK, subnetwork(plain, name="plain"))[0]
    assert "has an RDMA profile: give MRDMA" in refusal(gcp.create, VM, machine("us-central1-b", inside, "GVNIC"))
    assert "has no RDMA profile" in refusal(gcp.create, VM, machine("us-central1-b", outside, "MRDMA"))
    gcp.create(VM, machine("us-central1-b", inside, "MRDMA"))


def test_a_workload_policy_goes_with_its_region_and_with_machines_that_support_it(gcp: Cloud) -> None:
    policy = {"name": "p", "region": "us-central1", "workloadPolicy": {"type": "HIGH_THROUGHPUT"}}
    link = gcp.create(POLICY, policy)[1]["selfLink"]
    other = gcp.create(POLICY, {**policy, "region": "europe-west4"})[1]["selfLink"]
    small = group(template(gcp, "g2-standard-4"), resourcePolicies={"workloadPolicy": link})
    assert "do not support g2-standard-4" in refusal(gcp.create, GROUP, small)
    far = {**small, "resourcePolicies": {"workloadPolicy": other}}
    assert "It is of europe-west4, the group of us-central1-b" in refusal(gcp.create, GROUP, far)
    missing = {**small, "resourcePolicies": {"workloadPolicy": link.replace("Policies/p", "Policies/x")}}
    assert "was not found" in refusal(gcp.create, GROUP, missing)


def test_flex_start_takes_a_workload_policy_on_few_families(gcp: Cloud) -> None:
    policy = {"name": "p", "region": "us-central1", "workloadPolicy": {"type": "HIGH_THROUGHPUT"}}
    link = gcp.create(POLICY, policy)[1]["selfLink"]
    made = group(template(gcp, "a3-megagpu-8g", **FLEX), resourcePolicies={"workloadPolicy": link})
    assert "Flex-start machines of a3-megagpu-8g take no workload policy" in refusal(gcp.create, GROUP, made)


def test_a_resize_request_needs_a_group_that_repairs_nothing(clouds: Clouds) -> None:
    gcp = clouds.connect("gcp", project="trainyard-sandbox-copy-of-acme", region="us-central1")
    made = group(template(gcp, "a3-megagpu-8g", **FLEX))
    asked = {"name": "r", "zone": "us-central1-b", "instanceGroupManager": "g", "resizeBy": 2}
    id = gcp.create(GROUP, made)[0]
    assert "repairs its machines: set its defaultActionOnFailure to DO_NOTHING" in refusal(gcp.create, REQUEST, asked)
    gcp.delete(GROUP, id)
    gcp.create(GROUP, {**made, "instanceLifecyclePolicy": {"defaultActionOnFailure": "DO_NOTHING"}})
    gcp.create(REQUEST, asked)
    keep(clouds.store)
    assert sorted(thing.name for thing in clouds.store.list(type=VM)) == ["node-01", "node-02"]
