"""What lives long on AWS: buckets, keys, registry, Lustre; and what a lease's role may use of it."""

import json
from dataclasses import replace

import pytest

from components.aws.bucket import Bucket, BucketArgs
from components.aws.data_disk import DataDisk, DataDiskArgs
from components.aws.grants import Grants, GrantsArgs
from components.aws.key import Key, KeyArgs
from components.aws.lustre import Lustre, LustreArgs, mount_of, parts_of
from components.aws.registry import Registry, RegistryArgs

REGION, ACCOUNT = "eu-central-1", "123456789012"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:hf-token"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
BUCKET = BucketArgs(region=REGION, name="acme-ml-dev-corpus")
LUSTRE = LustreArgs(
    region=REGION,
    subnet_id="subnet-0123456789abcdef0",
    vpc_id="vpc-0123456789abcdef0",
    machines="sg-0123456789abcdef0",
    gib=2400,
)
DISK = DataDiskArgs(region=REGION, zone_id="euc1-az2", zone=f"{REGION}a", gib=500)
GRANTS = GrantsArgs(role_name="dev-1a2b3c4d-node")
EVERYTHING = {
    "Bucket": lambda: Bucket("dev-corpus", replace(BUCKET, kms_key=KEY, delete_after_days=30)),
    "Key": lambda: Key("dev", KeyArgs(account=ACCOUNT, region=REGION)),
    "Registry": lambda: Registry("dev", RegistryArgs(account=ACCOUNT, region=REGION)),
    "Lustre": lambda: Lustre("dev-fast", LUSTRE),
    "DataDisk": lambda: DataDisk("dev-work", DISK),
}


def statements(deploy, args: GrantsArgs) -> list[dict]:
    return json.loads(deploy(lambda: Grants("dev", args)).one("RolePolicy").inputs["policy"])["Statement"]


@pytest.mark.parametrize("what", EVERYTHING)
def test_everything_is_protected_unless_the_environment_says_otherwise(deploy, what: str) -> None:
    component, *children = deploy(EVERYTHING[what]).all
    assert component.type == f"trainyard:aws:{what}"
    assert [one.name for one in children if not one.protect] == []
    assert {one.inputs["region"] for one in children} == {REGION}


def test_a_bucket_is_never_public_and_never_emptied_to_be_deleted(deploy) -> None:
    found = deploy(EVERYTHING["Bucket"])
    assert found.one("s3/bucket:Bucket").inputs["forceDestroy"] is False
    block = found.one("BucketPublicAccessBlock").inputs
    assert all(block[key] for key in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls"))
    assert block["restrictPublicBuckets"] is True
    assert found.one("BucketOwnershipControls").inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    [denied] = json.loads(found.one("BucketPolicy").inputs["policy"])["Statement"]
    assert (denied["Effect"], denied["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_a_bucket_keeps_three_versions_and_what_was_deleted_for_a_week(deploy) -> None:
    found = deploy(lambda: Bucket("dev-corpus", BUCKET))
    assert found.one("BucketVersioning").inputs["versioningConfiguration"] == {"status": "Enabled"}
    rules = {one["id"]: one for one in found.one("BucketLifecycleConfiguration").inputs["rules"]}
    kept = {"newerNoncurrentVersions": 3, "noncurrentDays": 7}
    assert rules["old-versions"]["noncurrentVersionExpiration"] == kept
    assert rules["unfinished-uploads"]["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
    assert "old" not in rules


def test_a_bucket_is_encrypted_with_the_key_that_is_given(deploy) -> None:
    [rule] = deploy(EVERYTHING["Bucket"]).one("BucketServerSideEncryptionConfiguration").inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}
    assert rule["bucketKeyEnabled"] is True


def test_a_key_rotates_and_is_deleted_as_late_as_kms_allows(deploy) -> None:
    found = deploy(EVERYTHING["Key"])
    inputs = found.one("kms/key:Key").inputs
    assert (inputs["enableKeyRotation"], inputs["rotationPeriodInDays"], inputs["deletionWindowInDays"]) == (
        True,
        365,
        30,
    )
    assert found.one("Alias").inputs["name"] == "alias/dev"
    account, logs, _ = json.loads(inputs["policy"])["Statement"]
    assert account["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert logs["Principal"] == {"Service": f"logs.{REGION}.amazonaws.com"}


def test_a_key_is_used_for_volumes_through_ec2_and_from_within_its_account_only(deploy) -> None:
    *_, volumes = json.loads(deploy(EVERYTHING["Key"]).one("kms/key:Key").inputs["policy"])["Statement"]
    assert volumes["Condition"] == {
        "StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": f"ec2.{REGION}.amazonaws.com"}
    }
    assert "kms:CreateGrant" in volumes["Action"]


def test_a_registry_scans_never_moves_a_tag_and_is_pulled_from_within_the_account_only(deploy) -> None:
    found = deploy(EVERYTHING["Registry"])
    inputs = found.one("Repository").inputs
    assert (inputs["imageTagMutability"], inputs["forceDelete"]) == ("IMMUTABLE", False)
    assert inputs["imageScanningConfiguration"] == {"scanOnPush": True}
    [pull] = json.loads(found.one("RepositoryPolicy").inputs["policy"])["Statement"]
    assert pull["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert not [each for each in pull["Action"] if "Put" in each or "Upload" in each]


def test_a_file_system_is_reached_by_the_machines_only_and_leaves_no_backup_behind(deploy) -> None:
    found = deploy(EVERYTHING["Lustre"])
    rules = found.one("SecurityGroup").inputs["ingress"]
    assert [(rule["fromPort"], rule["toPort"]) for rule in rules] == [(988, 988), (1018, 1023)]
    assert all(rule["securityGroups"] == [LUSTRE.machines] and "cidrBlocks" not in rule for rule in rules)
    assert found.one("LustreFileSystem").inputs["skipFinalBackup"] is True


@pytest.mark.parametrize(
    ("kind", "gib", "told"),
    [
        ("persistent-2", 2400, ("PERSISTENT_2", "SSD", 250, None, 7, KEY)),
        ("persistent-1", 1200, ("PERSISTENT_1", "SSD", 200, None, 7, KEY)),
        ("persistent-1-hdd", 1800, ("PERSISTENT_1", "HDD", 40, "NONE", 7, KEY)),
        ("scratch-2", 1200, ("SCRATCH_2", "SSD", None, None, None, None)),
    ],
)
def test_each_type_of_file_system_gets_the_arguments_that_fsx_takes_for_it(deploy, kind, gib, told) -> None:
    inputs = (
        deploy(lambda: Lustre("fast", replace(LUSTRE, kind=kind, gib=gib, kms_key=KEY))).one("LustreFileSystem").inputs
    )
    keys = ("deploymentType", "storageType", "perUnitStorageThroughput", "driveCacheType")
    keys += ("automaticBackupRetentionDays", "kmsKeyId")
    assert tuple(inputs.get(key) for key in keys) == told


def test_what_is_mounted_tells_the_file_system_and_its_mount_name() -> None:
    mount = mount_of("fs-0123456789abcdef0", REGION, "abcdef")
    assert mount == "fs-0123456789abcdef0.fsx.eu-central-1.amazonaws.com@tcp:/abcdef"
    assert parts_of(mount) == ("fs-0123456789abcdef0", "abcdef")


def test_a_disk_is_encrypted_and_of_one_zone(deploy) -> None:
    inputs = deploy(lambda: DataDisk("work", replace(DISK, kms_key=KEY))).one("Volume").inputs
    assert (inputs["encrypted"], inputs["kmsKeyId"], inputs["availabilityZone"]) == (True, KEY, "eu-central-1a")


def test_data_that_is_read_cannot_be_written_and_data_that_is_written_can_be_read(deploy) -> None:
    args = replace(GRANTS, read={"corpus": "acme-corpus", "ckpt": "acme-ckpt"}, written={"ckpt": "acme-ckpt"})
    by_resource: dict[str, set[str]] = {}
    for each in statements(deploy, args):
        by_resource.setdefault(each["Resource"][0], set()).update(each["Action"])
    assert by_resource["arn:aws:s3:::acme-corpus/*"] == {"s3:GetObject", "s3:GetObjectVersion"}
    assert {"s3:GetObject", "s3:PutObject"} <= by_resource["arn:aws:s3:::acme-ckpt/*"]
    assert set(by_resource) == {
        *("arn:aws:s3:::acme-corpus", "arn:aws:s3:::acme-corpus/*"),
        *("arn:aws:s3:::acme-ckpt", "arn:aws:s3:::acme-ckpt/*"),
    }


def test_a_prefix_grants_nothing_beside_it(deploy) -> None:
    listing, _, objects = statements(deploy, replace(GRANTS, read={"corpus": "acme-corpus/llama"}))
    assert listing["Condition"] == {"StringLike": {"s3:prefix": ["llama", "llama/*"]}}
    assert objects["Resource"] == ["arn:aws:s3:::acme-corpus/llama/*"]


def test_secrets_images_and_keys_are_granted_one_by_one(deploy) -> None:
    repository = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/dev"
    args = replace(GRANTS, secrets=(SECRET,), repositories=(repository,), keys=(KEY,))
    secret, token, pull, key = statements(deploy, args)
    assert secret == {
        "Effect": "Allow",
        "Action": ["secretsmanager:GetSecretValue"],
        "Resource": [SECRET, f"{SECRET}-??????"],
    }
    assert (token["Action"], token["Resource"]) == (["ecr:GetAuthorizationToken"], ["*"])
    assert (pull["Resource"], key["Resource"]) == ([repository], [KEY])


WRONG = {
    "a bucket's name with capitals": (lambda: replace(BUCKET, name="Acme"), "no bucket name"),
    "a bucket's name with a dot": (lambda: replace(BUCKET, name="acme.corpus"), "would break its certificate"),
    "too many versions": (lambda: replace(BUCKET, keep_versions=101), "S3 keeps 0 to 100"),
    "objects that live for no day": (lambda: replace(BUCKET, delete_after_days=0), "give 1 or more"),
    "a bucket in a zone": (lambda: replace(BUCKET, region="eu-central-1a"), 'give its region "eu-central-1"'),
    "a key that rotates every week": (
        lambda: KeyArgs(account=ACCOUNT, region=REGION, rotation_days=7),
        "give 90 to 2560",
    ),
    "a key of no account": (lambda: KeyArgs(account="acme", region=REGION), "12 digits"),
    "a Lustre below its minimum": (lambda: replace(LUSTRE, gib=600), "give 1200"),
    "a Lustre between two steps": (lambda: replace(LUSTRE, gib=3000), "give 4800"),
    "a throughput that is none": (lambda: replace(LUSTRE, mb_per_s_per_tib=100), "give one of 125, 250, 500, 1000"),
    "a Lustre of hard disks below its minimum": (
        lambda: replace(LUSTRE, kind="persistent-1-hdd", mb_per_s_per_tib=12, gib=1800),
        "give 6000",
    ),
    "a Lustre of a type that is none": (lambda: replace(LUSTRE, kind="scratch-1"), "give one of persistent-2"),
    "a throughput of what is scratch": (
        lambda: replace(LUSTRE, kind="scratch-2", mb_per_s_per_tib=250),
        "a throughput of its own",
    ),
    "backups of what is scratch": (lambda: replace(LUSTRE, kind="scratch-2", backup_days=7), "has no backups"),
    "a disk of a zone's name": (lambda: replace(DISK, zone_id="eu-central-1a"), "give its id"),
    "a disk that is too small": (lambda: replace(DISK, kind="st1", gib=100), "125 to 16384"),
    "a disk without its IOPS": (lambda: replace(DISK, kind="io2"), "is missing"),
    "a disk that is faster than its IOPS": (lambda: replace(DISK, mib_per_s=1000), "give iops: 4000"),
    "backups for ever": (lambda: replace(LUSTRE, backup_days=365), "give 0 to 90"),
    "every secret": (lambda: replace(GRANTS, secrets=("*",)), "no ARN of a secret"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_amazon_refuses_is_refused_before(what: str) -> None:
    make, says = WRONG[what]
    with pytest.raises(ValueError, match=says):
        make()
