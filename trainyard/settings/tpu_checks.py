"""What no TPU can be: slices that do not exist, and keys of the API that does not make them."""

from __future__ import annotations

from collections.abc import Iterator

from trainyard.facts.capacity import FlexStart, Queued, name
from trainyard.facts.expiry import format_duration
from trainyard.facts.images import ImageError
from trainyard.facts.tpu import TpuError, generation, runtime_error
from trainyard.facts.tpu_images import tpu_image
from trainyard.facts.tpu_slice import slice_of
from trainyard.settings.base import Base
from trainyard.settings.data import kind_of
from trainyard.settings.lease import Lease
from trainyard.settings.problem import Wrong
from trainyard.settings.tpu_node import TpuNode


def tpu_breaches(machine: TpuNode, lease: Lease | None, base: Base | None) -> Iterator[Wrong]:
    """The wrong keys of one workload; paths begin under it."""
    wrong = list(_no_such_slice(machine))
    yield from wrong
    if wrong:
        return
    for index, place in enumerate(machine.where):
        if place.cloud != "gcp":
            yield ("where", index, "cloud"), f"{place.cloud} has no TPUs; give cloud: gcp, or another kind."
    yield from _queue(machine, lease)
    yield from _for_the_other_api(machine)
    yield from _image(machine)
    yield from _data(machine, base)


def _no_such_slice(machine: TpuNode) -> Iterator[Wrong]:
    """The first key whose addition leaves no slice."""
    try:
        of = generation(machine.accelerator.wanted.chip)
    except TpuError:
        name_ = machine.accelerator.name
        yield ("accelerator",), f'"{name_}" is no TPU, which a tpu-node has; use kind gpu-vm for GPUs.'
        return
    steps = (
        ("accelerator", None, None),
        ("topology", machine.topology, None),
        ("machine_type", machine.topology, machine.machine_type if of.machine_types else None),
    )
    for key, topology, machine_type in steps:
        try:
            slice_of(of.chip, int(machine.accelerator.count), topology, machine_type)
        except TpuError as error:
            yield (key,), str(error)
            return


def _queue(machine: TpuNode, lease: Lease | None) -> Iterator[Wrong]:
    for index, capacity in enumerate(machine.capacity):
        if isinstance(capacity, Queued) and lease is not None and capacity.valid_until >= lease.ttl:
            given, ttl = format_duration(capacity.valid_until), format_duration(lease.ttl)
            yield (
                ("capacity", index),
                f"valid_until {given} leaves nothing of lease.ttl {ttl}, for waiting counts; give it below {ttl}.",
            )
        if isinstance(capacity, FlexStart) and capacity != FlexStart(usd_hour=capacity.usd_hour):
            yield (
                ("capacity", index),
                "Google's provider cannot set how long a flex-start TPU waits, so the cloud's own time holds; leave "
                "max_wait out.",
            )


def _for_the_other_api(machine: TpuNode) -> Iterator[Wrong]:
    chip = machine.slice.generation.chip
    nodes = [capacity for capacity in machine.capacity if machine.by_cloud_tpu(capacity)]
    machines = [capacity for capacity in machine.capacity if not machine.by_cloud_tpu(capacity)]
    bought = ", ".join(dict.fromkeys(name(capacity) for capacity in machine.capacity))
    if not machines:
        for key in ("image", "boot_disk", "machine_type"):
            if getattr(machine, key) is not None:
                text = f"{chip} bought as {bought} is a node of the Cloud TPU API, which takes no {key}; leave it out."
                yield (key,), text
    if nodes and machine.access:
        yield (
            ("access",),
            f"{chip} bought as {name(nodes[0])} is a node of the Cloud TPU API, which grants a login on one node to "
            "nobody; leave access out, and grant roles/tpu.admin or roles/tpu.viewer with OS Login in the project.",
        )
    if machine.runtime_version is None:
        return
    if not nodes:
        yield ("runtime_version",), f"{chip} bought as {bought} is a machine of Compute Engine; give image instead."
    elif error := runtime_error(chip, machine.runtime_version):
        yield ("runtime_version",), error


def _image(machine: TpuNode) -> Iterator[Wrong]:
    of = machine.slice.generation
    if not of.machine_types:
        return
    try:
        tpu_image(of, machine.image)
    except ImageError as error:
        yield ("image",), str(error)
    kind = machine.boot_disk.kind if machine.boot_disk else None
    if kind is not None and kind not in of.boot_disks:
        yield ("boot_disk", "kind"), f'{of.chip} cannot boot from "{kind}"; allowed are {", ".join(of.boot_disks)}.'


def _data(machine: TpuNode, base: Base | None) -> Iterator[Wrong]:
    has = base.gcp.data if base and base.gcp else {}
    for data, use in machine.data.items():
        if data not in has or kind_of(has[data]) != "disk":
            continue
        if any(machine.by_cloud_tpu(capacity) for capacity in machine.capacity):
            text = "is a disk, which a node of the Cloud TPU API attaches under no name of ours; name a bucket."
            yield ("data", data), text
        elif use == "write" and machine.slice.hosts > 1:
            text = f"is a disk, which {machine.slice.hosts} hosts cannot all write to; give read, or name a bucket."
            yield ("data", data), text
