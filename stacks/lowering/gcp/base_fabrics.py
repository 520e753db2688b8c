"""A base stack's networks between GPU machines on Google Cloud."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pulumi

from components.gcp.fabric_network import FabricNetwork, FabricNetworkArgs
from trainyard.settings.fabric import ExistingFabric, MadeFabric


@dataclass(frozen=True, kw_only=True)
class FabricPlace:
    """What every fabric of the stack is made in."""

    stack: str
    project: str
    protect: bool
    rehearsed: Callable[[str], str]  # an existing id as this run may use it
    first: pulumi.ResourceOptions


def fabrics(
    place: FabricPlace, wanted: Sequence[MadeFabric | ExistingFabric]
) -> dict[str, Sequence[pulumi.Input[str]]]:
    """Subnetwork ids by "<kind> <region or zone>", in the order of a machine's further interfaces."""
    return {f"{each.kind} {each.place}": _subnetworks(place, each) for each in wanted}


def _subnetworks(place: FabricPlace, wanted: MadeFabric | ExistingFabric) -> Sequence[pulumi.Input[str]]:
    match wanted:
        case ExistingFabric(subnetworks=ids):
            return [place.rehearsed(each) for each in ids]
        case MadeFabric(kind=kind, place=where, range=cidr):
            args = FabricNetworkArgs(project=place.project, fabric=kind, place=where, cidr=cidr, protect=place.protect)
            return FabricNetwork(f"{place.stack}-{kind}-{where}", args, place.first).subnetwork_ids
