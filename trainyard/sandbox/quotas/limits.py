"""Limits that were set for the sandbox, what is used of them, and the clouds' refusals."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from trainyard.sandbox.folder import SandboxError
from trainyard.sandbox.provider.order import Refused
from trainyard.sandbox.quotas.charges import CLOUDS, Charge, charges, metrics

if TYPE_CHECKING:
    from trainyard.sandbox.store import Store, Thing

_KEY: Final = "quotas"
_KEYS: Final = ("cloud", "metric", "place", "limit")
_SAGEMAKER: Final = re.compile(r"ml\.[a-z0-9.-]+ for (spot )?(training job|notebook instance) usage")


@dataclass(frozen=True, kw_only=True)
class Limit:
    cloud: str
    metric: str
    limit: float
    place: str = ""  # "" holds for every region by itself, and for quotas of the whole cloud


def check_quotas(store: Store, thing: Thing) -> None:
    """Refused in the cloud's words when the thing would use more than a limit leaves."""
    limits = all_of(store)
    if not limits:
        return
    for charge in charges(thing):
        for limit in limits:
            if _limits(limit, charge):
                used = used_of(store, charge, thing)
                if used + charge.amount > limit.limit:
                    raise Refused(_refusal(limit, charge, used))


def used_of(store: Store, charge: Charge, but: Thing | None = None) -> float:
    """How much of the charge's quota is used, by all projects of the sandbox's cloud but its own thing."""
    package = {"gcp": "gcp", "aws": "aws", "sagemaker": "aws"}.get(charge.cloud, "azure-native")
    return sum(
        one.amount
        for thing in store.list(package=package)
        if but is None or (thing.type, thing.id) != (but.type, but.id)
        for one in charges(thing)
        if (one.cloud, one.metric, one.place) == (charge.cloud, charge.metric, charge.place)
    )


def all_of(store: Store) -> tuple[Limit, ...]:
    """The limits that hold."""
    return tuple(Limit(**entry) for entry in json.loads(store.meta(_KEY) or "[]"))


def replace(store: Store, limits: Iterable[Limit]) -> None:
    """Let these limits hold, and no others; none at all: everything is allowed."""
    held = [asdict(limit) for limit in limits]
    store.set_meta(_KEY, json.dumps(held) if held else "")


def load(path: Path) -> tuple[Limit, ...]:
    """The limits of a file, a list of {cloud, metric, place, limit}; SandboxError with every mistake at once."""
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        message = f"{path}: cannot be read as YAML: {error}"
        raise SandboxError(message) from error
    if not isinstance(value, list):
        message = f"{path}: a list of quotas was expected; write `- cloud: … / metric: … / limit: …` entries"
        raise SandboxError(message)
    problems = [f"quota {number}: {text}" for number, entry in enumerate(value, 1) for text in _problems(entry)]
    if problems:
        raise SandboxError(f"{path}: " + "\n".join(problems))
    return tuple(Limit(**{**entry, "limit": float(entry["limit"])}) for entry in value)


def _problems(entry: Any) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield f"{entry!r} is no mapping; its keys are {', '.join(_KEYS)}"
        return
    yield from (f"unknown key {key!r}; known: {', '.join(_KEYS)}" for key in entry if key not in _KEYS)
    cloud, metric, limit = entry.get("cloud"), entry.get("metric"), entry.get("limit")
    if cloud not in CLOUDS:
        yield f"cloud {cloud!r} is not known; known: {', '.join(CLOUDS)}"
    elif cloud == "sagemaker":
        if not isinstance(metric, str) or not _SAGEMAKER.fullmatch(metric):
            yield f'metric {metric!r} is not known; give for example "ml.p4d.24xlarge for training job usage"'
    elif metric not in metrics(cloud):
        near = difflib.get_close_matches(str(metric), metrics(cloud), n=1, cutoff=0.3)
        yield f"metric {metric!r} is not known" + (f"; did you mean {near[0]!r}?" if near else "")
    if isinstance(limit, bool) or not isinstance(limit, int | float) or limit < 0:
        yield f"limit {limit!r} is no number from 0 on"
    if not isinstance(entry.get("place", ""), str):
        yield f"place {entry['place']!r} is no text; give a region or location, or leave it out for each"


def _limits(limit: Limit, charge: Charge) -> bool:
    same = (limit.cloud, limit.metric) == (charge.cloud, charge.metric)
    return same and limit.place in ("", charge.place)


def _refusal(limit: Limit, charge: Charge, used: float) -> str:
    """As the issue threads of `trouble` and the consoles show these refusals."""
    most, wanted = limit.limit, charge.amount
    match charge.cloud:
        case "gcp":
            where = f"in region {charge.place}" if charge.place else "globally"
            return f"Quota '{charge.metric}' exceeded.  Limit: {most:.1f} {where}. (QUOTA_EXCEEDED)"
        case "aws":
            return (
                f"VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit of {most:g} "
                "allows for the instance bucket that the specified instance type belongs to. Please visit "
                "http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit."
            )
        case "sagemaker":
            return (
                f"ResourceLimitExceeded: The account-level service limit '{charge.metric}' is {most:g} Instances, "
                f"with current utilization of {used:g} Instances and a request delta of {wanted:g} Instances."
            )
        case "azure-ml":
            return (
                f"ClusterCoreQuotaReached: The specified subscription has a {charge.metric} quota of {most:g} and "
                "cannot accomodate for at least 1 requested managed compute nodes"
            )
        case _:
            return (
                "OperationNotAllowed: Operation could not be completed as it results in exceeding approved "
                f"{charge.metric} quota. Additional details - Deployment Model: Resource Manager, Location: "
                f"{charge.place}, Current Limit: {most:g}, Current Usage: {used:g}, Additional Required: {wanted:g}, "
                f"(Minimum) New Limit Required: {used + wanted:g}."
            )


def usage(store: Store) -> Mapping[Limit, list[tuple[str, float]]]:
    """Each limit with what is used of it, by place."""
    found: dict[Limit, dict[str, float]] = {limit: {} for limit in all_of(store)}
    for thing in store.list():
        for charge in charges(thing):
            for limit, places in found.items():
                if _limits(limit, charge):
                    places[charge.place] = places.get(charge.place, 0) + charge.amount
    return {limit: sorted(places.items()) for limit, places in found.items()}


NO_LIMIT: Final = 1_000_000.0  # what the APIs tell where nothing was set; nobody meets it


def limit_of(store: Store, cloud: str, metric: str, place: str) -> float:
    """The lowest limit that holds for a quota in a place, as the APIs tell it."""
    found = (one for one in all_of(store) if (one.cloud, one.metric) == (cloud, metric) and one.place in ("", place))
    return min((one.limit for one in found), default=NO_LIMIT)


def used_in(store: Store, cloud: str) -> Mapping[tuple[str, str], float]:
    """What is used of all of a cloud's quotas, by metric and place."""
    package = {"gcp": "gcp", "aws": "aws", "sagemaker": "aws"}.get(cloud, "azure-native")
    found: dict[tuple[str, str], float] = {}
    for thing in store.list(package=package):
        for charge in charges(thing):
            if charge.cloud == cloud:
                key = (charge.metric, charge.place)
                found[key] = found.get(key, 0.0) + charge.amount
    return found
