"""What lives long on Google Cloud: buckets, disks, file systems, registry, keys, TensorBoard, private services."""

from dataclasses import replace

import pytest

from components.gcp.bucket import Bucket, BucketArgs
from components.gcp.data_disk import DataDisk, DataDiskArgs
from components.gcp.filestore import Filestore, FilestoreArgs
from components.gcp.key import Key, KeyArgs
from components.gcp.lustre import Lustre, LustreArgs
from components.gcp.private_services import PrivateServices, PrivateServicesArgs
from components.gcp.registry import Registry, RegistryArgs
from components.gcp.services import Services, ServicesArgs
from components.gcp.tensorboard import Tensorboard, TensorboardArgs

PROJECT = "acme-ml-dev"
NETWORK = f"projects/{PROJECT}/global/networks/dev"
BUCKET = BucketArgs(project=PROJECT, name="acme-ml-dev-corpus", location="europe-west4")
EVERYTHING = {
    "Bucket": lambda: Bucket("dev-corpus", BUCKET),
    "DataDisk": lambda: DataDisk("dev-disk", DataDiskArgs(project=PROJECT, zone="europe-west4-a", gib=500)),
    "Filestore": lambda: Filestore(
        "dev-home",
        FilestoreArgs(project=PROJECT, location="europe-west4-b", network=NETWORK, tier="zonal", gib=1024),
    ),
    "Lustre": lambda: Lustre(
        "dev-fast", LustreArgs(project=PROJECT, zone="europe-west4-a", network=NETWORK, gib=18000)
    ),
    "Registry": lambda: Registry("dev", RegistryArgs(project=PROJECT, location="europe")),
    "Key": lambda: Key("dev", KeyArgs(project=PROJECT, location="europe-west4")),
    "Tensorboard": lambda: Tensorboard("dev", TensorboardArgs(project=PROJECT, region="europe-west4")),
    "PrivateServices": lambda: PrivateServices(
        "dev", PrivateServicesArgs(project=PROJECT, network=NETWORK, cidr="10.40.0.0/16")
    ),
}


def bucket(deploy, **changes):
    return deploy(lambda: Bucket("dev-corpus", replace(BUCKET, **changes))).one("storage/bucket:Bucket")


@pytest.mark.parametrize("what", EVERYTHING)
def test_everything_is_protected_unless_the_environment_says_otherwise(deploy, what: str) -> None:
    found = deploy(EVERYTHING[what]).all
    assert [one.type for one in found if one.type.startswith("gcp:") and not one.protect] == []
    assert found[0].type == f"trainyard:gcp:{what}"


@pytest.mark.parametrize("what", EVERYTHING)
def test_nothing_is_ever_abandoned(deploy, what: str) -> None:
    assert all("deletionPolicy" not in one.inputs for one in deploy(EVERYTHING[what]).all)


def test_a_bucket_is_never_public_and_never_emptied_to_be_deleted(deploy) -> None:
    inputs = bucket(deploy).inputs
    assert inputs["publicAccessPrevention"] == "enforced"
    assert inputs["uniformBucketLevelAccess"] is True
    assert inputs["forceDestroy"] is False


def test_a_bucket_keeps_three_versions_and_what_was_deleted_for_a_week(deploy) -> None:
    inputs = bucket(deploy).inputs
    assert inputs["versioning"] == {"enabled": True}
    assert inputs["softDeletePolicy"] == {"retentionDurationSeconds": 7 * 86400}
    condition = {"numNewerVersions": 3, "withState": "ARCHIVED"}
    assert {"action": {"type": "Delete"}, "condition": condition} in inputs["lifecycleRules"]


def test_parts_of_an_upload_that_nobody_finished_go_after_a_week(deploy) -> None:
    [rule] = [one for one in bucket(deploy).inputs["lifecycleRules"] if one["action"]["type"].startswith("Abort")]
    assert rule["condition"] == {"age": 7}


def test_a_bucket_with_folders_has_no_versions(deploy) -> None:
    inputs = bucket(deploy, hierarchical=True).inputs
    assert inputs["hierarchicalNamespace"] == {"enabled": True}
    assert inputs["versioning"] == {"enabled": False}
    assert all("numNewerVersions" not in rule["condition"] for rule in inputs["lifecycleRules"])


def test_objects_live_as_long_as_they_are_asked_to(deploy) -> None:
    rules = bucket(deploy, delete_after_days=30).inputs["lifecycleRules"]
    assert {"action": {"type": "Delete"}, "condition": {"age": 30, "withState": "LIVE"}} in rules


def test_a_key_rotates_is_restored_for_a_month_and_is_used_by_its_agents_only(deploy) -> None:
    agent = "serviceAccount:service-1@gs-project-accounts.iam.gserviceaccount.com"
    found = deploy(lambda: Key("dev", KeyArgs(project=PROJECT, location="europe-west4", agents=(agent,))))
    inputs = found.one("CryptoKey").inputs
    assert inputs["rotationPeriod"] == "7776000s"
    assert inputs["destroyScheduledDuration"] == "2592000s"
    grant = found.one("CryptoKeyIAMMember").inputs
    assert (grant["member"], grant["role"]) == (agent, "roles/cloudkms.cryptoKeyEncrypterDecrypter")


def test_file_systems_are_reached_inside_of_the_network_only(deploy) -> None:
    [network] = deploy(EVERYTHING["Filestore"]).one("Instance").inputs["networks"]
    assert (network["network"], network["connectMode"]) == (NETWORK, "PRIVATE_SERVICE_ACCESS")
    assert deploy(EVERYTHING["Lustre"]).one("Instance").inputs["network"] == NETWORK


def test_a_registry_scans_and_forgets_untagged_images_after_a_month(deploy) -> None:
    inputs = deploy(EVERYTHING["Registry"]).one("Repository").inputs
    [policy] = inputs["cleanupPolicies"]
    assert policy["condition"] == {"olderThan": "2592000s", "tagState": "UNTAGGED"}
    assert inputs["cleanupPolicyDryRun"] is False
    assert inputs["dockerConfig"] == {"immutableTags": True}


def test_services_stay_enabled_when_the_stack_is_gone(deploy) -> None:
    names = ("compute.googleapis.com", "aiplatform.googleapis.com")
    found = deploy(lambda: Services("dev", ServicesArgs(project=PROJECT, names=names))).of("projects/service:Service")
    assert {one.inputs["service"] for one in found} == set(names)
    assert all(one.inputs["disableOnDestroy"] is False for one in found)


WRONG = {
    "a bucket's name with capitals": (lambda: replace(BUCKET, name="Acme"), "no bucket name"),
    "soft delete for three days": (lambda: replace(BUCKET, soft_delete_days=3), "give 7 to 90, or 0"),
    "a disk of a kind that is none": (
        lambda: DataDiskArgs(project=PROJECT, zone="europe-west4-a", gib=500, kind="pd-ssd"),
        "give one of hyperdisk-balanced",
    ),
    "a disk in a region": (lambda: DataDiskArgs(project=PROJECT, zone="europe-west4", gib=500), "give a zone of it"),
    "a file system that is too small": (
        lambda: FilestoreArgs(project=PROJECT, location="europe-west4-b", network=NETWORK, tier="basic-ssd", gib=100),
        "basic-ssd has 2560 to 65433 GiB",
    ),
    "a size between two steps": (
        lambda: FilestoreArgs(project=PROJECT, location="europe-west4-b", network=NETWORK, tier="zonal", gib=11000),
        "give 12800",
    ),
    "a regional tier in a zone": (
        lambda: FilestoreArgs(project=PROJECT, location="europe-west4-b", network=NETWORK, tier="regional", gib=1024),
        'give location "europe-west4"',
    ),
    "a Lustre that is no step": (
        lambda: LustreArgs(project=PROJECT, zone="europe-west4-a", network=NETWORK, gib=10000),
        "give 18000",
    ),
    "a range for services that is too small": (
        lambda: PrivateServicesArgs(project=PROJECT, network=NETWORK, cidr="10.0.0.0/28"),
        "between /8 and /24",
    ),
    "a service that is none": (lambda: ServicesArgs(project=PROJECT, names=("compute",)), "no service"),
    "a key that rotates never": (lambda: KeyArgs(project=PROJECT, location="eu", rotation_days=0), "give 1 or more"),
    "a TensorBoard in a zone": (lambda: TensorboardArgs(project=PROJECT, region="europe-west4-a"), "europe-west4"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_google_refuses_is_refused_before(what: str) -> None:
    make, says = WRONG[what]
    with pytest.raises(ValueError, match=says.replace("(", r"\(")):
        make()
