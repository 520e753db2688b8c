"""From placements to Google Cloud's components: every argument in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pulumi

from components.bootstrap.driver_check import driver_check
from components.bootstrap.fragment import Fragment
from components.bootstrap.node_end import SoftEndObject, node_end, soft_end_object
from components.bootstrap.scratch_disks import scratch_disks
from components.bootstrap.user_data import user_data
from components.gcp.gpu_vm import GpuVm
from components.gcp.gpu_vm_args import BootDisk, GpuVmArgs
from components.gcp.identity import NodeIdentity, NodeIdentityArgs, account_id
from components.gcp.network import ExistingNetwork as Existing
from components.gcp.network import Network, NetworkArgs
from stacks.environment import Environment
from stacks.placement import Placement
from trainyard.facts.expiry import Expiry, format_time
from trainyard.facts.images import DEFAULT_IMAGE, resolve_image
from trainyard.facts.labels import Tags, encode
from trainyard.facts.lease_id import machine_name
from trainyard.facts.machine import BundledSsd
from trainyard.facts.machine import shape as facts_of
from trainyard.facts.origin import project_in
from trainyard.resources import Lease
from trainyard.settings.gpu_vm import GpuVm as GpuVmSettings
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


def workloads(
    environment: Environment, lease: Lease, placements: tuple[Placement, ...], expiry: Expiry, ids: BaseIds
) -> dict[str, dict[str, Any]]:
    """Register every workload under the lease; by name, what people need to find and reach it."""
    under = pulumi.ResourceOptions(parent=lease)
    machines = environment.settings.workloads
    soft_end = soft_end_object(environment.settings.environment.leases, environment.lease_id)
    identity = NodeIdentity(
        environment.lease_id,
        NodeIdentityArgs(
            project=environment.gcp_project,
            account_id=account_id(environment.lease_id),
            soft_end=soft_end,
            access=tuple(dict.fromkeys(who for machine in machines.values() for who in machine.access)),
        ),
        under,
    )
    made = {}
    for placement in placements:
        machine = machines[placement.workload]
        subnetwork = ids.subnetwork(placement.candidate.offer.region)
        vm = GpuVm(
            machine_name(environment.lease_id, placement.workload, 0),
            _gpu_vm(environment, placement, machine, _Node(expiry, soft_end, subnetwork, identity.email)),
            under,
        )
        made[placement.workload] = {"instance": vm.instance_name, "login": vm.login_command}
    return made


@dataclass(frozen=True)
class _Node:
    expiry: Expiry
    soft_end: SoftEndObject | None
    subnetwork: pulumi.Input[str]
    service_account: pulumi.Input[str]


def _gpu_vm(environment: Environment, placement: Placement, machine: GpuVmSettings, node: _Node) -> GpuVmArgs:
    offer = placement.candidate.offer
    hard_end = format_time(node.expiry.hard_end)
    stack = environment.settings.stack
    labels = Tags(
        lease=environment.lease_id,
        workload=placement.workload,
        owner=stack.owner,
        cost_center=stack.cost_center,
        hard_end=node.expiry.hard_end,
    )
    shape = facts_of(offer.machine_type)
    ssds = shape.local_ssd.count if isinstance(shape.local_ssd, BundledSsd) else machine.local_ssd or 0
    return GpuVmArgs(
        project=environment.gcp_project,
        zone=offer.zone,
        machine_type=offer.machine_type,
        image=resolve_image(machine.image or DEFAULT_IMAGE),
        subnetwork=node.subnetwork,
        service_account=node.service_account,
        labels=encode("gcp", labels),
        hard_end=hard_end,
        user_data=user_data(_fragments(hard_end, node.soft_end, shape.gpus, ssds)),
        capacity=placement.candidate.capacity,
        boot_disk=BootDisk(gib=machine.boot_disk.gib, kind=machine.boot_disk.kind),
        local_ssd=machine.local_ssd,
        access=machine.access,
    )


@cache
def _fragments(hard_end: str, soft_end: SoftEndObject | None, gpus: int, ssds: int) -> tuple[Fragment, ...]:
    scratch = (scratch_disks(count=ssds),) if ssds else ()
    # The node's end comes first: nothing that fails on a node may keep it from ending.
    return (node_end(hard_end=hard_end, soft_end=soft_end), driver_check(accelerator_count=gpus), *scratch)


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
