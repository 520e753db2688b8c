"""Where Azure Container Registry keeps images: names and hosts, which are of all the world."""

from __future__ import annotations

from trainyard.facts.azure.storage import worldwide_name

SUFFIX = ".azurecr.io"
_LONGEST = 50


def host(registry: str) -> str:
    """What a machine logs in to, out of a registry's full id; in lower case, however its name was written."""
    return f"{registry.rpartition('/')[2].lower()}{SUFFIX}"


def made_name(subscription: str, stack: str) -> str:
    """The name of a base stack's own registry."""
    return worldwide_name(subscription, stack, longest=_LONGEST)
