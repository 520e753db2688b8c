"""What answers requests: records of names, forwarding rules, Cloud Run's and Kubernetes' numbers."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.conflict import Conflict, Given, plain

_FAMILIES: Final[Mapping[str, Callable[[str], Any]]] = {"A": ipaddress.IPv4Address, "AAAA": ipaddress.IPv6Address}


def _record(given: Given) -> Iterator[Problem]:
    kind, data = given.text("type"), given.at("rrdatas")
    if not isinstance(data, list):
        return
    if kind == "CNAME" and len(data) > 1:
        yield Problem(
            "rrdatas", f"Invalid value for 'entity.change.additions[0].rrdata': a CNAME has one, not {len(data)}"
        )
    for number, item in enumerate(data):
        text = plain(item)
        if kind in _FAMILIES and isinstance(text, str) and not _is(_FAMILIES[kind], text):
            why = f"Invalid value for 'entity.change.additions[0].rrdata[{number}]': '{text}'"
            yield Problem(f"rrdatas[{number}]", f"{why}; a record of type {kind} holds addresses")


def _is(family: Callable[[str], Any], text: str) -> bool:
    try:
        family(text)
    except ValueError:
        return False
    return True


def _forwarding(given: Given) -> Iterator[Problem]:
    text = given.text("portRange")
    if not text:
        return
    found = re.fullmatch(r"(\d+)(?:-(\d+))?", text)
    if found is None or not 1 <= int(found[1]) <= int(found[2] or found[1]) <= 65535:
        why = 'A port or a range of ports from 1 to 65535 is needed, such as "80" or "8000-9000"'
        yield Problem("portRange", f"Invalid value for field 'resource.portRange': '{text}'. {why}")


def _instances(given: Given) -> Iterator[Problem]:
    least, most = (given.at(f"template.scaling.{name}") for name in ("minInstanceCount", "maxInstanceCount"))
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most > 0:
        path = "template.scaling.minInstanceCount"
        yield Problem(path, f"{path}: min_instance_count {least:g} must not be over max_instance_count {most:g}")


def _upgrade(given: Given) -> Iterator[Problem]:
    names = ("maxSurge", "maxUnavailable")
    if all(given.at(f"upgradeSettings.{name}") == 0 for name in names):
        text = "max_surge and max_unavailable cannot both be 0: no node could be upgraded; raise one of them"
        yield Problem("upgradeSettings.maxSurge", text)


def _rule(name: str, types: set[str], says: str, source: str, find: Callable[[Given], Iterator[Problem]]) -> Conflict:
    return Conflict(name=name, types=frozenset(types), says=says, source=source, find=find)


CONFLICTS: Final[tuple[Conflict, ...]] = (
    _rule(
        "records-of-a-type",
        {"gcp:dns/recordSet:RecordSet"},
        "records of addresses hold addresses, an alias holds one name",
        "cloud.google.com/dns/docs/records-overview; RFC 1035 and RFC 3596",
        _record,
    ),
    _rule(
        "ports-of-a-forwarding-rule",
        {"gcp:compute/forwardingRule:ForwardingRule", "gcp:compute/globalForwardingRule:GlobalForwardingRule"},
        "a forwarding rule has a port or a range",
        "compute.v1 ForwardingRule.portRange",
        _forwarding,
    ),
    _rule(
        "instances-of-a-service",
        {"gcp:cloudrunv2/service:Service"},
        "the least number of instances is not over the most",
        "run.v2 GoogleCloudRunV2RevisionScaling",
        _instances,
    ),
    _rule(
        "an-upgrade-moves-nodes",
        {"gcp:container/nodePool:NodePool"},
        "surge or unavailable is over 0",
        "container.v1 UpgradeSettings; cloud.google.com/kubernetes-engine/docs/concepts/node-pool-upgrade-strategies",
        _upgrade,
    ),
)
