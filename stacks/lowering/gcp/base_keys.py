"""A base stack's keys on Google Cloud, each with the service agents that use it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi

from components.gcp.key import Key, KeyArgs
from components.gcp.service_agents import COMPUTE, STORAGE, ServiceAgents
from trainyard.settings.base import ExistingKey, GcpBase, MadeRegistry, MadeTensorboard
from trainyard.settings.data import MadeBucket, MadeDisk, MadeFilestore, MadeLustre

_WORKLOADS = ("aiplatform.googleapis.com", "notebooks.googleapis.com")


@dataclass(frozen=True, kw_only=True)
class KeyPlace:
    """What a base stack's keys are made under."""

    stack: str
    project: str
    settings: GcpBase
    protect: bool
    first: pulumi.ResourceOptions  # what any of it waits for


def keys(place: KeyPlace) -> dict[str, pulumi.Input[str]]:
    """The keys by location; an existing one is taken as it is."""
    made: dict[str, pulumi.Input[str]] = {}
    agents = ServiceAgents(place.stack, place.project, place.first)
    for location, key in place.settings.keys.items():
        if isinstance(key, ExistingKey):
            made[location] = key.id
            continue
        args = KeyArgs(
            project=place.project,
            location=location,
            rotation_days=key.rotation_days,
            agents=tuple(agents.member(each) for each in dict.fromkeys(_users(place.settings, location))),
            protect=place.protect,
        )
        made[location] = Key(f"{place.stack}-{location}", args, place.first).key_id
    return made


def _users(settings: GcpBase, location: str) -> Iterator[str]:
    """The services that encrypt with the location's key."""
    if location in settings.regions:  # of the machines, jobs and notebooks that compute stacks make there
        yield COMPUTE
        yield from (service for service in _WORKLOADS if not settings.services or service in settings.services)
    for data in settings.data.values():
        match data:
            case MadeBucket(location=there) if there.lower() == location:
                yield STORAGE
            case MadeDisk(zone=zone) if zone.startswith(f"{location}-"):
                yield COMPUTE
            case MadeFilestore(location=there) if f"{there}-".startswith(f"{location}-"):
                yield "file.googleapis.com"
            case MadeLustre(zone=zone) if zone.startswith(f"{location}-"):
                yield "lustre.googleapis.com"
    match settings.registry:
        case MadeRegistry(location=there) if there == location:
            yield "artifactregistry.googleapis.com"
    match settings.tensorboard:
        case MadeTensorboard(region=region) if region == location:
            yield "aiplatform.googleapis.com"
