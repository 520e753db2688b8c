"""Buckets, file systems and tables."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.aws.reading import has, known, number, repeated, there, whole
from trainyard.sandbox.conflicts.conflict import Conflict, Given

_BUCKET: Final = "aws:s3/bucket:Bucket"
_LIFECYCLE: Final = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
_LUSTRE: Final = "aws:fsx/lustreFileSystem:LustreFileSystem"
_TABLE: Final = "aws:dynamodb/table:Table"
# docs.aws.amazon.com/AmazonS3, "General purpose bucket naming rules".
_PREFIXES: Final = ("xn--", "sthree-", "amzn-s3-demo-")
_SUFFIXES: Final = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
# docs.aws.amazon.com/AmazonS3, "Transitioning objects": days that an object must be old.
_LEAST_DAYS: Final[Mapping[str, int]] = {"STANDARD_IA": 30, "ONEZONE_IA": 30}
# fsx API CreateFileSystemLustreConfiguration, PerUnitStorageThroughput, by deployment and storage type.
_SPEEDS: Final[Mapping[tuple[str, str], tuple[int, ...]]] = {
    ("PERSISTENT_1", "SSD"): (50, 100, 200),
    ("PERSISTENT_1", "HDD"): (12, 40),
    ("PERSISTENT_2", "SSD"): (125, 250, 500, 1000),
}


def _bucket_name(given: Given) -> Iterator[Problem]:
    name = given.text("bucket")
    reason = name and _bucket_problem(name)
    if reason:
        yield Problem("bucket", f"InvalidBucketName: The specified bucket is not valid: {reason}")
    if name and has(given, "bucketPrefix"):
        yield Problem("bucketPrefix", '"bucket_prefix": conflicts with bucket; give one of them')


def _bucket_problem(name: str) -> str | None:
    if not 3 <= len(name) <= 63:
        return f"{name} has {len(name)} characters; 3 to 63 are taken"
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*[a-z0-9]", name):
        return f"{name} is not of lower-case letters, digits, dots and hyphens, with a letter or digit at both ends"
    if ".." in name:
        return f"{name} has two dots in a row"
    if any(name.startswith(prefix) for prefix in _PREFIXES) or any(name.endswith(suffix) for suffix in _SUFFIXES):
        return f"{name} begins or ends as only Amazon's own do"
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return None
    return f"{name} is written as an IP address"


def _lifecycle(given: Given) -> Iterator[Problem]:
    for path, id in repeated(given, "rules", "id"):
        text = f"InvalidArgument: Rule ID must be unique. Found same ID for more than one rule: {id}"
        yield Problem(path, text)
    for path, rule in given.each("rules"):
        yield from _rule(path, rule)


def _rule(path: str, rule: Mapping[str, Any]) -> Iterator[Problem]:
    acts = (
        "abortIncompleteMultipartUpload",
        "expiration",
        "noncurrentVersionExpiration",
        "noncurrentVersionTransitions",
        "transitions",
    )
    if not any(rule.get(name) for name in acts):
        yield Problem(path, "InvalidRequest: At least one action needs to be specified in a rule")
    expiration = known(rule.get("expiration"))
    last = whole(expiration.get("days")) if isinstance(expiration, Mapping) else None
    if isinstance(expiration, Mapping):
        if expiration.get("days") and expiration.get("date"):
            yield Problem(f"{path}.expiration.date", "MalformedXML: an expiration has days or a date")
        if last is not None and last < 0:
            yield Problem(
                f"{path}.expiration.days", "InvalidArgument: 'Days' for Expiration must be a positive integer"
            )
    transitions = known(rule.get("transitions"))
    for place, told in enumerate(transitions if isinstance(transitions, list) else []):
        one = known(told)
        if not isinstance(one, Mapping):
            continue
        days, kind, at = whole(one.get("days")), known(one.get("storageClass")), f"{path}.transitions[{place}]"
        if one.get("days") and one.get("date"):
            yield Problem(f"{at}.date", "MalformedXML: a transition has days or a date")
        least = _LEAST_DAYS.get(kind, 0) if isinstance(kind, str) else 0
        if days is not None and days < least:
            yield Problem(
                f"{at}.days",
                f"InvalidArgument: 'Days' in Transition action must be at least {least} for '{kind}'",
            )
        if days is not None and last and days >= last:
            yield Problem(
                f"{path}.expiration.days",
                f"InvalidArgument: 'Days' in the Expiration action must be above those of a transition: {days}",
            )


def _lustre(given: Given) -> Iterator[Problem]:  # noqa: C901  a list of rules
    kind = given.at("deploymentType") or "SCRATCH_1"
    disk = given.at("storageType") or "SSD"
    if given.unknown("deploymentType") or given.unknown("storageType"):
        return
    size = number(given, "storageCapacity")
    if disk == "INTELLIGENT_TIERING":
        if size:
            yield Problem(
                "storageCapacity", "BadRequest: INTELLIGENT_TIERING grows by itself and has no storageCapacity"
            )
        speed = number(given, "throughputCapacity")
        if not there(given, "throughputCapacity"):
            yield Problem("throughputCapacity", "BadRequest: INTELLIGENT_TIERING needs a throughputCapacity")
        elif speed is not None and (speed <= 0 or speed % 4000):
            yield Problem("throughputCapacity", f"BadRequest: {speed} MBps; multiples of 4000 are taken")
    elif size is not None:
        yield from _capacity(kind, disk, size, number(given, "perUnitStorageThroughput"))
    elif not there(given, "storageCapacity") and not there(given, "backupId"):
        yield Problem("storageCapacity", "BadRequest: StorageCapacity is needed, unless a backup is restored")
    yield from _speed(given, kind, disk)
    if disk == "HDD" and kind != "PERSISTENT_1":
        yield Problem("storageType", f"BadRequest: HDD is there for PERSISTENT_1 alone, not for {kind}")
    if disk == "HDD" and not there(given, "driveCacheType") and kind == "PERSISTENT_1":
        yield Problem("driveCacheType", "BadRequest: DriveCacheType is needed with storageType HDD: NONE or READ")
    if disk != "HDD" and has(given, "driveCacheType"):
        yield Problem("driveCacheType", f"BadRequest: a drive cache goes with HDD alone, not with {disk}")
    if kind.startswith("SCRATCH") and number(given, "automaticBackupRetentionDays"):
        yield Problem("automaticBackupRetentionDays", f"BadRequest: {kind} file systems have no backups")
    if kind.startswith("SCRATCH") and has(given, "kmsKeyId"):
        yield Problem("kmsKeyId", f"BadRequest: {kind} file systems are encrypted with keys that FSx manages")
    if kind == "PERSISTENT_2" and given.text("fileSystemTypeVersion") == "2.10":
        yield Problem("fileSystemTypeVersion", "BadRequest: 2.10 is not there for PERSISTENT_2; 2.12 and 2.15 are")
    if kind == "PERSISTENT_2":
        for name in ("importPath", "exportPath", "autoImportPolicy", "importedFileChunkSize"):
            if has(given, name):
                text = f"BadRequest: {name} is not taken with PERSISTENT_2; make a data repository association"
                yield Problem(name, text)
    elif has(given, "metadataConfiguration"):
        yield Problem("metadataConfiguration", f"BadRequest: it is taken with PERSISTENT_2 alone, not with {kind}")
    if there(given, "exportPath") and not there(given, "importPath"):
        yield Problem("exportPath", '"export_path": all of `export_path,import_path` must be specified')


def _capacity(kind: str, disk: str, size: int, speed: int | None) -> Iterator[Problem]:
    if disk == "HDD":
        step = 1800 if speed == 40 else 6000
        right = speed not in (12, 40) or (size > 0 and size % step == 0)
        allowed = f"multiples of {step}"
    elif kind == "SCRATCH_1":
        right, allowed = size in (1200, 2400) or (size > 0 and size % 3600 == 0), "1200, 2400 and multiples of 3600"
    else:
        right, allowed = size == 1200 or (size > 0 and size % 2400 == 0), "1200, 2400 and multiples of 2400"
    if not right:
        yield Problem(
            "storageCapacity", f"BadRequest: StorageCapacity is {size} GiB; {allowed} are taken with {kind} {disk}"
        )


def _speed(given: Given, kind: str, disk: str) -> Iterator[Problem]:
    speed, allowed = number(given, "perUnitStorageThroughput"), _SPEEDS.get((kind, disk))
    path = "perUnitStorageThroughput"
    if speed and kind.startswith("SCRATCH"):
        yield Problem(path, f"BadRequest: PerUnitStorageThroughput is not taken with {kind}")
    elif speed and allowed and speed not in allowed:
        yield Problem(path, f"BadRequest: {speed} is none of {', '.join(map(str, allowed))} MB/s/TiB of {kind} {disk}")
    elif allowed and not there(given, path):
        yield Problem(
            path, f"BadRequest: PerUnitStorageThroughput is needed with {kind}: {', '.join(map(str, allowed))}"
        )


def _table(given: Given) -> Iterator[Problem]:  # noqa: C901  a list of rules
    keys = {name: given.text(name) for name in ("hashKey", "rangeKey") if given.text(name)}
    for list_ in ("globalSecondaryIndexes", "localSecondaryIndexes"):
        for path, index in given.each(list_):
            for name in ("hashKey", "rangeKey"):
                value = known(index.get(name))
                if isinstance(value, str) and value:
                    keys[f"{path}.{name}"] = value
            if index.get("keySchemas"):
                return  # the newer way to say the keys
    told = {known(one.get("name")) for _, one in given.each("attributes")}
    if None in told or given.unknown("attributes") or any(given.unknown(name) for name in ("hashKey", "rangeKey")):
        return
    for path, name in keys.items():
        if told and name not in told:
            yield Problem(path, f"ValidationException: all indexes must match a defined attribute; {name} is none")
    left = sorted(told - set(keys.values()))
    if left and keys and not there(given, "restoreSourceName"):
        yield Problem("attributes", f"all attributes must be indexed. Unused attributes: {left}")
    provisioned = given.at("billingMode") in (None, "PROVISIONED")
    if provisioned and not given.unknown("billingMode") and keys and not there(given, "restoreSourceName"):
        for name in ("readCapacity", "writeCapacity"):
            capacity = number(given, name)
            if (capacity is not None and capacity < 1) or not there(given, name):
                yield Problem(name, f"ValidationException: {name} must be at least 1 when billing_mode is PROVISIONED")
    if given.at("billingMode") == "PAY_PER_REQUEST":
        for name in ("readCapacity", "writeCapacity"):
            if number(given, name):
                yield Problem(name, f"ValidationException: {name} can not be given with PAY_PER_REQUEST")


def _object(given: Given) -> Iterator[Problem]:
    set_ = [name for name in ("source", "content", "contentBase64") if has(given, name)]
    if len(set_) > 1:
        yield Problem(set_[1], f'"{set_[1]}": conflicts with {set_[0]}; give one of them')
    if given.text("serverSideEncryption") == "AES256" and has(given, "kmsKeyId"):
        yield Problem("kmsKeyId", "InvalidArgument: a key of KMS goes with aws:kms, not with AES256")


def _repository(given: Given) -> Iterator[Problem]:
    for path, told in given.each("encryptionConfigurations"):
        if known(told.get("encryptionType")) in (None, "AES256") and told.get("kmsKey"):
            text = "InvalidParameterException: a kmsKey goes with the encryption types of KMS, not with AES256"
            yield Problem(f"{path}.kmsKey", text)


def _encryption(given: Given) -> Iterator[Problem]:
    for path, rule in given.each("rules"):
        default = known(rule.get("applyServerSideEncryptionByDefault"))
        if (
            isinstance(default, Mapping)
            and known(default.get("sseAlgorithm")) == "AES256"
            and default.get("kmsMasterKeyId")
        ):
            yield Problem(
                f"{path}.applyServerSideEncryptionByDefault.kmsMasterKeyId",
                "InvalidArgument: a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms",
            )


CONFLICTS: Final = (
    Conflict(
        name="bucket-name",
        types=frozenset({_BUCKET}),
        says="A bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens, and is no IP address.",
        source="docs.aws.amazon.com/AmazonS3, General purpose bucket naming rules; error InvalidBucketName",
        find=_bucket_name,
    ),
    Conflict(
        name="lifecycle-rules",
        types=frozenset({_LIFECYCLE}),
        says="Rules have ids of their own, act, and expire after the last transition.",
        source="docs.aws.amazon.com/AmazonS3, Lifecycle: transitions, 30 days; errors InvalidArgument, InvalidRequest",
        find=_lifecycle,
    ),
    Conflict(
        name="object-content",
        types=frozenset({"aws:s3/bucketObject:BucketObject", "aws:s3/bucketObjectv2:BucketObjectv2"}),
        says="An object has one source, and a key of KMS only where KMS encrypts.",
        source="hashicorp/terraform-provider-aws, aws_s3_object: ConflictsWith; S3 API PutObject",
        find=_object,
    ),
    Conflict(
        name="bucket-encryption",
        types=frozenset({"aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"}),
        says="A key of KMS goes with aws:kms.",
        source="S3 API ServerSideEncryptionByDefault: KMSMasterKeyID",
        find=_encryption,
    ),
    Conflict(
        name="repository-encryption",
        types=frozenset({"aws:ecr/repository:Repository"}),
        says="A key of KMS goes with an encryption type of KMS.",
        source="ECR API EncryptionConfiguration: kmsKey",
        find=_repository,
    ),
    Conflict(
        name="lustre",
        types=frozenset({_LUSTRE}),
        says="Size, throughput, disks, backups, keys and paths fit the deployment type.",
        source="FSx API CreateFileSystem: StorageCapacity, and CreateFileSystemLustreConfiguration; error BadRequest; "
        "docs.aws.amazon.com/fsx/latest/LustreGuide, Encrypting data at rest",
        find=_lustre,
    ),
    Conflict(
        name="table-keys",
        types=frozenset({_TABLE}),
        says="The attributes are the keys, no more and no less; capacity goes with PROVISIONED.",
        source="DynamoDB API CreateTable: AttributeDefinitions; hashicorp/terraform-provider-aws, aws_dynamodb_table",
        find=_table,
    ),
)
