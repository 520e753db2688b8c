"""SQL servers and Cosmos DB."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.azure.words import AZURERM, LEARN, REST, absent, conflict, known, types, whole, words
from trainyard.sandbox.conflicts.conflict import Given

_SERVER: Final = types("sql:Server")
_COSMOS: Final = types("cosmosdb:DatabaseAccount")
_DATABASES: Final = types("cosmosdb:SqlResourceSqlDatabase")
_CONTAINERS: Final = types("cosmosdb:SqlResourceSqlContainer")
_CLASSES: Final = ("[a-z]", "[A-Z]", r"\d", r"[\W_]")
# The sizes of the models by DTU: https://learn.microsoft.com/azure/azure-sql/database/resource-limits-dtu-single-databases
_BY_DTU: Final = frozenset(
    ["S0", "S1", "S2", "S3", "S4", "S6", "S7", "S9", "S12", "P1", "P2", "P4", "P6", "P11", "P15"]
)


@conflict(
    "a-sql-server-has-a-login",
    _SERVER,
    "A server that takes passwords has an administrator whose name is not reserved, with a password that is hard to"
    " guess.",
    f"{REST}/sql/servers/create-or-update; {LEARN}/azure-sql/database/logins-create-manage; error codes"
    " InvalidLoginName, PasswordNotComplex, PasswordTooShort, PasswordTooLong",
)
def login(given: Given) -> Iterator[Problem]:
    name, word = given.at("administratorLogin"), given.at("administratorLoginPassword")
    if isinstance(name, str) and name.lower() in words("databaseAdministrators"):
        yield Problem(
            "administratorLogin", f"InvalidLoginName: The provided login name '{name}' is reserved; choose another"
        )
    if isinstance(name, str) and absent(given, "administratorLoginPassword"):
        yield Problem("administratorLoginPassword", "InvalidParameterValue: required with administratorLogin")
    if not isinstance(word, str):
        return
    at = "administratorLoginPassword"
    if not 8 <= len(word) <= 128:
        code = "PasswordTooShort" if len(word) < 8 else "PasswordTooLong"
        yield Problem(at, f"{code}: The password has {len(word)} characters; 8 to 128 are needed")
    elif sum(re.search(kind, word) is not None for kind in _CLASSES) < 3 or (
        isinstance(name, str) and name and name.lower() in word.lower()
    ):
        yield Problem(
            at,
            "PasswordNotComplex: Password validation failed. The password does not meet policy requirements because it"
            " is not complex enough: three of capitals, small letters, digits and others, without the login's name",
        )


@conflict(
    "a-sql-server-is-of-version-12",
    _SERVER,
    "A server's version is 12.0 (2.0 of the oldest ones).",
    f"{REST}/sql/servers/create-or-update, properties.version; {AZURERM}/mssql/mssql_server_resource.go",
)
def version(given: Given) -> Iterator[Problem]:
    there = given.at("version")
    if isinstance(there, str) and there not in ("12.0", "2.0"):
        yield Problem(
            "version", f"InvalidParameterValue: Invalid value '{there}' given for parameter Version: give \"12.0\""
        )


@conflict(
    "a-database-has-a-name-and-a-size",
    types("sql:Database"),
    "A database's name has none of some characters; a size by DTU is one that is sold.",
    f"{LEARN}/azure-resource-manager/management/resource-name-rules, Microsoft.Sql; {LEARN}/azure-sql/database/"
    "resource-limits-dtu-single-databases",
)
def database(given: Given) -> Iterator[Problem]:
    name, size = given.at("databaseName"), given.at("sku.name")
    if isinstance(name, str) and (re.search(r"[<>*%&:\\/?]", name) or name.endswith((".", " ")) or len(name) > 128):
        yield Problem("databaseName", f"InvalidDatabaseName: '{name}'; 1 to 128 characters, none of <>*%&:\\/?")
    if isinstance(size, str) and re.fullmatch(r"[SP]\d+", size) and size not in _BY_DTU:
        text = f"ProvisioningDisabled: '{size}' is no service objective; sold are {', '.join(sorted(_BY_DTU))}"
        yield Problem("sku.name", text)


@conflict(
    "a-firewall-rule-goes-up",
    types("sql:FirewallRule", "dbforpostgresql:FirewallRule", "dbformysql:FirewallRule"),
    "A firewall rule's last address is not below its first.",
    f"{REST}/sql/firewall-rules/create-or-update; error code InvalidFirewallStartIPAddress",
)
def firewall(given: Given) -> Iterator[Problem]:
    ends = []
    for wire in ("startIpAddress", "endIpAddress"):
        text = given.at(wire)
        if isinstance(text, str):
            try:
                ends.append(ipaddress.IPv4Address(text))
            except ValueError:
                yield Problem(wire, f"InvalidParameterValue: '{text}' is no IPv4 address")
    if len(ends) == 2 and ends[0] > ends[1]:
        yield Problem("endIpAddress", f"InvalidFirewallEndIPAddress: {ends[1]} is below the first address, {ends[0]}")


@conflict(
    "cosmos-locations-have-an-order",
    _COSMOS,
    "An account has locations; their priorities count up from 0 without a gap.",
    f"{REST}/cosmos-db-resource-provider/database-accounts/create-or-update, Location.failoverPriority",
)
def locations(given: Given) -> Iterator[Problem]:
    there = given.at("locations")
    if there == []:
        yield Problem("locations", "BadRequest: a database account has at least one location")
    found = [known(item, "failoverPriority") for _, item in given.each("locations")]
    told = whole(there) and all(isinstance(one, int | float) for one in found)
    if told and found and sorted(found) != list(range(len(found))):
        yield Problem(
            "locations",
            f"BadRequest: failover priorities are {', '.join(f'{one:g}' for one in found)}; each location has its own,"
            f" from 0 to {len(found) - 1}",
        )


@conflict(
    "a-cosmos-thing-is-named-once",
    _DATABASES | _CONTAINERS,
    "The id inside a database or container is the name in its path.",
    f"{REST}/cosmos-db-resource-provider/sql-resources/create-update-sql-database; error code BadRequest",
)
def named(given: Given) -> Iterator[Problem]:
    wire = "containerName" if given.type.token.endswith("Container") else "databaseName"
    name, id = given.at(wire), given.at("resource.id")
    if isinstance(name, str) and isinstance(id, str) and name != id:
        yield Problem("resource.id", f"BadRequest: the resource name {name} in the path is not the id {id} in the body")


@conflict(
    "a-container-is-split-by-a-path",
    _CONTAINERS,
    "A partition key is one path, or up to three of the kind MultiHash, each beginning with a slash.",
    f"{LEARN}/cosmos-db/partitioning-overview; {LEARN}/cosmos-db/hierarchical-partition-keys",
)
def partition(given: Given) -> Iterator[Problem]:
    paths = given.at("resource.partitionKey.paths")
    for number, path in enumerate(paths if isinstance(paths, list) else []):
        if isinstance(path, str) and not path.startswith("/"):
            yield Problem(
                f"resource.partitionKey.paths[{number}]",
                f"BadRequest: The partition key component definition path '{path}' could not be accepted: it begins"
                " with a slash",
            )


@conflict(
    "cosmos-throughput-comes-in-hundreds",
    _DATABASES | _CONTAINERS,
    "Throughput is 400 request units or more, automatic throughput 1000 or more in steps of 1000.",
    f"{LEARN}/cosmos-db/concepts-limits, Minimum throughput limits; {AZURERM}/cosmos/common/throughput.go",
)
def throughput(given: Given) -> Iterator[Problem]:
    for wire, step, least in (("throughput", 100, 400), ("autoscaleSettings.maxThroughput", 1000, 1000)):
        units = given.at(f"options.{wire}")
        if isinstance(units, int | float) and (units < least or units % step):
            yield Problem(f"options.{wire}", f"BadRequest: The offer throughput {units:g}; {least} or more, by {step}")


CONFLICTS: Final = (login, version, database, firewall, locations, named, partition, throughput)
