"""What an environment's file says of things outside of it: regions, contacts, its base stack."""

from __future__ import annotations

from collections.abc import Iterator

from trainyard.facts.offer import CLOUDS
from trainyard.settings.bounds import is_region, no_region
from trainyard.settings.environment import Environment
from trainyard.settings.problem import Wrong, listed, near


def environment_breaches(environment: Environment, stacks: list[str], folder: str) -> Iterator[Wrong]:
    """Names in the file that name nothing."""
    for index, region in enumerate(environment.limits.regions):
        if not any(is_region(cloud, region) for cloud in CLOUDS):
            yield ("limits", "regions", index), no_region("gcp", region)
    for name in environment.budgets:
        if name not in environment.contacts:
            known = listed(environment.contacts)
            yield ("budgets", name), f"is not in contacts; known are {known}.{near(name, environment.contacts)}"
    if environment.base not in stacks:
        text = f"there is no {folder}/Pulumi.{environment.base}.yaml; stacks are {listed(stacks)}."
        yield ("base",), f"{text}{near(environment.base, stacks)}"
