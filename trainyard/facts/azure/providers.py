"""The namespaces and features that a subscription must be registered for before anything is made with them.

Registering is no resource of Resource Manager's or of pulumi-azure-native. Without it Azure answers a create with 409
MissingSubscriptionRegistration (learn.microsoft.com/azure/azure-resource-manager/troubleshooting/
error-register-resource-provider); the provider then registers the namespace itself, where whoever deploys may (the
registration policy of Azure's SDK for Go, in its provider/pkg/azure/client_azcore.go); else an owner does, once.
"""

from __future__ import annotations

from collections.abc import Iterable

ALWAYS = ("Microsoft.Compute", "Microsoft.Network", "Microsoft.Storage", "Microsoft.ManagedIdentity")
BY_PART = {  # of a base or a stack, besides those
    "key": ("Microsoft.KeyVault",),
    "registry": ("Microsoft.ContainerRegistry",),
    "lustre": ("Microsoft.StorageCache",),
    "workspace": (
        "Microsoft.MachineLearningServices",
        "Microsoft.KeyVault",
        "Microsoft.Insights",
        "Microsoft.OperationalInsights",
    ),
    "training-job": ("Microsoft.MachineLearningServices",),
    "notebook": ("Microsoft.MachineLearningServices",),
    "gpu-vm": ("Microsoft.Logic", "Microsoft.DevTestLab", "Microsoft.Insights"),
}
# learn.microsoft.com/azure/virtual-machines/disks-enable-host-based-encryption-portal
ENCRYPTION_AT_HOST = ("Microsoft.Compute", "EncryptionAtHost")


def namespaces(parts: Iterable[str]) -> tuple[str, ...]:
    """All that these parts need, each once, in order."""
    return tuple(dict.fromkeys((*ALWAYS, *(name for part in parts for name in BY_PART.get(part, ())))))


def register_command(namespace: str, subscription: str) -> str:
    """What an owner of the subscription types."""
    return f"az provider register --namespace {namespace} --wait --subscription {subscription}"
