"""Whether a workload can be had at all: the facts' own selection, asked key by key so that the wrong one is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from trainyard.facts.azure.learning import nodes_error
from trainyard.facts.capacity import Capacity, FlexStart, OnDemand, Reserved, Spot, name
from trainyard.facts.conflicts import CONFLICTS, Asked
from trainyard.facts.images import DEFAULT_IMAGE, image_error, resolve_image
from trainyard.facts.kinds import TPU_KINDS
from trainyard.facts.machine import Shape, boot_disk_error, local_ssd_error, shape_of
from trainyard.facts.offer import Offer, load_machine_offers, load_offers
from trainyard.facts.request import Request
from trainyard.facts.selection import SelectionError, select
from trainyard.settings.aws_machines import unfit_on_aws
from trainyard.settings.azure_machines import unfit_on_azure
from trainyard.settings.gpu_vm import GpuVm
from trainyard.settings.kinds import Workload, built_on
from trainyard.settings.problem import Path, Wrong
from trainyard.settings.training_job import TrainingJob

_ANY_CAPACITY = (OnDemand(), Spot(), FlexStart(), Reserved(id="any"))


def impossible(machine: Workload, wanted: tuple[Request, ...], allowed_regions: tuple[str, ...]) -> Iterator[Wrong]:
    """What no cloud offers, once for each wrong key; `wanted` has one request for each place of `where`."""
    seen: set[Path] = set()
    types: dict[str, None] = {}  # Google Cloud's
    sizes: dict[str, None] = {}  # Azure's
    amazons: dict[str, None] = {}
    for index, request in enumerate(wanted):
        if request.cloud not in built_on(machine):
            continue
        answer = _ask(request, allowed_regions)
        found = list(_lacking_zones(("where", index), request)) if machine.where[index].zones else []
        if isinstance(answer, str) and not found:
            found = list(_lacking_fabric(machine, request))
        if isinstance(answer, str):
            found = found or list(_culprits(("where", index), request, answer))
        elif request.cloud == "gcp":
            types |= dict.fromkeys(answer)
        elif request.cloud == "azure":
            sizes |= dict.fromkeys(answer)
        elif request.cloud == "aws":
            amazons |= dict.fromkeys(answer)
        yield from ((path, text) for path, text in found if path not in seen)
        seen |= {path for path, _ in found}
    if isinstance(machine, GpuVm):
        chip = machine.accelerator.wanted.chip
        shapes = [shape_of(each, chip, machine.accelerator.count) for each in types]
        yield from _unfit_parts(machine, shapes)
        yield from _conflicting(machine, shapes)
        if sizes:
            yield from unfit_on_azure(machine, tuple(sizes))
        yield from unfit_on_aws(machine, tuple(amazons))


def _lacking_zones(at: Path, request: Request) -> Iterator[Wrong]:
    """Each zone that does not have the machine; a place of zones names exactly those to use."""
    typed = replace(request, regions=(), zones=(), capacities=_ANY_CAPACITY, fabrics=None)
    if not request.zones or isinstance(_ask(typed, ()), str):
        return
    for index, zone in enumerate(request.zones):
        answer = _ask(replace(typed, zones=(zone,)), ())
        if isinstance(answer, str):
            yield (*at, "zones", index), answer


def _lacking_fabric(machine: Workload, request: Request) -> Iterator[Wrong]:
    """Several nodes on Azure or AWS of a machine type that would do as one."""
    if isinstance(machine, TrainingJob) and request.cloud == "azure" and machine.nodes > 1 and machine.fabric is None:
        types = _ask(replace(request, fabric=None), ())
        error = None if isinstance(types, str) else nodes_error(types[0], machine.nodes)
        if error is not None:
            yield ("nodes",), error
    if not isinstance(machine, GpuVm):
        return
    if request.cloud in ("azure", "aws") and machine.nodes > 1 and machine.fabric is None:
        types = _ask(replace(request, fabric=None), ())
        if not isinstance(types, str):
            unfit = unfit_on_azure if request.cloud == "azure" else unfit_on_aws
            yield from unfit(machine, types)


def _culprits(at: Path, request: Request, whole: str) -> Iterator[Wrong]:
    """The first key whose addition leaves nothing."""
    if request.fabrics is not None and not isinstance(_ask(replace(request, fabrics=None), ()), str):
        yield ("nodes",), whole
        return
    request = replace(request, fabrics=None)
    typed = replace(request, regions=(), zones=(), capacities=_ANY_CAPACITY)
    anywhere = replace(typed, machine_type=None)
    for key, asked in (("accelerator", anywhere), ("machine_type", typed)):
        answer = _ask(asked, ())
        if isinstance(answer, str):
            yield (key,), answer
            return
    placed = replace(typed, regions=request.regions, zones=request.zones)
    if isinstance(_ask(placed, ()), str):
        yield at, whole
    else:
        yield ("capacity",), whole


@lru_cache(maxsize=4096)
def _ask(request: Request, allowed_regions: tuple[str, ...]) -> tuple[str, ...] | str:
    """The machine types that fit, the best first, or why none does."""
    try:
        found = select(request, _offers(request), allowed_regions=allowed_regions)
    except SelectionError as error:
        return _why_not(request, allowed_regions) or str(error)
    return tuple(dict.fromkeys(candidate.offer.machine_type for candidate in found.candidates))


def _offers(request: Request) -> tuple[Offer, ...]:
    return load_offers(request.cloud) if request.kind in TPU_KINDS else load_machine_offers(request.cloud)


def _why_not(request: Request, allowed_regions: tuple[str, ...]) -> str | None:
    """The reason with TPUs in view as well, which take longer to read."""
    try:
        select(request, load_offers(request.cloud), allowed_regions=allowed_regions)
    except SelectionError as error:
        return str(error)
    return None


def _unfit_parts(machine: GpuVm, shapes: list[Shape]) -> Iterator[Wrong]:
    """Disks and images that none of the machine types takes."""
    checks = {("local_ssd",): _ssd_error, ("boot_disk", "kind"): _disk_error, ("image",): _image_error}
    for path, error in checks.items():
        errors = [error(machine, each) for each in shapes]
        if errors and errors[0] is not None and all(errors):
            yield path, errors[0]


def _conflicting(machine: GpuVm, shapes: list[Shape]) -> Iterator[Wrong]:
    """The first row of the table that stands against every machine type and every way of buying it."""
    every = [_asked(machine, found, capacity) for found in shapes for capacity in machine.capacity]
    for row in CONFLICTS:
        if every and all(row.holds(asked) for asked in every):
            yield (row.key,), row.text
            return


def _asked(machine: GpuVm, found: Shape, capacity: Capacity) -> Asked:
    return Asked(
        capacity=name(capacity),
        family=found.family,
        gpus=found.gpus,
        reservation=isinstance(capacity, Reserved),
        preemptible=isinstance(capacity, Spot),
        bound=isinstance(capacity, Reserved) and (capacity.bound or found.bound),
        fabric=found.fabric,
        wanted_fabric=machine.fabric,
        nodes=machine.nodes,
    )


def _ssd_error(machine: GpuVm, found: Shape) -> str | None:
    return None if machine.local_ssd is None else local_ssd_error(found, machine.local_ssd)


def _disk_error(machine: GpuVm, found: Shape) -> str | None:
    return None if machine.boot_disk.kind is None else boot_disk_error(found, machine.boot_disk.kind)


def _image_error(machine: GpuVm, found: Shape) -> str | None:
    return image_error(resolve_image(machine.image or DEFAULT_IMAGE), found)
