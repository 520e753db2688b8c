"""Google Cloud: what points into the void, what is in use, which names are taken."""

from typing import Any

import grpc
import pytest

from tests.sandbox.provider.conftest import GPU_VM, Cloud, Clouds

PROJECT = "trainyard-sandbox-copy-of-acme"
NETWORK = "gcp:compute/network:Network"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
FIREWALL = "gcp:compute/firewall:Firewall"
VM = "gcp:compute/instance:Instance"
DISK = "gcp:compute/disk:Disk"
BUCKET = "gcp:storage/bucket:Bucket"


def network(gcp: Cloud, name: str = "net", *, auto: bool = False) -> str:
    return gcp.create(NETWORK, {"name": name, "autoCreateSubnetworks": auto})[0]


def subnetwork(gcp: Cloud, net: str, cidr: str = "10.3.0.0/24", **more: Any) -> str:
    inputs = {"name": "sub", "network": net, "ipCidrRange": cidr, "region": "us-central1", **more}
    return gcp.create(SUBNETWORK, inputs)[0]


def vm(**more: Any) -> dict[str, Any]:
    return {**GPU_VM, "machineType": "e2-medium", "scheduling": {"onHostMaintenance": "MIGRATE"}, **more}


def refusal(call: Any, *arguments: Any) -> str:
    with pytest.raises(grpc.RpcError) as raised:
        call(*arguments)
    return str(raised.value.details())


def test_every_project_has_a_default_network_with_a_subnetwork_a_region(gcp: Cloud) -> None:
    gcp.create(VM, vm(name="one"))
    gcp.create(VM, vm(name="two", networkInterfaces=[{"subnetwork": "default"}]))
    link = f"https://www.googleapis.com/compute/v1/projects/{PROJECT}/regions/us-central1/subnetworks/default"
    gcp.create(VM, vm(name="three", networkInterfaces=[{"subnetwork": link}]))
    assert gcp.invoke("gcp:compute/getNetwork:getNetwork", name="default")["autoCreateSubnetworks"] is True


@pytest.mark.parametrize(
    "given",
    [
        "net",
        f"projects/{PROJECT}/global/networks/net",
        f"https://www.googleapis.com/compute/v1/projects/{PROJECT}/global/networks/net",
        "global/networks/net",
    ],
)
def test_a_network_may_be_named_in_every_way_that_google_takes(gcp: Cloud, given: str) -> None:
    network(gcp)
    subnetwork(gcp, given)


def test_a_network_that_is_not_there_is_refused_in_google_s_words(gcp: Cloud) -> None:
    text = refusal(subnetwork, gcp, "nett")
    assert f"Error 404: The resource 'projects/{PROJECT}/global/networks/nett' was not found, notFound" in text


def test_a_thing_of_another_project_is_not_found(gcp: Cloud, clouds: Clouds) -> None:
    network(clouds.connect("gcp", project="trainyard-sandbox-copy-of-other", region="us-central1"))
    text = refusal(subnetwork, gcp, "net")
    assert "was not found, notFound; one of that name is in projects/trainyard-sandbox-copy-of-other, global" in text


def test_a_subnetwork_of_another_project_may_be_used_by_its_path(gcp: Cloud, clouds: Clouds) -> None:
    host = clouds.connect("gcp", project="trainyard-sandbox-copy-of-host", region="us-central1")
    shared = subnetwork(host, network(host))
    gcp.create(VM, vm(networkInterfaces=[{"subnetwork": shared}]))


def test_a_machine_and_its_subnetwork_are_in_one_region(gcp: Cloud) -> None:
    sub = subnetwork(gcp, network(gcp))
    text = refusal(gcp.create, VM, vm(zone="europe-west4-a", networkInterfaces=[{"subnetwork": sub}]))
    assert "Invalid value for field 'resource.networkInterfaces[0].subnetwork'" in text
    assert "in region 'us-central1', what uses it is in 'europe-west4'" in text


def test_a_network_without_subnetworks_of_its_own_needs_one_named(gcp: Cloud) -> None:
    net = network(gcp)
    text = refusal(gcp.create, VM, vm(networkInterfaces=[{"network": net}]))
    assert "Subnetwork should be specified for custom subnetmode network" in text


def test_an_auto_mode_network_brings_its_subnetworks(gcp: Cloud) -> None:
    net = network(gcp, "auto", auto=True)
    gcp.create(VM, vm(networkInterfaces=[{"network": net}]))
    gcp.create(VM, vm(name="second", networkInterfaces=[{"subnetwork": "auto"}]))
    assert "Invalid IPCidrRange: 10.140.0.0/20" in refusal(subnetwork, gcp, net, "10.140.0.0/20")
    subnetwork(gcp, net, "10.3.0.0/24")


def test_ranges_of_one_network_do_not_overlap(gcp: Cloud) -> None:
    net = network(gcp)
    subnetwork(gcp, net, "10.3.0.0/16")
    more = {"name": "second", "region": "europe-west4"}
    text = refusal(lambda: subnetwork(gcp, net, "10.3.4.0/24", **more))
    assert "10.3.4.0/24 conflicts with existing subnetwork 'sub' in region 'us-central1'" in text
    subnetwork(gcp, network(gcp, "other"), "10.3.4.0/24", **more)


def test_what_has_no_project_of_its_own_looks_in_its_network_s(gcp: Cloud) -> None:
    place = {"project": "trainyard-sandbox-copy-of-other"}
    there, _ = gcp.create("gcp:compute/network:Network", {**place, "name": "theirs", "autoCreateSubnetworks": False})
    kind = {"purpose": "VPC_PEERING", "addressType": "INTERNAL", "prefixLength": 16}
    gcp.create("gcp:compute/globalAddress:GlobalAddress", {**place, **kind, "name": "range", "network": there})
    service = {"network": there, "service": "servicenetworking.googleapis.com"}
    gcp.create("gcp:servicenetworking/connection:Connection", {**service, "reservedPeeringRanges": ["range"]})


def test_an_address_lies_in_its_subnetwork_and_is_taken_once(gcp: Cloud) -> None:
    sub = subnetwork(gcp, network(gcp))
    outside = [{"subnetwork": sub, "networkIp": "10.4.0.9"}]
    assert "is not in the range of the specified subnetwork" in refusal(gcp.create, VM, vm(networkInterfaces=outside))
    inside = [{"subnetwork": sub, "networkIp": "10.3.0.9"}]
    gcp.create(VM, vm(name="first", networkInterfaces=inside))
    text = refusal(gcp.create, VM, vm(name="second", networkInterfaces=inside))
    assert "IP_IN_USE_BY_ANOTHER_RESOURCE" in text


@pytest.mark.parametrize(
    "image",
    [
        "debian-cloud/debian-12",
        "projects/debian-cloud/global/images/family/debian-12",
        "debian-12",
        "ubuntu-os-cloud/ubuntu-2204-lts",
        "https://www.googleapis.com/compute/v1/projects/cos-cloud/global/images/cos-stable-113",
        "deeplearning-platform-release/pytorch-latest-gpu",
    ],
)
def test_public_images_are_there(gcp: Cloud, image: str) -> None:
    gcp.create(VM, vm(bootDisk={"initializeParams": {"image": image}}))


@pytest.mark.parametrize("image", ["acme/golden", "golden"])
def test_an_image_that_nobody_has_is_refused(gcp: Cloud, image: str) -> None:
    text = refusal(gcp.create, VM, vm(bootDisk={"initializeParams": {"image": image}}))
    assert f"Could not find image or family {image}" in text


def test_an_own_image_is_found_by_its_name(gcp: Cloud) -> None:
    gcp.create(DISK, {"name": "source", "zone": "us-central1-a", "size": 10})
    gcp.create("gcp:compute/image:Image", {"name": "golden", "sourceDisk": "source", "family": "gold"})
    for number, given in enumerate(("golden", f"projects/{PROJECT}/global/images/golden", "gold")):
        gcp.create(VM, vm(name=f"vm{number}", bootDisk={"initializeParams": {"image": given}}))


def test_a_disk_is_in_the_machine_s_zone_and_on_one_machine(gcp: Cloud) -> None:
    id, _ = gcp.create(DISK, {"name": "data", "zone": "us-central1-b", "size": 10})
    text = refusal(gcp.create, VM, vm(attachedDisks=[{"source": id}]))
    assert "both must be in the same zone" in text
    near, _ = gcp.create(DISK, {"name": "near", "zone": "us-central1-a", "size": 10})
    gcp.create(VM, vm(name="first", attachedDisks=[{"source": near}]))
    assert "resourceInUseByAnotherResource" in refusal(
        gcp.create, VM, vm(name="second", attachedDisks=[{"source": near}])
    )
    assert "The disk resource" in refusal(gcp.delete, DISK, near)


def test_what_is_used_is_not_deleted_and_goes_once_it_is_free(gcp: Cloud) -> None:
    net = network(gcp)
    wall, _ = gcp.create(
        FIREWALL, {"name": "wall", "network": net, "allows": [{"protocol": "icmp"}], "sourceRanges": ["0.0.0.0/0"]}
    )
    text = refusal(gcp.delete, NETWORK, net)
    assert text.startswith(
        f"googleapi: Error 400: The network resource '{net}' is already being used by '{wall}', "
        "resourceInUseByAnotherResource"
    )
    gcp.delete(FIREWALL, wall)
    gcp.delete(NETWORK, net)


def test_an_update_moves_what_is_in_use(gcp: Cloud) -> None:
    first, second = network(gcp, "first"), network(gcp, "second")
    old = {"name": "wall", "network": first, "allows": [{"protocol": "icmp"}], "sourceRanges": ["0.0.0.0/0"]}
    wall, _ = gcp.create(FIREWALL, old)
    gcp.update(FIREWALL, wall, old, {**old, "network": second})
    gcp.delete(NETWORK, first)
    assert "resourceInUseByAnotherResource" in refusal(gcp.delete, NETWORK, second)


def test_an_update_is_not_refused_for_what_it_leaves_as_it_was(gcp: Cloud, clouds: Clouds) -> None:
    net = network(gcp)
    old = {"name": "wall", "network": net, "allows": [{"protocol": "icmp"}], "sourceRanges": ["0.0.0.0/0"]}
    wall, _ = gcp.create(FIREWALL, old)
    clouds.store.delete(NETWORK, net)
    gcp.update(FIREWALL, wall, old, {**old, "allows": [{"protocol": "tcp"}]})


def test_a_thing_that_is_being_deleted_is_not_ready(gcp: Cloud, clouds: Clouds) -> None:
    from dataclasses import replace

    net = network(gcp)
    thing = clouds.store.get(NETWORK, net)
    assert thing is not None
    clouds.store.put(replace(thing, status="deleting"))
    assert "is not ready, resourceNotReady" in refusal(subnetwork, gcp, net)


def test_a_bucket_is_the_only_one_of_its_name_in_the_world(gcp: Cloud, clouds: Clouds) -> None:
    gcp.create(BUCKET, {"name": "acme-data", "location": "US"})
    assert "you already own it., conflict" in refusal(gcp.create, BUCKET, {"name": "acme-data", "location": "US"})
    other = clouds.connect("gcp", project="trainyard-sandbox-copy-of-other", region="us-central1")
    text = refusal(other.create, BUCKET, {"name": "acme-data", "location": "EU"})
    assert "Error 409: The requested bucket name is not available" in text


@pytest.mark.parametrize("forced", [True, False])
def test_a_bucket_that_holds_something_goes_only_by_force(gcp: Cloud, forced: bool) -> None:
    bucket, _ = gcp.create(BUCKET, {"name": "acme-data", "location": "US", "forceDestroy": forced})
    gcp.create("gcp:storage/bucketObject:BucketObject", {"name": "a", "bucket": bucket, "content": "x"})
    if forced:
        gcp.delete(BUCKET, bucket)
    else:
        text = refusal(gcp.delete, BUCKET, bucket)
        assert "Error trying to delete bucket acme-data containing objects without `force_destroy` set to true" in text


def test_a_service_account_of_the_project_must_be_there_and_google_s_own_are(gcp: Cloud) -> None:
    def of(email: str) -> dict[str, Any]:
        return vm(name=f"vm-{email[:4]}", serviceAccount={"email": email, "scopes": ["cloud-platform"]})

    gcp.create(VM, of("123456789012-compute@developer.gserviceaccount.com"))
    missing = f"trainer@{PROJECT}.iam.gserviceaccount.com"
    assert "Unknown service account" in refusal(gcp.create, VM, of(missing))
    gcp.create("gcp:serviceaccount/account:Account", {"accountId": "trainer"})
    gcp.create(VM, of(missing))


@pytest.mark.parametrize(
    ("token", "inputs", "words"),
    [
        (
            "gcp:container/cluster:Cluster",
            {"name": "c", "location": "us-central1", "initialNodeCount": 1},
            "Cannot destroy cluster because deletion_protection is set to true",
        ),
        (
            "gcp:sql/databaseInstance:DatabaseInstance",
            {"name": "db", "databaseVersion": "POSTGRES_15", "settings": {"tier": "db-f1-micro"}, "region": "us-east1"},
            "failed to delete instance because deletion_protection is set to true",
        ),
    ],
)
def test_what_is_protected_by_default_is_deleted_only_when_the_program_says_so(
    gcp: Cloud, token: str, inputs: dict[str, Any], words: str
) -> None:
    id, _told = gcp.create(token, inputs)
    assert words in refusal(gcp.delete, token, id)
    gcp.update(token, id, inputs, {**inputs, "deletionProtection": False})
    gcp.delete(token, id)


def test_things_are_called_as_google_calls_them_wherever_they_are_pointed_at(gcp: Cloud) -> None:
    template = gcp.create(
        "gcp:compute/instanceTemplate:InstanceTemplate",
        {
            "name": "template",
            "machineType": "e2-medium",
            "disks": [{"sourceImage": "debian-cloud/debian-12"}],
            "networkInterfaces": [{"network": "default"}],
        },
    )[0]
    group, told = gcp.create(
        "gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager",
        {
            "name": "group",
            "region": "us-central1",
            "baseInstanceName": "node",
            "versions": [{"instanceTemplate": template}],
        },
    )
    assert group == f"projects/{PROJECT}/regions/us-central1/instanceGroupManagers/group"
    assert told["instanceGroup"].endswith(f"projects/{PROJECT}/regions/us-central1/instanceGroups/group")
    limits = {"minReplicas": 1, "maxReplicas": 2}
    gcp.create(
        "gcp:compute/regionAutoscaler:RegionAutoscaler",
        {"name": "scaler", "region": "us-central1", "target": group, "autoscalingPolicy": limits},
    )
    check = gcp.create(
        "gcp:compute/regionHealthCheck:RegionHealthCheck",
        {"name": "check", "region": "us-central1", "httpHealthCheck": {"port": 80}},
    )[0]
    service = gcp.create(
        "gcp:compute/regionBackendService:RegionBackendService",
        {
            "name": "service",
            "region": "us-central1",
            "healthChecks": check,
            "backends": [{"group": told["instanceGroup"], "capacityScaler": 1}],
            "loadBalancingScheme": "INTERNAL_MANAGED",
            "protocol": "HTTP",
        },
    )[0]
    assert service.endswith("regions/us-central1/backendServices/service")


def test_secondary_ranges_of_two_subnetworks_do_not_overlap(gcp: Cloud) -> None:
    net = network(gcp)
    subnetwork(gcp, net, secondaryIpRanges=[{"rangeName": "pods", "ipCidrRange": "10.20.0.0/16"}])
    more = {"name": "second", "secondaryIpRanges": [{"rangeName": "pods", "ipCidrRange": "10.20.1.0/24"}]}
    assert "10.20.1.0/24 conflicts with existing subnetwork 'sub'" in refusal(
        lambda: subnetwork(gcp, net, "10.4.0.0/24", **more)
    )


@pytest.mark.parametrize(("given", "words"), [("10.9.0.5", "outside the subnetwork"), ("10.3.0.0", "first two")])
def test_an_internal_address_is_one_that_its_subnetwork_has_to_give(gcp: Cloud, given: str, words: str) -> None:
    sub = subnetwork(gcp, network(gcp))
    inputs = {"name": "inner", "addressType": "INTERNAL", "subnetwork": sub, "address": given, "region": "us-central1"}
    assert words in refusal(gcp.create, "gcp:compute/address:Address", inputs)


def test_a_cluster_names_secondary_ranges_of_its_subnetwork_and_finds_it_in_its_own_region(gcp: Cloud) -> None:
    pods = {"rangeName": "pods", "ipCidrRange": "10.20.0.0/16"}
    subnetwork(gcp, network(gcp), region="europe-west4", secondaryIpRanges=[pods])
    cluster = {"name": "c", "location": "europe-west4", "network": "net", "subnetwork": "sub", "initialNodeCount": 1}
    named = {"ipAllocationPolicy": {"clusterSecondaryRangeName": "services"}}
    token = "gcp:container/cluster:Cluster"
    assert '"services"' in refusal(gcp.create, token, {**cluster, **named})
    gcp.create(token, {**cluster, "ipAllocationPolicy": {"clusterSecondaryRangeName": "pods"}})


def test_agents_of_google_are_there_and_a_project_s_own_accounts_must_be(gcp: Cloud) -> None:
    token = "gcp:projects/iAMMember:IAMMember"
    grant = {"project": PROJECT, "role": "roles/viewer"}
    agent = "serviceAccount:service-123@gs-project-accounts.iam.gserviceaccount.com"
    gcp.create(token, {**grant, "member": agent})
    ghost = f"serviceAccount:ghost@{PROJECT}.iam.gserviceaccount.com"
    assert "ghost" in refusal(gcp.create, token, {**grant, "member": ghost})


@pytest.mark.parametrize(
    "member",
    [
        "serviceAccount:123456789012-compute@developer.gserviceaccount.com",
        "serviceAccount:123456789012@cloudbuild.gserviceaccount.com",
        "serviceAccount:123456789012@cloudservices.gserviceaccount.com",
        f"serviceAccount:{PROJECT}@appspot.gserviceaccount.com",
        f"serviceAccount:firebase-adminsdk-x1y2z@{PROJECT}.iam.gserviceaccount.com",
        f"serviceAccount:{PROJECT}.svc.id.goog[space/account]",
        "serviceAccount:bq-123456789012@bigquery-encryption.iam.gserviceaccount.com",
        "serviceAccount:p123456789012-x1y2z@gcp-sa-cloud-sql.iam.gserviceaccount.com",
        "serviceAccount:service-123456789012@container-engine-robot.iam.gserviceaccount.com",
        "serviceAccount:trainer@the-other-team.iam.gserviceaccount.com",
    ],
)
def test_accounts_that_no_program_of_the_project_makes_may_be_granted_roles(gcp: Cloud, member: str) -> None:
    token = "gcp:projects/iAMMember:IAMMember"
    gcp.create(token, {"project": PROJECT, "role": "roles/viewer", "member": member})


def test_templates_of_one_prefix_have_names_of_their_own(gcp: Cloud) -> None:
    network(gcp)
    token = "gcp:compute/instanceTemplate:InstanceTemplate"
    image = "projects/debian-cloud/global/images/family/debian-12"
    inputs = {"namePrefix": "acme-", "machineType": "e2-small", "disks": [{"sourceImage": image, "boot": True}]}
    first, second = gcp.create(token, inputs)[1], gcp.create(token, inputs)[1]
    assert first["name"].startswith("acme-2")
    assert first["name"] != second["name"]
