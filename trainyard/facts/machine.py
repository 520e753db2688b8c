"""Google Cloud's GPU machines: what each brings, allows and is sold as, and why one is refused."""

from __future__ import annotations

import re

from trainyard.facts.machine_shape import LOCAL_SSD_GIB, BundledSsd, OptionalSsd, Shape
from trainyard.facts.machine_types import ATTACHABLE, N1_GIB_PER_VCPU, attached, built_in

__all__ = ["LOCAL_SSD_GIB", "BundledSsd", "OptionalSsd", "Shape"]

SHAPES: dict[str, Shape] = {row.machine_type: row for row in built_in()}
_N1 = re.compile(r"n1-(standard|highmem|highcpu)-(1|2|4|8|16|32|64|96)")
_OF_CHIP = {each.chip: each.gpu_type for each in ATTACHABLE.values()}
_ARM = "is arm64 with Grace CPUs, comes by reservation only, and needs another network and topology"
REFUSED = {
    "a4x-highgpu-4g": f"A4X (GB200) {_ARM}: it is not built; take a4-highgpu-8g (B200) or a3-ultragpu-8g (H200)",
    "a4x-maxgpu-4g-metal": f"A4X Max (GB300) {_ARM}, on bare metal: it is not built; take a4-highgpu-8g (B200)",
    "a3-edgegpu-8g": "A3 Edge is sold in few zones and not in the catalogue: it is not built; take a3-highgpu-8g",
}
# Chips that Google Cloud sells only in machine types that are not built.
REFUSED_CHIPS = {"GB200": REFUSED["a4x-highgpu-4g"], "GB300": REFUSED["a4x-maxgpu-4g-metal"]}


def shape(machine_type: str, gpu_type: str = "", gpus: int = 0) -> Shape:
    """The facts of a machine type; an N1 machine is told with its GPUs. ValueError when there is none such."""
    if found := SHAPES.get(machine_type):
        if gpu_type and (gpu_type, gpus) != (found.gpu_type, found.gpus):
            message = f"{machine_type} comes with {found.gpus} of {found.gpu_type}; leave the GPUs out."
            raise ValueError(message)
        return found
    if not machine_type.startswith("n1-"):
        known = f"known are {', '.join(SHAPES)}, and N1 with GPUs attached"
        message = f'"{machine_type}" is no GPU machine type that Trainyard knows; {known}.'
        raise ValueError(REFUSED.get(machine_type, message))
    if error := attach_error(machine_type, gpu_type, gpus):
        raise ValueError(error)
    return attached(machine_type, gpu_type, gpus)


def shape_of(machine_type: str, chip: str, count: float) -> Shape:
    """The facts of an offer's machine: its type with `count` of a chip ("T4")."""
    if machine_type in SHAPES:
        return SHAPES[machine_type]
    return shape(machine_type, _OF_CHIP.get(chip, chip), int(count))


def attach_error(machine_type: str, gpu_type: str, gpus: int) -> str | None:
    """None when an N1 machine takes so many of the GPU, else the error."""
    size = _N1.fullmatch(machine_type)
    if size is None:
        return f"{machine_type} takes no GPUs; give n1-standard, n1-highmem or n1-highcpu with 1 to 96 vCPUs."
    rule = ATTACHABLE.get(gpu_type)
    if rule is None:
        return f'{machine_type} takes no "{gpu_type}"; N1 machines take {", ".join(ATTACHABLE)}.'
    limits = {count: (vcpus, gib) for count, vcpus, gib in rule.most}
    if gpus not in limits:
        counts = ", ".join(str(count) for count in limits)
        return f"{machine_type} takes {counts} of {gpu_type}, {gpus} were asked for; give one of these counts."
    vcpus, gib = int(size[2]), int(size[2]) * N1_GIB_PER_VCPU[size[1]]
    most_vcpus, most_gib = limits[gpus]
    if vcpus > most_vcpus or gib > most_gib:
        return (
            f"{machine_type} has {vcpus} vCPUs and {gib:g} GiB; with {gpus} of {gpu_type} an N1 machine has at most "
            f"{most_vcpus} vCPUs and {most_gib} GiB; take more GPUs, or a smaller machine."
        )
    return None


def not_built(cloud: str, machine_type: str) -> str | None:
    """Why a gpu-vm of this type cannot be built yet; None when it can."""
    if cloud != "gcp":
        return f"gpu-vm is not built yet on {cloud}, only on gcp"
    if machine_type in SHAPES or _N1.fullmatch(machine_type):
        return None
    return REFUSED.get(machine_type, "this machine type has no GPUs that Trainyard knows; leave machine_type out")


def not_sold(cloud: str, machine_type: str, capacity: str) -> str | None:
    """Why the cloud does not sell this type as that capacity; None when it does or nothing is known against it."""
    sold = sold_as(machine_type) if cloud == "gcp" else ()
    if not sold or capacity in sold:
        return None
    return f"not sold as {capacity}, only as {', '.join(sold)}"


def sold_as(machine_type: str) -> tuple[str, ...]:
    """The names of the capacities that the type is sold as; empty where that is not known."""
    if found := SHAPES.get(machine_type):
        return found.capacities
    return attached(machine_type, "", 0).capacities if _N1.fullmatch(machine_type) else ()


def cannot_stop(cloud: str, machine_type: str) -> str | None:
    """Why `at_limit: stop` ends such a machine instead; None when it can be stopped and started again."""
    found = SHAPES.get(machine_type) if cloud == "gcp" else None
    if found and isinstance(found.local_ssd, BundledSsd):
        return f"{machine_type} loses its {found.local_ssd.count} bundled local SSDs at a stop, so it is ended"
    return None


def local_ssd_error(found: Shape, count: int) -> str | None:
    """None when this many local SSDs can be had, else the error."""
    match found.local_ssd:
        case BundledSsd(count=bundled):
            if count == bundled:
                return None
            return (
                f"{found.machine_type} always has {bundled} local SSDs of {LOCAL_SSD_GIB} GiB, {count} were asked for; "
                f"leave local_ssd out."
            )
        case OptionalSsd(counts=counts):
            if count in counts:
                return None
            allowed = ", ".join(str(number) for number in counts)
            return f"{found.machine_type} takes {allowed} local SSDs, {count} were asked for; give one of these counts."


def boot_disk_error(found: Shape, kind: str) -> str | None:
    """None when the machine type boots from this kind of disk, else the error."""
    if kind in found.boot_disks:
        return None
    return (
        f'{found.machine_type} cannot boot from "{kind}"; allowed are {", ".join(found.boot_disks)}; '
        f"leave the kind out for {found.boot_disks[0]}."
    )
