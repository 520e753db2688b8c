"""What a subscription of Azure is registered for: namespaces of services, and features of them.

A namespace must be registered before anything of it is made. The released provider registers what it meets by itself
where whoever deploys may (the registration policy of Azure's SDK for Go, sdk/azcore/arm/runtime, in the pipeline of
pulumi-azure-native's provider/pkg/azure/client_azcore.go, read 2026-11-24), and so does the sandbox. A world file can
tell of a subscription in which it may not, `- { subscription: …, registered: [Microsoft.Compute] }`: all else is
refused there until an owner registers it, as `az provider register` does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from trainyard.sandbox.provider.order import Refused
from trainyard.sandbox.store import Store

# MicrosoftDocs/azure-docs, azure-resource-manager/management/azure-services-resource-providers.md (2020-06-02),
# "Registered by default"; they are registered in every subscription and stay so.
BY_DEFAULT: Final = (
    "Microsoft.ADHybridHealthService",
    "Microsoft.Authorization",
    "Microsoft.Billing",
    "Microsoft.ClassicSubscription",
    "Microsoft.Commerce",
    "Microsoft.Consumption",
    "Microsoft.CostManagement",
    "Microsoft.Features",
    "Microsoft.MarketplaceOrdering",
    "Microsoft.Portal",
    "Microsoft.ResourceGraph",
    "Microsoft.Resources",
    "Microsoft.SerialConsole",
    "Microsoft.Support",
    "Microsoft.WorkloadMonitor",
)
_DEFAULT: Final = frozenset(name.lower() for name in BY_DEFAULT)
_KEY: Final = "azure_registered"
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME: Final = re.compile(r"[A-Za-z]+\.[A-Za-z.]+(?:/[A-Za-z0-9.-]+)?")
_FEATURE: Final = "azure-native:features:SubscriptionFeatureRegistration"


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A world file's entry; `names` are namespaces and "namespace/feature"."""

    subscription: str
    names: tuple[str, ...]


def is_entry(item: object) -> bool:
    """Whether an entry of a world file tells of registrations, and of no thing."""
    return isinstance(item, Mapping) and "registered" in item


def read(item: Mapping[str, Any]) -> Registered | str:
    """The entry, or what is wrong with it."""
    if set(item) != {"subscription", "registered"}:
        return "an entry of registrations has subscription and registered, and nothing else"
    subscription, names = item["subscription"], item["registered"]
    if not isinstance(subscription, str) or not _GUID.fullmatch(subscription):
        return f"subscription: {subscription!r} is no subscription's id in lower case"
    if not isinstance(names, list) or not all(isinstance(one, str) and _NAME.fullmatch(one) for one in names):
        return "registered: a list of namespaces and features, such as [Microsoft.Compute, Microsoft.Compute/A-Feature]"
    return Registered(subscription=subscription, names=tuple(names))


def declare(store: Store, entries: Iterable[Registered]) -> None:
    """Let these hold, and no others; a subscription that none names is registered for everything."""
    found = {each.subscription: sorted({name.lower() for name in each.names}) for each in entries}
    store.set_meta(_KEY, json.dumps(found) if found else "")


def register(store: Store, subscription: str, namespace: str) -> None:
    """What an owner of the subscription does."""
    held = _held(store)
    if subscription in held:
        held[subscription] = sorted({*held[subscription], namespace.lower()})
        store.set_meta(_KEY, json.dumps(held))


def has_namespace(store: Store, subscription: str, namespace: str) -> bool:
    """Whether things of the service may be made."""
    names = _held(store).get(subscription.lower())
    return names is None or namespace.lower() in _DEFAULT or namespace.lower() in names


def has_feature(store: Store, subscription: str, namespace: str, feature: str) -> bool:
    """Whether it is registered for a feature of a service, by the world file or by a resource."""
    names = _held(store).get(subscription.lower())
    if names is None or f"{namespace}/{feature}".lower() in names:
        return True
    path = f"/subscriptions/{subscription}/".lower()
    made = (thing.id.lower() for thing in store.list(package="azure-native", type=_FEATURE))
    return any(id_.startswith(path) and id_.endswith(f"/{feature}".lower()) for id_ in made)


def check_namespace(store: Store, subscription: str, namespace: str) -> None:
    """Refused where the subscription is not registered for it."""
    if has_namespace(store, subscription, namespace):
        return
    told = (
        f"The subscription is not registered to use namespace '{namespace}'. See https://aka.ms/rps-not-found for how "
        "to register subscriptions."
    )
    command = f"az provider register --namespace {namespace} --wait --subscription {subscription}"
    msg = (
        f'Code="MissingSubscriptionRegistration" Message="{told}"; an owner of it types: {command} (in a rehearsal: '
        "add it to the world file)"
    )
    raise Refused(msg)


def check_encryption_at_host(store: Store, subscription: str, given: object) -> None:
    """Refused for a machine whose host is to encrypt, in a subscription without the feature."""
    profile = given if isinstance(given, Mapping) else {}
    if profile.get("encryptionAtHost") is not True:
        return
    if has_feature(store, subscription, "Microsoft.Compute", "EncryptionAtHost"):
        return
    told = (
        "The property 'securityProfile.encryptionAtHost' is not valid because the 'Microsoft.Compute/EncryptionAtHost' "
        "feature is not enabled for this subscription."
    )
    command = f"az feature register --namespace Microsoft.Compute --name EncryptionAtHost --subscription {subscription}"
    msg = f'Code="InvalidParameter" Message="{told}"; an owner of it types: {command}'
    raise Refused(msg)


def _held(store: Store) -> dict[str, Sequence[str]]:
    found: dict[str, Sequence[str]] = json.loads(store.meta(_KEY) or "{}")
    return found
