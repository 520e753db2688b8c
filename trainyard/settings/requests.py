"""What each workload asks of the clouds, place by place."""

from __future__ import annotations

from trainyard.facts.places import covers
from trainyard.facts.request import Request
from trainyard.settings.gpu_vm import GpuVm
from trainyard.settings.network import Base
from trainyard.settings.places import Where
from trainyard.settings.settings import Settings


def requests(settings: Settings, workload: str) -> tuple[Request, ...]:
    """One request for each place of `where`, in its order; regions are those of the base's network that it names."""
    machine = settings.workloads[workload]
    return tuple(request(machine, where, settings.base_settings) for where in machine.where)


def request(machine: GpuVm, where: Where, base: Base | None) -> Request:
    """What a machine asks of one place."""
    return Request(
        cloud=where.cloud,
        chip=machine.accelerator.name,
        count=machine.accelerator.count,
        memory_gib=machine.memory_gib,
        form=machine.form,
        fabric=machine.fabric,
        machine_type=machine.machine_type,
        regions=regions(where, base),
        zones=where.zones,
        capacities=machine.capacity,
    )


def regions(where: Where, base: Base | None) -> tuple[str, ...]:
    """The place's regions in its order, parts of the world spelled out as the base's regions in them."""
    has = base.gcp.regions if base and base.gcp else ()
    found = dict.fromkeys(
        region for named in where.regions for region in (has if has else (named,)) if covers(where.cloud, named, region)
    )
    return tuple(found)
