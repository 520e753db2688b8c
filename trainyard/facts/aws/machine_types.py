"""Amazon's GPU machine types, one row each: what comes with them, and how they are sold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_TYPES = "EC2 API, DescribeInstanceTypes, as moto 5.2.5 has its answer (2026)"
_EFA_PAGE = "EC2 User Guide, Maximize network bandwidth on instances with multiple network cards (read 2026-11-24)"
_SOLD = ("on-demand", "spot", "reserved")
_SOLD_IN_BLOCKS = (*_SOLD, "block")


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a machine type fixes. Its instance store comes with it and is encrypted by itself."""

    machine_type: str
    gpu: str  # as `nvidia-smi` and the catalogue name it: "A10G"
    gpus: int
    stores: int = 0  # NVMe disks of the instance store
    store_gb: int = 0  # of each
    cards: int = 1  # network cards
    efas: int = 0  # EFA interfaces at most
    efa_from: int = 0  # the first card that takes EFA
    capacities: tuple[str, ...] = _SOLD
    architecture: str = "x86_64"
    source: str = _TYPES

    @property
    def family(self) -> str:
        """ "p5" of "p5.48xlarge"."""
        return self.machine_type.partition(".")[0]

    @property
    def fabric(self) -> str:
        """Between machines: "efa" or "none"."""
        return "efa" if self.efas else "none"

    @property
    def fabric_cards(self) -> tuple[tuple[int, int], ...]:
        """Card and device index of each `efa-only` interface; the primary one, plain ENA, is card 0, device 0."""
        first = [(0, 1)] if self.efas and self.efa_from == 0 else []
        further = [(card, 0) for card in range(1, self.cards)] if self.efas else []
        return tuple((first + further)[: self.efas])


def machine_types() -> Iterator[Shape]:
    """Every GPU machine type that the catalogue's offers name."""
    for rows in (_g4dn(), _g5(), _g6(), _g7e(), _p()):
        yield from rows


def _g4dn() -> Iterator[Shape]:
    rows = (
        ("xlarge", 1, 1, 125, 0),
        ("2xlarge", 1, 1, 225, 0),
        ("4xlarge", 1, 1, 225, 0),
        ("8xlarge", 1, 1, 900, 1),
        ("12xlarge", 4, 1, 900, 1),
        ("16xlarge", 1, 1, 900, 1),
        ("metal", 8, 2, 900, 1),
    )
    for size, gpus, stores, gb, efas in rows:
        yield Shape(machine_type=f"g4dn.{size}", gpu="T4", gpus=gpus, stores=stores, store_gb=gb, efas=efas)


def _g5() -> Iterator[Shape]:
    rows = (
        ("xlarge", 1, 1, 250, 0),
        ("2xlarge", 1, 1, 450, 0),
        ("4xlarge", 1, 1, 600, 0),
        ("8xlarge", 1, 1, 900, 1),
        ("12xlarge", 4, 1, 3800, 1),
        ("16xlarge", 1, 1, 1900, 1),
        ("24xlarge", 4, 1, 3800, 1),
        ("48xlarge", 8, 2, 3800, 1),
    )
    for size, gpus, stores, gb, efas in rows:
        yield Shape(machine_type=f"g5.{size}", gpu="A10G", gpus=gpus, stores=stores, store_gb=gb, efas=efas)
    for size, gpus in (("xlarge", 1), ("2xlarge", 1), ("4xlarge", 1), ("8xlarge", 1), ("16xlarge", 2), ("metal", 2)):
        yield Shape(machine_type=f"g5g.{size}", gpu="T4G", gpus=gpus, architecture="arm64")


def _g6() -> Iterator[Shape]:
    rows = (
        ("g6.xlarge", 1, 1, 250, 0),
        ("g6.2xlarge", 1, 1, 450, 0),
        ("g6.4xlarge", 1, 1, 600, 0),
        ("g6.8xlarge", 1, 2, 450, 1),
        ("g6.12xlarge", 4, 4, 940, 1),
        ("g6.16xlarge", 1, 2, 940, 1),
        ("g6.24xlarge", 4, 4, 940, 1),
        ("g6.48xlarge", 8, 8, 940, 1),
        ("gr6.4xlarge", 1, 1, 600, 0),
        ("gr6.8xlarge", 1, 2, 450, 1),
    )
    for name, gpus, stores, gb, efas in rows:
        yield Shape(machine_type=name, gpu="L4", gpus=gpus, stores=stores, store_gb=gb, efas=efas)
    l40s = (
        ("g6e.xlarge", 1, 1, 250, 0),
        ("g6e.2xlarge", 1, 1, 450, 0),
        ("g6e.4xlarge", 1, 1, 600, 0),
        ("g6e.8xlarge", 1, 2, 450, 1),
        ("g6e.12xlarge", 4, 2, 1900, 1),
        ("g6e.16xlarge", 1, 2, 950, 1),
        ("g6e.24xlarge", 4, 2, 1900, 2),
        ("g6e.48xlarge", 8, 4, 1900, 4),
    )
    for name, gpus, stores, gb, efas in l40s:
        yield Shape(machine_type=name, gpu="L40S", gpus=gpus, stores=stores, store_gb=gb, cards=max(efas, 1), efas=efas)


def _g7e() -> Iterator[Shape]:
    rows = (
        ("2xlarge", 1, 1, 1900, 0),
        ("4xlarge", 1, 1, 1900, 0),
        ("8xlarge", 1, 1, 1900, 1),
        ("12xlarge", 2, 1, 3800, 1),
        ("24xlarge", 4, 2, 3800, 2),
        ("48xlarge", 8, 4, 3800, 4),
    )
    for size, gpus, stores, gb, efas in rows:
        yield Shape(
            machine_type=f"g7e.{size}",
            gpu="RTX-PRO-6000",
            gpus=gpus,
            stores=stores,
            store_gb=gb,
            cards=max(efas, 1),
            efas=efas,
        )


def _p() -> Iterator[Shape]:
    yield Shape(machine_type="p3dn.24xlarge", gpu="V100", gpus=8, stores=2, store_gb=900, efas=1)
    # machine type, GPU, GPUs, disks, GB of each, cards, EFA interfaces, the first card that takes them
    rows = (
        ("p4d.24xlarge", "A100", 8, 8, 1000, 4, 4, 0),
        ("p4de.24xlarge", "A100", 8, 8, 1000, 4, 4, 0),
        ("p5.4xlarge", "H100", 1, 1, 3800, 1, 1, 0),
        ("p5.48xlarge", "H100", 8, 8, 3800, 32, 32, 0),
        ("p5e.48xlarge", "H200", 8, 8, 3800, 32, 32, 0),
        ("p5en.48xlarge", "H200", 8, 8, 3800, 16, 16, 0),
        ("p6-b200.48xlarge", "B200", 8, 8, 3800, 8, 8, 0),
        ("p6-b300.48xlarge", "B300", 8, 8, 3800, 17, 16, 1),
    )
    for name, gpu, gpus, stores, gb, cards, efas, efa_from in rows:
        yield Shape(
            machine_type=name,
            gpu=gpu,
            gpus=gpus,
            stores=stores,
            store_gb=gb,
            cards=cards,
            efas=efas,
            efa_from=efa_from,
            capacities=_SOLD_IN_BLOCKS,
            source=f"{_TYPES}; {_EFA_PAGE}",
        )
