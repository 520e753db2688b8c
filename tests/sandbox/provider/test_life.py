import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from tests.sandbox.provider.conftest import half_made
from trainyard.sandbox import faults
from trainyard.sandbox.faults import Fault
from trainyard.servicer import UNKNOWN, Secret, decode, encode

VM = "gcp:compute/instance:Instance"
NETWORK = "gcp:compute/network:Network"
PROJECT = "trainyard-sandbox-copy-of-acme"
ID = f"projects/{PROJECT}/zones/us-central1-a/instances/trainer"


def test_a_machine_is_told_as_compute_engine_tells_it(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    id, told = gcp.create(VM, {**gpu_vm, "labels": {"team": "ml"}})
    assert id == ID
    assert told["selfLink"] == f"https://www.googleapis.com/compute/v1/{ID}"
    assert told["project"] == PROJECT
    assert told["currentStatus"] == "RUNNING"
    assert len(told["instanceId"]) == 19
    assert told["creationTimestamp"].endswith("Z")
    assert told["effectiveLabels"] == {"team": "ml", "goog-pulumi-provisioned": "true"}
    assert told["pulumiLabels"] == told["effectiveLabels"]
    assert told["networkInterfaces"][0]["networkIp"].startswith("10.128.")
    assert told["networkInterfaces"][0]["network"].endswith(f"projects/{PROJECT}/global/networks/default")
    assert told["bootDisk"]["source"].endswith("/zones/us-central1-a/disks/trainer")
    assert told["guestAccelerators"][0]["type"].endswith("/acceleratorTypes/nvidia-l4")
    assert told["machineType"] == "g2-standard-4"


def test_default_labels_of_the_provider_are_in_the_effective_ones_and_in_the_cloud(
    clouds: Any, gpu_vm: dict[str, Any]
) -> None:
    cloud = clouds.connect("gcp", project="p", defaultLabels='{"cost": "x"}', addPulumiAttributionLabel="false")
    id, told = cloud.create(VM, {**gpu_vm, "labels": {"team": "ml"}})
    assert told["effectiveLabels"] == {"cost": "x", "team": "ml"}
    assert told["labels"] == {"team": "ml"}
    assert clouds.store.get(VM, id).labels == {"cost": "x", "team": "ml"}


def test_a_wrong_key_of_the_provider_is_refused_with_the_nearest(gcp: Any) -> None:
    news = encode({"projct": "p", "version": "10.2.0", "zone": "us-central1-a"})
    (failure,) = gcp.stub.CheckConfig(provider_pb2.CheckRequest(news=news)).failures
    assert failure.property == "projct"
    assert 'did you mean "project"?' in failure.reason


def test_labels_that_were_changed_in_the_cloud_are_read_as_they_are_now(
    clouds: Any, gcp: Any, gpu_vm: dict[str, Any]
) -> None:
    id, _ = gcp.create(VM, {**gpu_vm, "labels": {"team": "ml"}})
    there = clouds.store.get(VM, id)
    clouds.store.put(replace(there, outputs={**there.outputs, "labels": {"team": "other"}}))
    assert gcp.read(VM, id)[2]["labels"] == {"team": "other"}


def test_an_update_does_not_start_a_stopped_machine_unless_it_is_wished(
    clouds: Any, gcp: Any, gpu_vm: dict[str, Any]
) -> None:
    vm = {**gpu_vm, "scheduling": {"onHostMaintenance": "TERMINATE", "maxRunDuration": {"seconds": 60}}}
    id, _ = gcp.create(VM, vm)
    clouds.store.advance(61)
    assert gcp.update(VM, id, vm, {**vm, "labels": {"a": "b"}})["currentStatus"] == "TERMINATED"
    assert clouds.store.get(VM, id).status == "stopped"
    assert gcp.update(VM, id, vm, {**vm, "desiredStatus": "RUNNING"})["currentStatus"] == "RUNNING"
    clouds.store.advance(30)
    assert clouds.store.get(VM, id).status == "live"
    clouds.store.advance(31)
    assert clouds.store.get(VM, id).status == "stopped"


def test_an_update_of_a_running_machine_keeps_its_end(clouds: Any, gcp: Any, gpu_vm: dict[str, Any]) -> None:
    vm = {**gpu_vm, "scheduling": {"onHostMaintenance": "TERMINATE", "maxRunDuration": {"seconds": 3600}}}
    id, _ = gcp.create(VM, vm)
    ends = clouds.store.get(VM, id).ends
    clouds.store.advance(100)
    gcp.update(VM, id, vm, {**vm, "labels": {"a": "b"}})
    assert clouds.store.get(VM, id).ends == ends


def test_an_address_lies_in_the_range_of_its_subnet(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    _, network = gcp.create(NETWORK, {"name": "n"})
    subnet = {"name": "s", "network": network["selfLink"], "ipCidrRange": "10.7.0.0/24", "region": "us-central1"}
    id, _ = gcp.create("gcp:compute/subnetwork:Subnetwork", subnet)
    _, told = gcp.create(VM, {**gpu_vm, "networkInterfaces": [{"subnetwork": id}]})
    assert told["networkInterfaces"][0]["networkIp"].startswith("10.7.0.")
    assert told["networkInterfaces"][0]["network"] == network["selfLink"]


def test_a_preview_makes_nothing(clouds: Any, gcp: Any, gpu_vm: dict[str, Any]) -> None:
    id, told = gcp.create(VM, {**gpu_vm, "description": UNKNOWN}, preview=True)
    assert id == ""
    assert told["description"] is UNKNOWN
    assert clouds.store.list() == []


def test_secrets_stay_secret_in_outputs_and_in_what_is_read(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    id, told = gcp.create(VM, {**gpu_vm, "metadata": {"key": Secret("s3")}})
    assert told["metadata"] == {"key": Secret("s3")}
    _, outputs, inputs = gcp.read(VM, id)
    assert outputs == told
    assert inputs["metadata"] == {"key": Secret("s3")}


KEY = "projects/p/locations/us-central1/keyRings/r/cryptoKeys/k"


def test_a_secret_in_a_part_of_a_machine_keeps_that_part_secret(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    disk = {"initializeParams": Secret({"image": "debian-cloud/debian-12"}), "kmsKeySelfLink": KEY}
    wish = {
        "bootDisk": disk,
        "scheduling": Secret({"onHostMaintenance": "TERMINATE"}),
        "networkInterfaces": Secret([{"network": "default"}]),
    }
    id, told = gcp.create(VM, {**gpu_vm, **wish})
    for name in ("bootDisk", "scheduling", "networkInterfaces"):
        assert isinstance(told[name], Secret)
    assert told["bootDisk"].value["initializeParams"]["image"] == "debian-cloud/debian-12"
    assert isinstance(gcp.update(VM, id, gpu_vm, {**gpu_vm, **wish, "labels": {"a": "b"}})["scheduling"], Secret)


def test_a_name_that_lives_is_refused_as_the_cloud_does(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    gcp.create(VM, gpu_vm)
    with pytest.raises(grpc.RpcError) as raised:
        gcp.create(VM, gpu_vm)
    assert raised.value.details() == f"googleapi: Error 409: The resource '{ID}' already exists, alreadyExists"


def test_a_name_can_be_used_again_after_its_thing_is_deleted(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    id, first = gcp.create(VM, gpu_vm)
    gcp.delete(VM, id)
    _, second = gcp.create(VM, gpu_vm)
    assert first["instanceId"] != second["instanceId"]


def test_the_boot_disk_lives_and_dies_with_its_machine(clouds: Any, gcp: Any, gpu_vm: dict[str, Any]) -> None:
    id, _ = gcp.create(VM, gpu_vm)
    assert [thing.name for thing in clouds.store.list(type="gcp:compute/disk:Disk")] == ["trainer"]
    gcp.delete(VM, id)
    assert clouds.store.list() == []


def test_a_boot_disk_that_is_not_auto_deleted_stays(clouds: Any, gcp: Any, gpu_vm: dict[str, Any]) -> None:
    id, _ = gcp.create(
        VM, {**gpu_vm, "bootDisk": {"autoDelete": False, "initializeParams": {"image": "debian-cloud/debian-12"}}}
    )
    gcp.delete(VM, id)
    assert [thing.type for thing in clouds.store.list()] == ["gcp:compute/disk:Disk"]


def test_reading_what_is_deleted_says_that_it_is_gone(clouds: Any, gcp: Any, gpu_vm: dict[str, Any]) -> None:
    id, _ = gcp.create(VM, gpu_vm)
    clouds.store.delete(VM, id)
    assert gcp.read(VM, id) == ("", {}, {})
    gcp.delete(VM, id)


@pytest.mark.parametrize("verb", ["read", "delete"])
def test_an_id_that_was_never_given_out_is_an_error_and_not_gone(gcp: Any, verb: str) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        getattr(gcp, verb)(VM, "projects/real/zones/us-central1-a/instances/production")
    assert raised.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert "the sandbox never gave out" in raised.value.details()


def test_an_update_keeps_what_the_cloud_numbered(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    id, before = gcp.create(VM, gpu_vm)
    after = gcp.update(VM, id, gpu_vm, {**gpu_vm, "labels": {"a": "b"}})
    assert after["labels"] == {"a": "b"}
    for name in ("instanceId", "creationTimestamp", "selfLink"):
        assert after[name] == before[name]
    assert after["networkInterfaces"] == before["networkInterfaces"]
    assert gcp.read(VM, id)[1] == after


def test_a_running_machine_does_not_change_its_type_unless_it_may_stop(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    id, _ = gcp.create(VM, gpu_vm)
    with pytest.raises(grpc.RpcError) as raised:
        gcp.update(VM, id, gpu_vm, {**gpu_vm, "machineType": "g2-standard-8"})
    assert raised.value.details().startswith("Changing the machineType on a started instance requires stopping it.")
    new = {**gpu_vm, "machineType": "g2-standard-8", "allowStoppingForUpdate": True}
    assert gcp.update(VM, id, gpu_vm, new)["machineType"] == "g2-standard-8"


def test_a_machine_does_not_change_its_accelerators_in_place(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    id, _ = gcp.create(VM, gpu_vm)
    with pytest.raises(grpc.RpcError, match="features are not compatible"):
        gcp.update(VM, id, gpu_vm, {**gpu_vm, "machineType": "a2-highgpu-1g", "allowStoppingForUpdate": True})


def test_a_protected_machine_is_not_deleted(gcp: Any, gpu_vm: dict[str, Any]) -> None:
    id, _ = gcp.create(VM, {**gpu_vm, "deletionProtection": True})
    with pytest.raises(grpc.RpcError, match="Deletion Protection is enabled"):
        gcp.delete(VM, id)


def test_deletion_policies_are_honoured(clouds: Any, gcp: Any, gpu_vm: dict[str, Any]) -> None:
    kept, _ = gcp.create(VM, {**gpu_vm, "deletionPolicy": "PREVENT"})
    with pytest.raises(grpc.RpcError, match="cannot destroy trainer"):
        gcp.delete(VM, kept)
    left, _ = gcp.create(VM, {**gpu_vm, "name": "other", "deletionPolicy": "ABANDON"})
    gcp.delete(VM, left)
    assert clouds.store.get(VM, left) is not None


def test_the_cloud_deletes_a_machine_at_its_termination_time(clouds: Any, gcp: Any, gpu_vm: dict[str, Any]) -> None:
    end = {"terminationTime": "2100-01-01T00:00:00Z", "instanceTerminationAction": "DELETE"}
    scheduling = {"onHostMaintenance": "TERMINATE", **end}
    id, _ = gcp.create(VM, {**gpu_vm, "scheduling": scheduling})
    clouds.store.advance(3600)
    assert gcp.read(VM, id)[0] == id
    clouds.store.advance(100 * 366 * 86400)
    assert gcp.read(VM, id) == ("", {}, {})
    assert clouds.store.list() == []


def test_the_cloud_stops_a_machine_after_its_longest_run(clouds: Any, gcp: Any, gpu_vm: dict[str, Any]) -> None:
    id, _ = gcp.create(
        VM, {**gpu_vm, "scheduling": {"onHostMaintenance": "TERMINATE", "maxRunDuration": {"seconds": 3600}}}
    )
    clouds.store.advance(3599)
    assert gcp.read(VM, id)[1]["currentStatus"] == "RUNNING"
    clouds.store.advance(2)
    assert gcp.read(VM, id)[1]["currentStatus"] == "TERMINATED"
    assert clouds.store.get(VM, id).status == "stopped"


NEEDED = (
    (NETWORK, {"name": "n"}),
    ("gcp:compute/router:Router", {"name": "r", "network": "n"}),
    ("gcp:storage/bucket:Bucket", {"name": "data", "location": "EU"}),
    (VM, {"name": "vm"}),
)


@pytest.mark.parametrize(
    ("token", "inputs", "id", "outputs"),
    [
        (NETWORK, {"name": "n"}, f"projects/{PROJECT}/global/networks/n", {"autoCreateSubnetworks": True}),
        (
            "gcp:compute/subnetwork:Subnetwork",
            {"name": "s", "network": "n", "ipCidrRange": "10.1.0.0/24"},
            f"projects/{PROJECT}/regions/us-central1/subnetworks/s",
            {"gatewayAddress": "10.1.0.1", "region": "us-central1"},
        ),
        (
            "gcp:compute/router:Router",
            {"name": "r", "network": "n"},
            f"projects/{PROJECT}/regions/us-central1/routers/r",
            {"network": f"https://www.googleapis.com/compute/v1/projects/{PROJECT}/global/networks/n"},
        ),
        (
            "gcp:compute/routerNat:RouterNat",
            {
                "name": "nat",
                "router": "r",
                "natIpAllocateOption": "AUTO_ONLY",
                "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES",
            },
            f"{PROJECT}/us-central1/r/nat",
            {"region": "us-central1"},
        ),
        (
            "gcp:compute/firewall:Firewall",
            {"name": "f", "network": "n", "sourceTags": ["web"], "allows": [{"protocol": "tcp"}]},
            f"projects/{PROJECT}/global/firewalls/f",
            {"direction": "INGRESS"},
        ),
        (
            "gcp:serviceaccount/account:Account",
            {"accountId": "trainer"},
            f"projects/{PROJECT}/serviceAccounts/trainer@{PROJECT}.iam.gserviceaccount.com",
            {"member": f"serviceAccount:trainer@{PROJECT}.iam.gserviceaccount.com"},
        ),
        (
            "gcp:projects/iAMMember:IAMMember",
            {"project": PROJECT, "role": "roles/viewer", "member": "user:a@example.com"},
            f"{PROJECT}/roles/viewer/user:a@example.com",
            {},
        ),
        (
            "gcp:storage/bucketIAMMember:BucketIAMMember",
            {"bucket": "data", "role": "roles/storage.objectViewer", "member": "user:a@example.com"},
            "b/data/roles/storage.objectViewer/user:a@example.com",
            {},
        ),
        (
            "gcp:compute/instanceIAMMember:InstanceIAMMember",
            {"instanceName": "vm", "zone": "us-central1-a", "role": "roles/viewer", "member": "user:a@example.com"},
            f"projects/{PROJECT}/zones/us-central1-a/instances/vm/roles/viewer/user:a@example.com",
            {"project": PROJECT},
        ),
        (
            "gcp:workbench/instanceIamMember:InstanceIamMember",
            {"name": "lab", "location": "us-central1-a", "role": "roles/viewer", "member": "user:a@example.com"},
            f"projects/{PROJECT}/locations/us-central1-a/instances/lab/roles/viewer/user:a@example.com",
            {},
        ),
        (
            "gcp:storage/bucket:Bucket",
            {"name": "data", "location": "eu"},
            "data",
            {"url": "gs://data", "location": "EU"},
        ),
        ("gcp:compute/address:Address", {"name": "a"}, f"projects/{PROJECT}/regions/us-central1/addresses/a", {}),
        ("gcp:pubsub/topic:Topic", {"name": "topic"}, f"projects/{PROJECT}/topics/topic", {}),
    ],
)
def test_google_things_have_the_cloud_s_ids(
    gcp: Any, gpu_vm: dict[str, Any], token: str, inputs: Mapping[str, Any], id: str, outputs: Mapping[str, Any]
) -> None:
    for needed, given in NEEDED:  # what the others point at
        if (needed, given["name"]) == (token, inputs.get("name")):
            break
        gcp.create(needed, {**gpu_vm, **given} if needed == VM else given)
    made, told = gcp.create(token, inputs)
    assert made == id
    assert {key: told[key] for key in outputs} == outputs


def test_a_lost_response_leaves_the_thing_in_the_cloud(clouds: Any, gcp: Any, gpu_vm: dict[str, Any]) -> None:
    faults.replace(clouds.store, [Fault(call=f"{VM} create", kind="lost-response", times=1)])
    with pytest.raises(grpc.RpcError, match="response was lost"):
        gcp.create(VM, gpu_vm)
    assert clouds.store.get(VM, ID) is not None


def test_a_refused_create_makes_nothing_and_the_next_one_goes_through(
    clouds: Any, gcp: Any, gpu_vm: dict[str, Any]
) -> None:
    faults.replace(clouds.store, [Fault(call=f"{VM} create", kind="refuse", code=403, message="quota", times=1)])
    with pytest.raises(grpc.RpcError, match="Error 403: quota"):
        gcp.create(VM, gpu_vm)
    assert clouds.store.list() == []
    assert gcp.create(VM, gpu_vm)[0] == ID


def test_a_partial_create_tells_the_thing_and_the_reason(clouds: Any, gcp: Any, gpu_vm: dict[str, Any]) -> None:
    faults.replace(clouds.store, [Fault(call=f"{VM} create", kind="partial", message="disk not ready", times=1)])
    with pytest.raises(grpc.RpcError) as raised:
        gcp.create(VM, gpu_vm)
    failed = half_made(raised.value)
    assert failed.id == ID
    assert list(failed.reasons) == ["disk not ready"]
    assert decode(failed.properties)["name"] == "trainer"
    assert gcp.read(VM, ID)[0] == ID


def test_two_connections_make_things_in_their_own_projects(clouds: Any, gpu_vm: dict[str, Any]) -> None:
    one, _ = clouds.connect("gcp", project="one").create(VM, gpu_vm)
    two, _ = clouds.connect("gcp", project="two").create(VM, gpu_vm)
    assert (one.split("/")[1], two.split("/")[1]) == ("one", "two")


def test_a_place_that_nothing_tells_is_refused_in_the_provider_s_words(clouds: Any, gpu_vm: dict[str, Any]) -> None:
    cloud = clouds.connect("gcp", project="p")
    assert cloud.failures("gcp:compute/router:Router", {"network": "n"})["region"].startswith(
        "region: required field is not set"
    )
    del gpu_vm["zone"]
    assert list(cloud.failures(VM, gpu_vm)) == ["zone"]
    assert clouds.connect("gcp", zone="us-central1-a").failures("gcp:compute/router:Router", {"network": "n"}) == {}


def test_many_threads_create_at_once(clouds: Any, gcp: Any, gpu_vm: dict[str, Any]) -> None:
    def work(number: int) -> None:
        for step in range(10):
            gcp.create(VM, {**gpu_vm, "name": f"vm-{number}-{step}"})

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(clouds.store.list(type=VM)) == 40


def test_each_port_tells_the_version_of_its_sdk(clouds: Any) -> None:
    from importlib.metadata import version

    for package in ("gcp", "aws", "random"):
        assert clouds.connect(package).version() == version(f"pulumi-{package}")


def test_what_a_cloud_sets_may_be_set_again(gcp: Any) -> None:
    given = {"project": "acme", "role": "roles/viewer", "member": "user:a@acme.example"}
    id, _ = gcp.create("gcp:projects/iAMMember:IAMMember", given)
    assert gcp.create("gcp:projects/iAMMember:IAMMember", given)[0] == id
