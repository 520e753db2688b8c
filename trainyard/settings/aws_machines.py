"""What a gpu-vm on AWS asks for that none of its machine types can be: images, and what cannot be at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trainyard.facts.aws.conflicts import Asked, conflicts
from trainyard.facts.aws.images import image_error, resolve_image
from trainyard.facts.aws.machine import SHAPES
from trainyard.facts.aws.machine_types import Shape
from trainyard.facts.capacity import Reserved, name
from trainyard.facts.conflict_row import common
from trainyard.settings.gpu_vm import GpuVm
from trainyard.settings.problem import Wrong


def unfit_on_aws(machine: GpuVm, types: Sequence[str]) -> Iterator[Wrong]:
    """`types`: those that fit otherwise; only what stands against every one of them is wrong."""
    shapes = [SHAPES[each] for each in types if each in SHAPES]
    if not shapes:
        return
    if machine.image is not None:
        errors = [_image_error(machine.image, each) for each in shapes]
        if errors[0] is not None and all(errors):
            yield ("image",), errors[0]
    every = [conflicts(_asked(machine, each, way)) for each in shapes for way in range(len(machine.capacity))]
    row = next(common(every), None)
    if row is not None:
        yield (row.key,), row.text


def _asked(machine: GpuVm, found: Shape, way: int) -> Asked:
    capacity = machine.capacity[way]
    return Asked(
        machine=found,
        capacity=name(capacity),
        nodes=machine.nodes,
        wanted_fabric=machine.fabric,
        bound=isinstance(capacity, Reserved) and capacity.bound,
    )


def _image_error(text: str, found: Shape) -> str | None:
    try:
        return image_error(resolve_image(text), found)
    except ValueError:
        return None  # told by itself
