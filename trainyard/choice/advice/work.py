"""How much there is to compute, and how fast accelerators do it: peaks of the vendors, utilisation as a range."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from trainyard.choice.advice.run import Run
from trainyard.facts.accelerator import Accelerator

_DATA = Path(__file__).parent / "data"
TPU = "tpu"


@dataclass(frozen=True, kw_only=True)
class Peak:
    """What a vendor says one accelerator does at most, dense, in 16 bits."""

    format: str  # bf16, or fp16 where the chip has no BF16
    tflops: float
    watts: int | None  # its own, without the machine around it; None: not published
    source: str


@dataclass(frozen=True, kw_only=True)
class Utilisation:
    """The share of the peak that runs were measured to reach, of the model's own FLOPs (MFU)."""

    low: float
    high: float
    measured_on: tuple[str, ...]
    source: str


def flops_per_token(run: Run) -> float:
    """FLOPs of the model itself for one token, forth and back; work that is done twice does not count.

    Full: 6 a parameter (Kaplan et al., arXiv:2001.08361, section 2.1) and 12 × layers × width × sequence for
    attention (PaLM, arXiv:2204.02311, appendix B). Frozen weights need no gradients of their own, so LoRA and QLoRA
    have 4 a parameter, 6 of each adapter's, and the same attention. Of experts, those that a token passes count.
    """
    model = run.model
    attention = 12 * model.layers * model.hidden * run.sequence
    if run.method == "full":
        return 6 * model.active_params + attention
    return 4 * model.active_params + 6 * model.adapter_params(run.rank) + attention


def flops(run: Run) -> float:
    """Of the whole run."""
    return flops_per_token(run) * run.tokens


def peak(accelerator: Accelerator) -> Peak | None:
    """Of one accelerator; None where no vendor's figure is stored."""
    return _peaks().get((accelerator.chip, accelerator.form)) or _peaks().get((accelerator.chip, ""))


def scale(accelerators: int, machines: int) -> str:
    """How far a run is spread: one accelerator, one machine (or TPU slice), or several machines."""
    return "machines" if machines > 1 else "machine" if accelerators > 1 else "one"


def utilisation(run: Run, accelerator: Accelerator, scale_: str) -> Utilisation | None:
    """What was measured of the method at that scale; None where nobody published any."""
    family = TPU if accelerator.form == TPU else "gpu"
    found = [row for key, row in _utilisations() if key[:3] == (run.method, scale_, family) and key[3] <= run.sequence]
    return found[-1] if found else None


@cache
def _peaks() -> dict[tuple[str, str], Peak]:
    with (_DATA / "peaks.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["chip"], row["form"]): Peak(
                format=row["format"],
                tflops=float(row["tflops"]),
                watts=int(row["watts"]) if row["watts"] else None,
                source=row["source"],
            )
            for row in csv.DictReader(file)
        }


@cache
def _utilisations() -> tuple[tuple[tuple[str, str, str, int], Utilisation], ...]:
    """In the file's order, which goes up by sequence length."""
    with (_DATA / "utilisation.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            (
                (row["method"], row["scale"], row["family"], int(row["sequence_from"])),
                Utilisation(
                    low=float(row["low"]),
                    high=float(row["high"]),
                    measured_on=tuple(row["measured_on"].split()),
                    source=row["source"],
                ),
            )
            for row in csv.DictReader(file)
        )
