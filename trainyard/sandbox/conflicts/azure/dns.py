"""Zones of names and what they hold."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.azure.words import LEARN, REST, conflict, known, low, types
from trainyard.sandbox.conflicts.conflict import Given

_ZONES: Final = types("privatedns:PrivateZone", "dns:Zone")
_GLOBAL: Final = types("privatedns:PrivateZone", "privatedns:VirtualNetworkLink")
_RECORDS: Final = types("privatedns:PrivateRecordSet", "dns:RecordSet")
_LISTS: Final = {
    "A": "aRecords",
    "AAAA": "aaaaRecords",
    "CAA": "caaRecords",
    "CNAME": "cnameRecord",
    "DS": "dsRecords",
    "MX": "mxRecords",
    "NAPTR": "naptrRecords",
    "NS": "nsRecords",
    "PTR": "ptrRecords",
    "SOA": "soaRecord",
    "SRV": "srvRecords",
    "TLSA": "tlsaRecords",
    "TXT": "txtRecords",
}


@conflict(
    "zones-of-names-are-global",
    _GLOBAL,
    "A private zone and its links are in the location global.",
    f"{REST}/dns/privatednszones/private-zones/create-or-update; error code LocationNotAvailableForResourceType",
)
def everywhere(given: Given) -> Iterator[Problem]:
    place = given.at("location")
    if isinstance(place, str) and low(place) != "global":
        yield Problem(
            "location",
            f"LocationNotAvailableForResourceType: The provided location '{place}' is not available for resource type"
            " 'Microsoft.Network/privateDnsZones'. List of available regions for the resource type is 'global'",
        )


@conflict(
    "a-zone-s-name-has-labels",
    _ZONES,
    "A zone's name has 2 to 34 labels of at most 63 letters, digits, hyphens and underscores.",
    f"{LEARN}/azure-resource-manager/management/resource-name-rules; {LEARN}/dns/private-dns-privatednszone",
)
def zone_name(given: Given) -> Iterator[Problem]:
    wire = "privateZoneName" if "privateZoneName" in given.type.inputs else "zoneName"
    name = given.at(wire)
    if isinstance(name, str):
        labels = name.rstrip(".").split(".")
        if not 2 <= len(labels) <= 34 or not all(re.fullmatch(r"[A-Za-z0-9_-]{1,63}", label) for label in labels):
            yield Problem(
                wire,
                f"BadRequest: The domain name '{name}' is invalid. The provided domain name has two labels or more",
            )


@conflict(
    "records-are-of-their-type",
    _RECORDS,
    "A set of records is of a known type, holds that type's records alone and lives a second at least.",
    f"{REST}/dns/record-sets/create-or-update; {LEARN}/dns/dns-zones-records",
)
def records(given: Given) -> Iterator[Problem]:
    kind = given.text("recordType").rpartition("/")[2].upper()
    if kind and kind not in _LISTS:
        yield Problem("recordType", f"BadRequest: The record type '{kind}' is none of {', '.join(_LISTS)}")
    for one, wire in _LISTS.items():
        if kind in _LISTS and one != kind and given.at(wire):
            yield Problem(wire, f"BadRequest: The record set is of the type {kind}: give {_LISTS[kind]}, not {wire}")
    ttl = given.at("ttl")
    if isinstance(ttl, int | float) and not 1 <= ttl <= 2_147_483_647:
        yield Problem("ttl", f"BadRequest: The TTL {ttl:g} is not from 1 to 2147483647 seconds")
    for wire, part, version in (("aRecords", "ipv4Address", 4), ("aaaaRecords", "ipv6Address", 6)):
        for at, record in given.each(wire):
            address = known(record, part)
            if isinstance(address, str) and not _is_address(address, version):
                yield Problem(f"{at}.{part}", f"BadRequest: '{address}' is no IPv{version} address")


def _is_address(text: str, version: int) -> bool:
    try:
        return ipaddress.ip_address(text).version == version
    except ValueError:
        return False


CONFLICTS: Final = (everywhere, zone_name, records)
