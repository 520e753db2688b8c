"""A base stack on Google Cloud, and what a compute stack takes from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.gcp.network import ExistingNetwork as Existing
from components.gcp.network import Network, NetworkArgs
from stacks.environment import Environment
from trainyard.facts.origin import project_in
from trainyard.settings.network import ExistingNetwork, GcpBase


@dataclass(frozen=True, kw_only=True)
class BaseIds:
    """What a compute stack takes from its base; unknown only where no base can be read."""

    subnetworks: Mapping[str, pulumi.Input[str]] | None

    def subnetwork(self, region: str) -> pulumi.Input[str]:
        """The region's subnetwork."""
        return _unknown() if self.subnetworks is None else self.subnetworks[region]


def base(environment: Environment, settings: GcpBase) -> dict[str, object]:
    """Register the base's network, or check the one that exists; ids only."""
    match settings.network:
        case ExistingNetwork() as there:
            existing = Existing(
                network_id=_rehearsed(environment, there.id),
                subnetwork_ids={region: _rehearsed(environment, id_) for region, id_ in there.subnetworks.items()},
            )
            return {"network_id": existing.network_id, "subnetwork_ids": dict(existing.subnetwork_ids)}
        case made:
            network = Network(
                environment.stack,
                NetworkArgs(
                    project=environment.gcp_project,
                    regions=made.regions,
                    protect=environment.settings.environment.protect,
                ),
            )
            return {"network_id": network.network_id, "subnetwork_ids": network.subnetwork_ids}


async def base_ids(environment: Environment, *, required: bool) -> BaseIds:
    """The base stack's outputs, plain; RunError when it is not up, or unknown ids where none is `required`."""
    name = environment.settings.environment.base
    full = f"{pulumi.get_organization()}/{environment.project}/{name}"
    try:
        read = await pulumi.runtime.invoke_async("pulumi:pulumi:readStackOutputs", {"name": full})
    except Exception as error:  # the SDK raises bare ones for a refused invoke
        if not required:
            return BaseIds(subnetworks=None)
        raise pulumi.RunError(_not_up(environment, str(error))) from None
    gcp = read["outputs"].get("gcp")
    if gcp is None:
        raise pulumi.RunError(_not_up(environment, "it has no output gcp"))
    return BaseIds(subnetworks=gcp["subnetwork_ids"])


def _rehearsed(environment: Environment, resource_id: str) -> str:
    """A full id with its project as this run may use it."""
    parts = resource_id.split("/")
    parts[1] = project_in(environment.sandbox, parts[1])
    return "/".join(parts)


def _not_up(environment: Environment, reason: str) -> str:
    name = environment.settings.environment.base
    return (
        f'the base stack "{name}" of environment "{environment.settings.stack.environment}" gives no network '
        f'({reason}); bring it up first: "pulumi up --stack {name}".'
    )


def _unknown() -> pulumi.Output[str]:
    return pulumi.Output.from_input(pulumi.UNKNOWN)  # type: ignore[arg-type]
