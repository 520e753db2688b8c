"""Which registries a lease on Azure pulls its images from."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from stacks.environment import Environment
from stacks.lowering.azure.base import BaseIds
from trainyard.facts.azure.registry import SUFFIX, host, made_name
from trainyard.settings.base_azure_parts import AzureExistingRegistry, AzureMadeRegistry
from trainyard.settings.gpu_vm import GpuVm
from trainyard.settings.kinds import Workload
from trainyard.settings.training_job import TrainingJob


def registry_host(subscription: str, base_stack: str, registry: AzureMadeRegistry | AzureExistingRegistry) -> str:
    """What a node logs in to: known before the registry is there."""
    match registry:
        case AzureExistingRegistry(id=there):
            return host(there)
        case AzureMadeRegistry():
            return f"{made_name(subscription, base_stack)}{SUFFIX}"


def registries(
    environment: Environment, asked: Mapping[str, Workload], ids: BaseIds, providers: str
) -> dict[str, pulumi.Input[str]]:
    """By a word each, the full ids of the base's, for whoever logs in on a machine, and of those of the jobs' images.

    A job's registry that is not the base's is one of the environment's resource group.
    """
    base = environment.settings.base_settings
    held = base.azure.registry if base and base.azure else None
    own = registry_host(environment.azure_subscription, environment.settings.environment.base, held) if held else ""
    hosts = {each.container.partition("/")[0] for each in asked.values() if isinstance(each, TrainingJob)}
    found: dict[str, pulumi.Input[str]] = {}
    if held is not None and (own in hosts or any(isinstance(each, GpuVm) for each in asked.values())):
        found["images"] = ids.registry
    for each in sorted(hosts - {own}):
        if each.endswith(SUFFIX):
            name = each.removesuffix(SUFFIX)
            found[name] = f"{providers}/Microsoft.ContainerRegistry/registries/{name}"
    return found
