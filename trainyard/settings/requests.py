"""What each workload asks of the clouds, place by place."""

from __future__ import annotations

from trainyard.facts.azure.learning import WORKSPACE_KINDS
from trainyard.facts.kinds import ZONAL_KINDS
from trainyard.facts.places import covers
from trainyard.facts.request import Request
from trainyard.settings.base import Base
from trainyard.settings.bounds import known_zones
from trainyard.settings.gpu_vm import GpuVm
from trainyard.settings.kinds import Workload, data_of
from trainyard.settings.notebook import Notebook
from trainyard.settings.persistent_resource import PersistentResource
from trainyard.settings.places import Where
from trainyard.settings.pool import Pool
from trainyard.settings.problem import listed
from trainyard.settings.settings import Settings
from trainyard.settings.tpu_node import TpuNode
from trainyard.settings.training_job import TrainingJob


def requests(settings: Settings, workload: str) -> tuple[Request, ...]:
    """One request for each place of `where` that is one, in order; regions are those of the base's network."""
    machine = settings.workloads[workload]
    base = settings.base_settings
    return tuple(request(machine, where, base) for where in machine.where if lacking(machine, where, base) is None)


def lacking(machine: Workload, where: Where, base: Base | None) -> str | None:
    """Why a place is none for the workload: its cloud has no copy of a data set; None where it has all."""
    if base is None:
        return None
    missing = [name for name in data_of(machine) if name not in base.data(where.cloud)]
    return f"{where.cloud} has no copy of {listed(missing)}" if missing else None


def request(machine: Workload, where: Where, base: Base | None) -> Request:
    """What a workload asks of one place."""
    memory_gib, form, fabric = _narrower(machine)
    return Request(
        cloud=where.cloud,
        kind=machine.kind,
        chip=machine.accelerator.name,
        count=machine.accelerator.count,
        memory_gib=memory_gib,
        form=form,
        fabric=fabric or _needed_fabric(machine, where),
        fabrics=_fabrics(machine, where, base),
        # A TPU's machine type decides over its hosts; its offer is the slice of all chips.
        machine_type=None if isinstance(machine, TpuNode) else machine.machine_type,
        regions=_regions(machine, where, base),
        zones=where.zones or _zones(machine, where, base),
        capacities=machine.capacity,
    )


def _regions(machine: Workload, where: Where, base: Base | None) -> tuple[str, ...]:
    """Jobs and notebooks on Azure run where the base's workspace is."""
    found = regions(where, base)
    if where.cloud != "azure" or machine.kind not in WORKSPACE_KINDS or base is None or base.azure is None:
        return found
    workspace = base.azure.workspace
    return tuple(region for region in found if workspace is None or region == workspace.region)


def _zones(machine: Workload, where: Where, base: Base | None) -> tuple[str, ...]:
    """The zones with a subnet, for a machine that is made in one; none where subnets are the region's."""
    if base is None or machine.kind not in ZONAL_KINDS:
        return ()
    has = known_zones(where.cloud)
    named = regions(where, base)
    return tuple(zone for zone in base.zones(where.cloud) if has.get(zone) in named)


def _narrower(machine: Workload) -> tuple[int | None, str | None, str | None]:
    """Memory in GiB, form and fabric of the chip, where the kind asks for them."""
    match machine:
        case GpuVm() | TrainingJob() | Pool():
            return machine.memory_gib, machine.form, machine.fabric
        case PersistentResource():
            return machine.memory_gib, machine.form, None
        case Notebook():
            return machine.memory_gib, None, None
        case TpuNode():
            return None, None, None


def _needed_fabric(machine: Workload, where: Where) -> str | None:
    """What several nodes have between them where the workload says nothing, on clouds whose base has no fabrics."""
    if isinstance(machine, GpuVm) and machine.nodes > 1:
        return {"azure": "infiniband", "aws": "efa"}.get(where.cloud)
    several = isinstance(machine, TrainingJob) and machine.nodes > 1
    return "infiniband" if several and where.cloud == "azure" else None


def _fabrics(machine: Workload, where: Where, base: Base | None) -> tuple[tuple[str, str], ...] | None:
    """The base's fabrics where several nodes want one; None where no fabric is needed, or no base is known."""
    if not isinstance(machine, GpuVm) or machine.nodes == 1 or machine.fabric == "none":
        return None
    if where.cloud != "gcp" or base is None or base.gcp is None:
        return None
    return tuple((each.kind, each.place) for each in base.gcp.fabrics)


def regions(where: Where, base: Base | None) -> tuple[str, ...]:
    """The place's regions in its order, parts of the world spelled out as the base's regions in them."""
    has = base.regions(where.cloud) if base else ()
    found = dict.fromkeys(
        region for named in where.regions for region in (has if has else (named,)) if covers(where.cloud, named, region)
    )
    return tuple(found)
