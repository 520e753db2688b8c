"""Databases of RDS, and what a table of DynamoDB needs beside its keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.aws.facts import regions
from trainyard.sandbox.conflicts.aws.reading import has, items, known, number, region_of, there
from trainyard.sandbox.conflicts.conflict import Conflict, Given

_INSTANCE: Final = "aws:rds/instance:Instance"
_TABLE: Final = "aws:dynamodb/table:Table"
# docs.aws.amazon.com/AmazonRDS: versions of each engine; only how they begin, for new ones come every month.
_VERSIONS: Final[Mapping[str, str]] = {
    "mysql": r"(5\.[67]|8\.[04])(\.|$)",
    "mariadb": r"(10|11|12)(\.|$)",
    "postgres": r"(9|1\d)(\.|$)",
}
# RDS API CreateDBInstance, MasterUsername: "can't be a reserved word for the chosen database engine".
_RESERVED: Final[Mapping[str, frozenset[str]]] = {
    "mysql": frozenset({"rdsadmin", "rdsrepladmin", "rdsproxyadmin"}),
    "mariadb": frozenset({"rdsadmin", "rdsrepladmin"}),
    "postgres": frozenset({"rdsadmin", "admin", "rdsrepladmin", "rds_superuser"}),
}
# RDS user guide, "Publishing database logs to CloudWatch Logs".
_LOGS: Final[Mapping[str, frozenset[str]]] = {
    "mysql": frozenset({"audit", "error", "general", "slowquery", "iam-db-auth-error"}),
    "mariadb": frozenset({"audit", "error", "general", "slowquery", "iam-db-auth-error"}),
    "postgres": frozenset({"postgresql", "upgrade", "iam-db-auth-error"}),
}
_COPIES: Final = ("replicateSourceDb", "snapshotIdentifier", "restoreToPointInTime", "s3Import")


def _database(given: Given) -> Iterator[Problem]:  # noqa: C901  a list of rules
    engine, copied = given.text("engine"), any(there(given, name) for name in _COPIES)
    version, user = given.text("engineVersion"), given.text("username")
    versions = _VERSIONS.get(engine)
    if versions and version and not re.match(versions, version):
        yield Problem("engineVersion", f"InvalidParameterCombination: Cannot find version {version} for {engine}")
    if user and user.lower() in _RESERVED.get(engine, ()):
        yield Problem(
            "username",
            f"InvalidParameterValue: MasterUsername {user} cannot be used as it is a reserved word used by the engine",
        )
    for place, log in enumerate(items(given, "enabledCloudwatchLogsExports")):
        if engine in _LOGS and log not in _LOGS[engine]:
            yield Problem(
                f"enabledCloudwatchLogsExports[{place}]",
                "InvalidParameterCombination: You cannot use the log types "
                f"'{log}' with engine version {engine}; {', '.join(sorted(_LOGS[engine]))} are there",
            )
    if not copied and engine and not engine.startswith("aurora"):
        for name in ("allocatedStorage", "username"):
            if not there(given, name):
                yield Problem(name, f'"{name}": required field is not set: a new database has one')
        if not any(there(given, name) for name in ("password", "passwordWo", "manageMasterUserPassword")):
            yield Problem(
                "password", "InvalidParameterValue: Invalid master password: give password or manageMasterUserPassword"
            )
    if given.at("multiAz") is True and has(given, "availabilityZone"):
        yield Problem(
            "availabilityZone",
            "InvalidParameterCombination: Requesting a specific availability zone is not valid for Multi-AZ instances.",
        )
    if given.text("storageType") in ("io1", "io2") and not there(given, "iops") and not copied:
        yield Problem("iops", "InvalidParameterCombination: You must specify an IOPS value with io1 and io2")
    size, most = number(given, "allocatedStorage"), number(given, "maxAllocatedStorage")
    if size and most and most <= size:
        yield Problem(
            "maxAllocatedStorage",
            f"InvalidParameterCombination: Max storage size {most} must be greater than storage size {size}",
        )
    if engine.startswith("sqlserver") and has(given, "dbName"):
        yield Problem("dbName", "InvalidParameterValue: DBName must be null for engine: " + engine)
    yield from _windows(given)


def _windows(given: Given) -> Iterator[Problem]:
    """The backup window and the maintenance window may not overlap."""
    spans = [re.findall(r"(\d\d):(\d\d)", given.text(name)) for name in ("backupWindow", "maintenanceWindow")]
    if any(len(span) != 2 for span in spans):
        return
    (begin, end), (start, stop) = ([int(hour) * 60 + int(minute) for hour, minute in span] for span in spans)
    if begin < end and start < stop and begin < stop and start < end:
        yield Problem(
            "maintenanceWindow",
            "InvalidParameterValue: The backup window and maintenance window must not overlap.",
        )


def _table(given: Given) -> Iterator[Problem]:  # noqa: C901  a list of rules
    if given.at("ttl.enabled") is True and not there(given, "ttl.attributeName"):
        yield Problem("ttl.attributeName", "ValidationException: ttl needs the attribute that holds the time")
    if given.at("streamEnabled") is True and not there(given, "streamViewType"):
        yield Problem("streamViewType", "ValidationException: stream_view_type is required with stream_enabled")
    hash_, range_ = given.text("hashKey"), given.text("rangeKey")
    if hash_ and hash_ == range_:
        yield Problem(
            "rangeKey",
            "ValidationException: Both the Hash Key and the Range Key element in the KeySchema have the same name",
        )
    copied = any(there(given, name) for name in ("restoreSourceName", "restoreSourceTableArn", "importTable"))
    if hash_ and not copied and not there(given, "attributes"):
        yield Problem("attributes", f"ValidationException: all indexes must match a defined attribute; {hash_} is none")
    if not copied and not there(given, "hashKey"):
        yield Problem("hashKey", 'Missing required argument: "hashKey": a table has one')
    for list_ in ("globalSecondaryIndexes", "localSecondaryIndexes"):
        for path, index in given.each(list_):
            if known(index.get("projectionType")) == "INCLUDE" and not index.get("nonKeyAttributes"):
                yield Problem(
                    f"{path}.nonKeyAttributes",
                    "ValidationException: One or more parameter values were invalid: ProjectionType is INCLUDE, but "
                    "NonKeyAttributes is not specified",
                )
    if has(given, "localSecondaryIndexes") and hash_ and not there(given, "rangeKey"):
        yield Problem(
            "localSecondaryIndexes",
            "ValidationException: Table KeySchema does not have a range key, which is required when specifying a "
            "LocalSecondaryIndex",
        )
    for path, replica in given.each("replicas"):
        name = known(replica.get("regionName"))
        if isinstance(name, str) and (name not in regions() or name == region_of(given)):
            yield Problem(f"{path}.regionName", f"ValidationException: {name} is no other region than the table's own")


CONFLICTS: Final = (
    Conflict(
        name="database-of-its-engine",
        types=frozenset({_INSTANCE}),
        says="Versions, users and logs are the engine's; a new database has storage, a user and a password.",
        source="RDS API CreateDBInstance: the constraints of each parameter; errors InvalidParameterCombination",
        find=_database,
    ),
    Conflict(
        name="table-parts",
        types=frozenset({_TABLE}),
        says="A table has a hash key; indexes, streams, times to live and replicas name what they need.",
        source="DynamoDB API CreateTable, UpdateTimeToLive; hashicorp/terraform-provider-aws, aws_dynamodb_table",
        find=_table,
    ),
)
