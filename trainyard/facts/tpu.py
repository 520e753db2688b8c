"""Google Cloud's generations of TPU: their topologies, hosts and capacities, and which of its two APIs makes them.

Compute Engine makes v5p, v6e and TPU7x as machines; the older Cloud TPU API, which Google keeps but no longer extends,
makes v2 to v6e as nodes. Sources: cloud.google.com/tpu/docs (tpus-in-compute-engine, tpus-and-migs, runtimes, v2 to
tpu7x), cloud.google.com/compute/docs/tpus, cloud.google.com/kubernetes-engine/docs/concepts/plan-tpus, and the
descriptions of tpu.v2 (revision 20261001) and compute.v1 (20261106).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

COMPUTE_ENGINE = "compute-engine"
CLOUD_TPU = "cloud-tpu"
_ALL = ("on-demand", "spot", "flex-start", "reserved", "queued")
_NODES = ("on-demand", "spot", "reserved", "queued")  # flex-start nodes exist in tpu.v2alpha1 only
_MACHINES = ("on-demand", "spot", "flex-start", "reserved")
_PD = ("pd-balanced", "pd-ssd")
_HYPERDISK = ("hyperdisk-balanced",)


class TpuError(ValueError):
    """A slice that does not exist; the text says what was given, what there is, and what to give."""


@dataclass(frozen=True, kw_only=True)
class Generation:
    """One generation of TPU."""

    chip: str  # "v6e", as the offers and stack files name it
    dimensions: int
    topologies: tuple[str, ...]  # the small ones, each with the hosts' default first for its number of chips
    most_chips: int  # of larger 3D slices, whose edges are multiples of 4; 0 where `topologies` is all
    single_host: tuple[int, ...]  # chips that one host can have as a whole slice
    slice_name: str  # of the Cloud TPU API, before the number: "v5litepod"
    cores_in_name: int  # what the number counts for one chip
    api_type: str | None = None  # AcceleratorConfig.type; None: the Cloud TPU API does not have it
    runtime: str | None = None
    machine_types: Mapping[int, str] = field(default_factory=dict)  # Compute Engine's, by chips of the machine
    image_family: str | None = None  # in ubuntu-os-accelerator-images
    boot_disks: tuple[str, ...] = ()  # of the machine types, the default first
    capacities: tuple[str, ...] = _NODES
    unverified: tuple[str, ...] = ()  # fields that no stored page of Google's confirmed

    @property
    def chips_per_host(self) -> int:
        """Of slices with several hosts; every generation has four."""
        return 4

    @property
    def made_by(self) -> str:
        """The API that makes it unless it is asked for through the queue."""
        return COMPUTE_ENGINE if self.machine_types else CLOUD_TPU


_FLAT = ("1x1", "2x2", "2x4", "4x4", "4x8", "8x8", "8x16", "16x16")
_SMALL_3D = ("2x2x1", "2x2x2", "2x2x4", "2x4x4")
_TPU_IMAGE = "ubuntu-accel-2204-amd64-tpu-v5e-v5p-v6e"

GENERATIONS: dict[str, Generation] = {
    each.chip: each
    for each in (
        Generation(
            chip="v2",
            dimensions=2,
            topologies=("2x2", "4x4", "8x8", "8x16", "16x16"),
            most_chips=0,
            single_host=(4,),
            slice_name="v2",
            cores_in_name=2,
            api_type="V2",
            runtime="tpu-ubuntu2204-base",
            unverified=("topologies",),
        ),
        Generation(
            chip="v3",
            dimensions=2,
            topologies=("2x2", "4x4", "4x8", "8x8", "8x16", "16x16", "16x32", "32x32"),
            most_chips=0,
            single_host=(4,),
            slice_name="v3",
            cores_in_name=2,
            api_type="V3",
            runtime="tpu-ubuntu2204-base",
            unverified=("topologies",),
        ),
        Generation(
            chip="v4",
            dimensions=3,
            topologies=_SMALL_3D,
            most_chips=4096,
            single_host=(4,),
            slice_name="v4",
            cores_in_name=2,
            api_type="V4",
            runtime="tpu-ubuntu2204-base",
            unverified=("most_chips",),
        ),
        Generation(
            chip="v5e",
            dimensions=2,
            topologies=_FLAT,
            most_chips=0,
            single_host=(1, 4, 8),
            slice_name="v5litepod",
            cores_in_name=1,
            api_type="V5LITE_POD",
            runtime="v2-alpha-tpuv5-lite",
        ),
        Generation(
            chip="v5p",
            dimensions=3,
            topologies=("1x1x1", "2x1x1", *_SMALL_3D),
            most_chips=6144,
            single_host=(1, 2, 4),
            slice_name="v5p",
            cores_in_name=2,
            api_type="V5P",
            runtime="v2-alpha-tpuv5",
            machine_types={chips: f"ct5p-hightpu-{chips}t" for chips in (1, 2, 4)},
            image_family=_TPU_IMAGE,
            boot_disks=_PD,
            capacities=_ALL,
            unverified=("boot_disks", "capacities"),
        ),
        Generation(
            chip="v6e",
            dimensions=2,
            topologies=_FLAT,
            most_chips=0,
            single_host=(1, 4, 8),
            slice_name="v6e",
            cores_in_name=1,
            api_type="V6E",
            runtime="v2-alpha-tpuv6e",
            machine_types={chips: f"ct6e-standard-{chips}t" for chips in (1, 4, 8)},
            image_family=_TPU_IMAGE,
            boot_disks=_HYPERDISK,
            capacities=_ALL,
            unverified=("boot_disks",),
        ),
        Generation(
            chip="tpu7x",
            dimensions=3,
            topologies=_SMALL_3D,
            most_chips=9216,
            single_host=(4,),
            slice_name="tpu7x",
            cores_in_name=2,
            machine_types={4: "tpu7x-standard-4t"},
            image_family="ubuntu-accel-2404-amd64-tpu-tpu7x",
            boot_disks=_HYPERDISK,
            capacities=_MACHINES,
            unverified=("boot_disks", "capacities", "most_chips"),
        ),
    )
}


def generation(chip: str) -> Generation:
    """The facts of a TPU; TpuError when it is none."""
    if found := GENERATIONS.get(chip.removeprefix("tpu-")):
        return found
    message = f'"{chip}" is no TPU; TPUs are {", ".join(GENERATIONS)}; give one of them.'
    raise TpuError(message)


def of_machine_type(machine_type: str) -> tuple[Generation, int] | None:
    """Generation and chips of one of Compute Engine's TPU machine types; None for any other."""
    for each in GENERATIONS.values():
        for chips, name in each.machine_types.items():
            if name == machine_type:
                return each, chips
    return None


def of_slice_name(name: str) -> Generation | None:
    """The generation of an offer or of the Cloud TPU API's "v5litepod-8"; None for any other name."""
    prefix, _, number = name.rpartition("-")
    if not number.isdecimal():
        return None
    return next((each for each in GENERATIONS.values() if each.slice_name == prefix), None)


def not_built(cloud: str, name: str) -> str | None:
    """Why no tpu-node can be built of what an offer names so; None when one can."""
    if cloud != "gcp":
        return f"{cloud} has no TPUs; they are Google Cloud's"
    return None if of_slice_name(name) else f"{name} has GPUs; use kind gpu-vm"


def not_sold(name: str, capacity: str) -> str | None:
    """Why a slice "v5litepod-8" is not sold as that capacity; None when it is or nothing is known against it."""
    of = of_slice_name(name)
    if of is None or capacity in of.capacities:
        return None
    return f"not sold as {capacity}, only as {', '.join(of.capacities)}"


def runtime_error(chip: str, runtime: str) -> str | None:
    """None when the runtime version is of this generation, else the error."""
    of = generation(chip)
    if of.runtime is None:
        return f"{of.chip} is made by Compute Engine, which takes an image and no runtime version; leave it out."
    if runtime == of.runtime or (of.chip in _TENSORFLOW and re.fullmatch(r"tpu-vm-(tf-[a-z0-9.-]+|base)", runtime)):
        return None
    owner = [each.chip for each in GENERATIONS.values() if each.runtime == runtime]
    what = f"is of {', '.join(owner)}" if owner else "is none that is known"
    return f'runtime version "{runtime}" {what}; {of.chip} takes "{of.runtime}"; give that, or leave it out.'


_TENSORFLOW = ("v2", "v3", "v4")  # cloud.google.com/tpu/docs/runtimes, TensorFlow: those that tpu-vm-tf-… are for
