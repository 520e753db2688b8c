"""Accelerators by chip, memory, form and fabric; the clouds' and catalogues' mixed names are aliases."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).parent / "data" / "accelerators.csv"
_SHARES = ("0.125", "0.25", "0.5")
UNVERIFIED = "unverified"  # where no source tells the form or fabric; matches no request that names one


class AcceleratorError(ValueError):
    """Text that names no accelerator."""


@dataclass(frozen=True, kw_only=True)
class Accelerator:
    """One kind of chip as one cloud builds it in."""

    chip: str  # "H100"
    memory_gib: int
    form: str  # sxm, pcie, nvl, oam, superchip, tpu
    fabric: str  # between machines: gpudirect-tcpx, gpudirect-tcpxo, roce, efa, infiniband, ici, none


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a name asks for; None leaves it open."""

    chip: str
    memory_gib: int | None = None
    form: str | None = None
    fabric: str | None = None


_ALIASES = {
    "A100-40GB": Wanted(chip="A100", memory_gib=40),
    "A100-80GB": Wanted(chip="A100", memory_gib=80),
    "H100-80GB": Wanted(chip="H100", memory_gib=80),
    "H100-MEGA-80GB": Wanted(chip="H100", memory_gib=80, form="sxm", fabric="gpudirect-tcpxo"),
    "H100-NVL-94GB": Wanted(chip="H100", memory_gib=94, form="nvl"),
    "V100-16GB": Wanted(chip="V100", memory_gib=16),
    "V100-32GB": Wanted(chip="V100", memory_gib=32),
    "RTXPRO6000": Wanted(chip="RTX-PRO-6000"),
    "RTX6000": Wanted(chip="Quadro-RTX-6000"),
    "nvidia-l4": Wanted(chip="L4"),
    "nvidia-tesla-t4": Wanted(chip="T4"),
    "nvidia-tesla-p4": Wanted(chip="P4"),
    "nvidia-tesla-p100": Wanted(chip="P100"),
    "nvidia-tesla-v100": Wanted(chip="V100", memory_gib=16),
    "nvidia-tesla-a100": Wanted(chip="A100", memory_gib=40),
    "nvidia-a100-80gb": Wanted(chip="A100", memory_gib=80),
    "nvidia-h100-80gb": Wanted(chip="H100", memory_gib=80, form="sxm"),
    "nvidia-h100-mega-80gb": Wanted(chip="H100", memory_gib=80, form="sxm", fabric="gpudirect-tcpxo"),
    "nvidia-h200-141gb": Wanted(chip="H200"),
    "nvidia-b200": Wanted(chip="B200"),
    "nvidia-rtx-pro-6000": Wanted(chip="RTX-PRO-6000"),
    "tpu-v2": Wanted(chip="v2"),
    "tpu-v3": Wanted(chip="v3"),
    "tpu-v4": Wanted(chip="v4"),
    "tpu-v5e": Wanted(chip="v5e"),
    "tpu-v5p": Wanted(chip="v5p"),
    "tpu-v6e": Wanted(chip="v6e"),
    "tpu-tpu7x": Wanted(chip="tpu7x"),
}


@cache
def accelerators() -> dict[str, Accelerator]:
    """Every accelerator of the offers by the id that their rows use."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return {
            key: Accelerator(chip=chip, memory_gib=int(memory), form=form, fabric=fabric)
            for key, chip, memory, form, fabric in list(csv.reader(file))[1:]
        }


@cache
def names() -> dict[str, Wanted]:
    """Chips and aliases, and what each asks for."""
    chips = {row.chip: Wanted(chip=row.chip) for row in accelerators().values()}
    return {**chips, **_ALIASES}


@cache
def _by_lower() -> dict[str, str]:
    return {name.lower(): name for name in names()}


def resolve(name: str) -> Wanted:
    """What a chip's name or an alias asks for, upper or lower case; AcceleratorError with the nearest names."""
    if known := _by_lower().get(name.lower()):
        return names()[known]
    raise AcceleratorError(_unknown(name))


def parse(text: str) -> tuple[str, float]:
    """("H100", 8) from "H100:8", count 1 when left out; an alias stays one, `resolve` tells what it narrows.

    A count may be the share of one chip that a machine has: "RTX-PRO-6000:0.25".
    """
    name, colon, count = text.partition(":")
    known = _by_lower().get(name.lower())
    if known is None:
        raise AcceleratorError(_unknown(name))
    if not colon:
        return known, 1
    if count in _SHARES:
        return known, float(count)
    if not re.fullmatch(r"[1-9][0-9]{0,5}", count, re.ASCII):
        message = f'"{text}": "{count}" is no count; give the chips of one machine as a whole number: "{known}:8".'
        raise AcceleratorError(message)
    return known, int(count)


def _unknown(name: str) -> str:
    from difflib import get_close_matches  # only an error pays for it

    near = get_close_matches(name.lower(), _by_lower(), n=3, cutoff=0.5)
    chips = sorted({wanted.chip for wanted in names().values()})
    guesses = " or ".join(_by_lower()[word] for word in near)
    hint = f"did you mean {guesses}?" if near else 'give one, for example "H100:8".'
    return f'no accelerator is named "{name}"; chips are {", ".join(chips)}; {hint}'
