"""The features, keys and the registry of a base stack on Azure: each made, or taken as it is."""

from __future__ import annotations

import pulumi

from stacks.environment import Environment
from stacks.lowering.azure.base import rehearsed, tags
from trainyard.facts.azure.providers import namespaces, register_command
from trainyard.facts.azure.registry import host, made_name
from trainyard.facts.azure.storage import worldwide_name
from trainyard.settings.base_azure import AzureBase
from trainyard.settings.base_azure_parts import (
    AzureExistingKey,
    AzureExistingRegistry,
    AzureMadeKey,
    AzureMadeRegistry,
)


def say_namespaces(environment: Environment, settings: AzureBase) -> None:
    """In a preview, what the subscription must be registered for before `up`: no resource of the provider's can."""
    if not pulumi.runtime.is_dry_run():
        return
    held = {"key": settings.keys, "registry": settings.registry, "workspace": settings.workspace}
    kinds = {each.kind for each in settings.data.values()}
    needed = namespaces([part for part, there in held.items() if there] + sorted(kinds))
    command = register_command(needed[-1], environment.azure_subscription)
    pulumi.log.info(
        f"Azure: the subscription must be registered for {', '.join(needed)}. Whoever may register it does so by "
        f'"pulumi up"; else its owner does once, for each: {command}'
    )


def register_features(environment: Environment, settings: AzureBase, options: pulumi.ResourceOptions) -> None:
    """Register the subscription for features; they count for a namespace that is registered again afterwards."""
    if not settings.features:
        return
    from components.azure.registered import Registered, RegisteredArgs

    wanted = tuple((each.partition("/")[0], each.partition("/")[2]) for each in settings.features)
    Registered(environment.stack, RegisteredArgs(features=wanted), options)


def keys(
    environment: Environment, settings: AzureBase, group: pulumi.Input[str], options: pulumi.ResourceOptions
) -> dict[str, pulumi.Input[str]]:
    """By region the full id of the disk encryption set that disks name."""
    found: dict[str, pulumi.Input[str]] = {}
    for region, key in settings.keys.items():
        match key:
            case AzureExistingKey(id=there):
                found[region] = rehearsed(environment, there)
            case AzureMadeKey() as made:
                found[region] = _key(environment, region, made, group, options)
    return found


def _key(
    environment: Environment,
    region: str,
    made: AzureMadeKey,
    group: pulumi.Input[str],
    options: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    from components.azure.key import Key, KeyArgs

    tenant = environment.azure.tenant
    if tenant is None:
        message = "A key without a directory; the settings should have refused it."
        raise AssertionError(message)
    args = KeyArgs(
        subscription=environment.azure_subscription,
        tenant=tenant,
        resource_group=group,
        location=region,
        vault_name=worldwide_name(environment.azure_subscription, environment.stack, f"disks{region}"),
        rotation_days=made.rotation_days,
        recover=made.recover,
        tags=tags(environment),
        protect=environment.settings.environment.protect,
    )
    return Key(f"{environment.stack}-{region}-disks", args, options).disk_encryption_set_id


def registry(
    environment: Environment, settings: AzureBase, group: pulumi.Input[str], options: pulumi.ResourceOptions
) -> dict[str, object]:
    """Its full id, by which identities may pull, and what stands before an image's name."""
    match settings.registry:
        case AzureExistingRegistry(id=there):
            return {"registry": {"id": rehearsed(environment, there), "address": host(there)}}
        case AzureMadeRegistry(region=region):
            from components.azure.registry import Registry, RegistryArgs

            args = RegistryArgs(
                resource_group=group,
                location=region,
                name=made_name(environment.azure_subscription, environment.stack),
                tags=tags(environment),
                protect=environment.settings.environment.protect,
            )
            made = Registry(f"{environment.stack}-images", args, options)
            return {"registry": {"id": made.registry_id, "address": made.address}}
        case None:
            return {}
