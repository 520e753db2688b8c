"""A base on AWS on the real engine: up, unchanged, refreshed, changed, used by machines and jobs, gone."""

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from tests.engine.conftest import STORE, Result, Yard, base_lab, done_to_types
from trainyard.clouds.aws.training import TrainingJobs
from trainyard.facts.lease_id import lease_id

pytestmark = pytest.mark.engine

NAME, LEASE = "aws-lab-base", "aws-lab-use"
ID = lease_id(STORE, "trainyard", LEASE)
OTHER = "1234abcd-12ab-34cd-56ef-1234567890ab"
REGION, ZONE, ACCOUNT = "eu-central-1", "euc1-az2", "000000000000"
BASE: dict[str, Any] = {
    "network": {"regions": {REGION: "10.40.0.0/16"}, "zones": [ZONE]},
    "keys": {REGION: {"rotation_days": 180}},
    "repositories": {
        "train": {"region": REGION},
        "shared": {"id": f"arn:aws:ecr:{REGION}:210987654321:repository/shared/torch"},
    },
    "data": {
        "checkpoints": {"kind": "bucket", "region": REGION},
        "fast": {"kind": "lustre", "zone": ZONE, "gib": 1200},
        "quick": {"kind": "lustre", "zone": ZONE, "gib": 1200, "type": "scratch-2"},
        "work": {"kind": "disk", "zone": ZONE, "gib": 500, "iops": 4000},
    },
}
CHANGES: dict[str, tuple[Callable[[dict[str, Any]], object], dict[str, str]]] = {
    "a key rotates earlier": (
        lambda base: base["keys"][REGION].update(rotation_days=90),
        {"aws:kms/key:Key": "update"},
    ),
    "a file system grows": (
        lambda base: base["data"]["fast"].update(gib=2400),
        {"aws:fsx/lustreFileSystem:LustreFileSystem": "update"},
    ),
    "a file system of another type": (
        lambda base: base["data"]["fast"].update(type="persistent-1"),
        {"aws:fsx/lustreFileSystem:LustreFileSystem": "replace"},
    ),
    "a file system of another throughput": (
        lambda base: base["data"]["fast"].update(mb_per_s_per_tib=500),
        {"aws:fsx/lustreFileSystem:LustreFileSystem": "replace"},
    ),
    "another key": (
        lambda base: base["keys"].update({REGION: {"id": f"arn:aws:kms:{REGION}:123456789012:key/{OTHER}"}}),
        {
            "aws:kms/key:Key": "delete",
            "aws:fsx/lustreFileSystem:LustreFileSystem": "replace",
            "aws:ebs/volume:Volume": "replace",
            "aws:ecr/repository:Repository": "replace",
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "update",
        },
    ),
    "no key": (  # what lies on disks keeps it, as the provider sees it
        lambda base: base.pop("keys"),
        {"aws:kms/key:Key": "delete", "aws:ecr/repository:Repository": "replace"},
    ),
    "a disk grows": (lambda base: base["data"]["work"].update(gib=600), {"aws:ebs/volume:Volume": "update"}),
    "tags of images may move": (
        lambda base: base["repositories"]["train"].update(immutable_tags=False),
        {"aws:ecr/repository:Repository": "update"},
    ),
    "a repository goes": (lambda base: base["repositories"].pop("train"), {"aws:ecr/repository:Repository": "delete"}),
}
WORKLOADS: dict[str, Any] = {
    "bench": {
        "kind": "gpu-vm",
        "accelerator": "L4:1",
        "where": [{"cloud": "aws", "zones": [ZONE]}],
        "data": {"fast": "write", "work": "write", "checkpoints": "write"},
    },
    "pair": {
        "kind": "gpu-vm",
        "accelerator": "L4:1",
        "machine_type": "g6.8xlarge",
        "nodes": 2,
        "where": [{"cloud": "aws", "regions": [REGION]}],
        "data": {"quick": "read"},
    },
    "finetune": {
        "kind": "training-job",
        "accelerator": "A10G:1",
        "where": [{"cloud": "aws", "regions": [REGION]}],
        "capacity": [{"kind": "on-demand", "usd_hour": 2}],
        "container": f"123456789012.dkr.ecr.{REGION}.amazonaws.com/{NAME}-train@sha256:{'a' * 64}",
        "data": {"fast": "read", "checkpoints": "write"},
    },
}


def write(yard: Yard, base: dict[str, Any]) -> None:
    settings = {"trainyard:settings": {"stack": stack("base"), "base": {"aws": base}}}
    text = yaml.safe_dump({"config": settings}, sort_keys=False)
    (yard.folder / "stacks" / f"Pulumi.{NAME}.yaml").write_text(text)


def write_lease(yard: Yard) -> None:
    lease = {"ttl": "12h", "extend_to": "20h", "cap_usd": 400, "at_limit": "stop"}
    settings = {"stack": stack("compute"), "lease": lease, "workloads": WORKLOADS}
    file = yard.folder / "stacks" / f"Pulumi.{LEASE}.yaml"
    file.write_text(yaml.safe_dump({"config": {"trainyard:settings": settings}}, sort_keys=False))


def stack(layer: str) -> dict[str, Any]:
    return {
        "schema": 1,
        "environment": "aws-lab",
        "layer": layer,
        "owner": "ml-platform",
        "cost_center": "ml-platform",
    }


def run(yard: Yard, *arguments: str, stack: str = NAME) -> Result:
    result = yard.pulumi(*arguments, "--stack", stack)
    assert result.code == 0, result.text
    return result


def aws_only(environment: dict[str, Any]) -> None:
    del environment["gcp"]
    environment["aws"] = {"account": "123456789012"}
    environment["limits"] = {**environment["limits"], "regions": ["europe"], "max_cap_usd": 2000}


@pytest.fixture(scope="module")
def lab(yard: Yard) -> Iterator[Yard]:
    """The yard with an environment on AWS only, whose base is up."""
    with base_lab(yard, NAME, "aws-lab", aws_only, lambda: write(yard, BASE)) as up:
        yield up


def outputs_of(yard: Yard) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(yard, "stack", "output", "--json").text)["aws"]
    return found


def resources(yard: Yard, stack: str) -> list[dict[str, Any]]:
    exported = json.loads(run(yard, "stack", "export", stack=stack).text)
    return [each for each in exported["deployment"]["resources"] if each.get("custom")]


def one(yard: Yard, stack: str, type_: str, words: str = "") -> dict[str, Any]:
    [found] = [each for each in resources(yard, stack) if each["type"] == type_ and words in each["urn"]]
    return {"id": found["id"], **found["outputs"]}


def test_a_fork_s_preview_knows_no_ids_of_the_base_and_goes_on(yard: Yard) -> None:
    environment = yaml.safe_load((yard.folder / "stacks" / "env.sandbox.yaml").read_text())
    aws_only(environment)
    environment |= {"base": NAME, "leases": "s3://none?endpoint=http://127.0.0.1:9"}  # nothing listens there
    (yard.folder / "stacks" / "env.aws-lab.yaml").write_text(yaml.safe_dump(environment, sort_keys=False))
    write(yard, BASE)
    write_lease(yard)
    run(yard, "stack", "init", stack=LEASE)
    run(yard, "preview", stack=LEASE)
    run(yard, "stack", "rm", "--yes", "--preserve-config", stack=LEASE)


def test_nothing_changes_by_itself(lab: Yard) -> None:
    write(lab, BASE)
    run(lab, "refresh", "--yes", "--expect-no-changes")
    run(lab, "preview", "--expect-no-changes")


def test_compute_stacks_get_ids_only_and_what_others_own_in_their_account(lab: Yard) -> None:
    outputs = outputs_of(lab)
    assert outputs["keys"][REGION].startswith(f"arn:aws:kms:{REGION}:{ACCOUNT}:key/")
    assert outputs["data"]["checkpoints"] == f"{NAME}-checkpoints-{ACCOUNT}"
    assert outputs["data"]["fast"].endswith(f".fsx.{REGION}.amazonaws.com@tcp:/" + outputs["data"]["fast"][-8:])
    assert outputs["data"]["work"].startswith("vol-")
    assert outputs["repositories"] == {
        name: {
            "arn": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{path}",
            "address": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{path}",
        }
        for name, path in (("train", f"{NAME}-train"), ("shared", "shared/torch"))
    }


def test_the_key_encrypts_all_that_takes_one(lab: Yard) -> None:
    key = outputs_of(lab)["keys"][REGION]
    assert one(lab, NAME, "aws:fsx/lustreFileSystem:LustreFileSystem", "-fast-")["kmsKeyId"] == key
    assert one(lab, NAME, "aws:ebs/volume:Volume")["kmsKeyId"] == key
    assert one(lab, NAME, "aws:ecr/repository:Repository")["encryptionConfigurations"][0]["kmsKey"] == key
    assert one(lab, NAME, "aws:cloudwatch/logGroup:LogGroup")["kmsKeyId"] == key
    assert one(lab, NAME, "aws:ebs/volume:Volume")["availabilityZone"] == "eu-central-1b"


@pytest.mark.parametrize("change", CHANGES)
def test_which_change_updates_and_which_replaces(lab: Yard, change: str) -> None:
    edit, expected = CHANGES[change]
    base = json.loads(json.dumps(BASE))
    edit(base)
    write(lab, base)
    found = done_to_types(run(lab, "preview", "--json").text)
    assert found.items() >= expected.items()


@pytest.fixture(scope="module")
def used(lab: Yard) -> Iterator[Yard]:
    """The base with a lease on it."""
    write(lab, BASE)
    write_lease(lab)
    run(lab, "stack", "init", stack=LEASE)
    run(lab, "up", "--yes", "--skip-preview", stack=LEASE)
    yield lab
    run(lab, "destroy", "--yes", "--skip-preview", stack=LEASE)
    run(lab, "stack", "rm", "--yes", stack=LEASE)
    run(lab, "refresh", "--yes", "--expect-no-changes")  # the data is all there still


def test_machines_and_groups_reach_the_data_and_log_in_to_the_registries_of_the_base(used: Yard) -> None:
    outputs = outputs_of(used)
    instance = one(used, LEASE, "aws:ec2/instance:Instance")
    assert instance["rootBlockDevice"]["kmsKeyId"] == outputs["keys"][REGION]
    attached = one(used, LEASE, "aws:ec2/volumeAttachment:VolumeAttachment")
    assert (attached["volumeId"], attached["instanceId"]) == (outputs["data"]["work"], instance["id"])
    told = gzip.decompress(base64.b64decode(instance["userDataBase64"])).decode()
    assert outputs["data"]["fast"] in told
    assert f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com" in told
    template = one(used, LEASE, "aws:ec2/launchTemplate:LaunchTemplate")
    assert outputs["data"]["quick"] in gzip.decompress(base64.b64decode(template["userData"])).decode()
    assert template["blockDeviceMappings"][0]["ebs"]["kmsKeyId"] == outputs["keys"][REGION]

    granted = one(used, LEASE, "aws:iam/rolePolicy:RolePolicy", f"::{ID}-data")["policy"]
    assert {each["arn"] for each in outputs["repositories"].values()} <= set(_resources(granted, "ecr:BatchGetImage"))
    assert _resources(granted, "kms:Decrypt") == [outputs["keys"][REGION]]


def test_a_job_mounts_a_file_system_and_writes_with_the_key_of_its_bucket(used: Yard) -> None:
    outputs = outputs_of(used)
    job = TrainingJobs(ACCOUNT, REGION, used.sandbox).get(f"{ID}-finetune-1")
    assert job is not None
    [channel] = job["InputDataConfig"]
    host, _, mount_name = outputs["data"]["fast"].partition("@tcp:/")
    assert channel["DataSource"]["FileSystemDataSource"] == {
        "FileSystemId": host.partition(".")[0],
        "FileSystemType": "FSxLustre",
        "FileSystemAccessMode": "ro",
        "DirectoryPath": f"/{mount_name}",
    }
    assert job["OutputDataConfig"]["KmsKeyId"] == outputs["keys"][REGION]


def test_nothing_of_the_lease_changes_by_itself(used: Yard) -> None:
    run(used, "refresh", "--yes", "--expect-no-changes", stack=LEASE)
    run(used, "preview", "--expect-no-changes", stack=LEASE)


def _resources(policy: str, action: str) -> list[str]:
    [found] = [each["Resource"] for each in json.loads(policy)["Statement"] if action in each["Action"]]
    return list(found)
