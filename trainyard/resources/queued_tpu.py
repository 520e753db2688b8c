"""A request in the Cloud TPU API's queue as a Pulumi resource: up when it is taken, gone with the node it was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from trainyard.resources.wire import WireResource, inputs_of


@dataclass(frozen=True, kw_only=True)
class QueuedTpuArgs:
    """Any change makes it anew, the old one deleted first: nothing of a request can be changed."""

    project: str
    zone: str
    queued_resource_id: str  # explicit, so that a lost answer is found again and never asked for twice
    node_id: str
    runtime_version: str
    network: pulumi.Input[str]  # full id
    subnetwork: pulumi.Input[str]  # full id
    service_account: pulumi.Input[str]  # email
    labels: Mapping[str, str]
    metadata: Mapping[str, pulumi.Input[str]]
    accelerator_type: str | None = None  # "v5litepod-8"; or accelerator_config
    accelerator_config: Mapping[str, str] | None = None  # {"type": "V4", "topology": "4x4x8"}
    spot: bool = False
    guaranteed: bool = False
    reservation: str | None = None
    valid_until: str | None = None  # RFC 3339, UTC; the request fails when it has no node by then


class QueuedTpu(WireResource, args=QueuedTpuArgs):
    """`plugins.providers` of Pulumi.yaml must name `trainyard/provider` for package `trainyard`."""

    state: pulumi.Output[str]  # "ACCEPTED", "WAITING_FOR_RESOURCES", "ACTIVE", …: as of the last up or refresh

    def __init__(self, name: str, args: QueuedTpuArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        # Of one id there is one request: a forced replacement too has to end the old one first, or it would take it for
        # the new one and end that.
        first = pulumi.ResourceOptions.merge(pulumi.ResourceOptions(delete_before_replace=True), opts)
        super().__init__("trainyard:gcp:QueuedTpu", name, {**inputs_of(args), "state": None}, first)
