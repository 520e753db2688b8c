"""What a gpu-vm on Azure asks for that none of its sizes can be: images, and the table of what cannot be at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trainyard.facts.azure.conflicts import Asked, conflicts
from trainyard.facts.azure.images import image_error, resolve_image
from trainyard.facts.azure.machine_types import SIZES, Size
from trainyard.facts.capacity import Reserved, name
from trainyard.facts.conflict_row import common
from trainyard.settings.gpu_vm import GpuVm
from trainyard.settings.problem import Wrong


def unfit_on_azure(machine: GpuVm, types: Sequence[str]) -> Iterator[Wrong]:
    """`types`: the sizes that fit otherwise; only what stands against every one of them is wrong."""
    sizes = [SIZES[each] for each in types if each in SIZES]
    if not sizes:
        return
    if machine.image is not None:
        errors = [_image_error(machine, each) for each in sizes]
        if errors[0] is not None and all(errors):
            yield ("image",), errors[0]
    every = [conflicts(_asked(machine, each, way)) for each in sizes for way in range(len(machine.capacity))]
    row = next(common(every), None)
    if row is not None:
        yield (row.key,), row.text


def _asked(machine: GpuVm, found: Size, way: int) -> Asked:
    capacity = machine.capacity[way]
    return Asked(
        machine=found,
        capacity=name(capacity),
        nodes=machine.nodes,
        wanted_fabric=machine.fabric,
        bound=isinstance(capacity, Reserved) and capacity.bound,
    )


def _image_error(machine: GpuVm, found: Size) -> str | None:
    try:
        image = resolve_image(machine.image or "")
    except ValueError:
        return None  # told by itself
    if machine.nodes > 1 and image.infiniband is False:
        return f"{image.urn} brings no drivers for InfiniBand; leave image out, or give one of your own that has them."
    return image_error(image, found)
