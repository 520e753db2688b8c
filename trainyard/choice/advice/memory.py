"""Memory of training, per accelerator; GB are 10^9 bytes, as the accelerators' own figures are taken."""

from __future__ import annotations

from dataclasses import dataclass

from trainyard.choice.advice.models import Model
from trainyard.choice.advice.run import Checkpointing, Run

GB = 10**9
RESERVE = 0.08  # of an accelerator's memory for driver, libraries and fragments: an assumption of ours, no source's
_BYTES_16 = 2
# NF4 has 4 bits, and its doubly quantised constants 0.127 bits a parameter: QLoRA, arXiv:2305.14314, section 3.
_NF4_BYTES = (4 + 0.127) / 8
# FSDP holds back a gather until at most two units are whole: arXiv:2304.11277, section 3.3.3 (rate limiter).
_UNITS_WHOLE = 2
_OPTIMIZER_BYTES = {"adamw": 8, "adamw-8bit": 2}  # two states: FP32 each, or one byte each (arXiv:2110.02861)


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What one accelerator holds, in bytes."""

    weights: float
    gradients: float
    optimizer: float  # with the FP32 copy of the weights, where there is one
    activations: float
    gathered: float = 0  # weights that are whole for a moment, where they are split

    @property
    def total(self) -> float:
        """All of it."""
        return self.weights + self.gradients + self.optimizer + self.activations + self.gathered

    @property
    def needed_gb(self) -> float:
        """What an accelerator must have, with the reserve."""
        return self.total / (1 - RESERVE) / GB


def memory(run: Run, accelerators: int) -> Memory:
    """What each of so many accelerators holds."""
    weights, gradients, optimizer = states(run)
    return Memory(
        weights=weights / (accelerators if run.zero >= 3 else 1),
        gradients=gradients / (accelerators if run.zero >= 2 else 1),
        optimizer=optimizer / (accelerators if run.zero >= 1 else 1),
        activations=activations(run.model, run.sequence, run.micro_batch, run.checkpointing),
        gathered=_gathered(run) if accelerators > 1 and run.zero >= 3 else 0,
    )


def states(run: Run) -> tuple[float, float, float]:
    """Bytes of weights, gradients and optimizer over all accelerators.

    Mixed precision with Adam has 2 + 2 + 12 bytes a parameter (12: the FP32 copy, momentum and variance):
    ZeRO, arXiv:1910.02054, section 3.1. LoRA keeps the model frozen in 16 bits and trains adapters only
    (arXiv:2106.09685); QLoRA keeps its linear layers in NF4 (arXiv:2305.14314), embeddings in 16 bits, and its
    adapters in 16 bits without a copy, as the authors' code does (artidoro/qlora: bf16 with paged_adamw_32bit).
    Pure 16 bits ("bf16") has no FP32 copy, and Adam's two states in 16 bits.
    """
    model = run.model
    trained = model.params if run.method == "full" else model.adapter_params(run.rank)
    frozen = 0.0
    if run.method == "lora":
        frozen = _BYTES_16 * model.params
    elif run.method == "qlora":
        frozen = _BYTES_16 * model.embedding_params + _NF4_BYTES * (model.params - model.embedding_params)
    copy, both_states = 0, _OPTIMIZER_BYTES[run.optimizer]
    if run.precision == "bf16":
        both_states = min(2 * _BYTES_16, both_states)
    elif run.method != "qlora":
        copy = 4
    return frozen + _BYTES_16 * trained, _BYTES_16 * trained, (copy + both_states) * trained


def activations(model: Model, sequence: int, micro_batch: int, checkpointing: Checkpointing) -> float:
    """Bytes of activations in 16 bits, with s tokens, b sequences, h wide, a heads, L layers and v words.

    Korthikanti et al., arXiv:2205.05198: a layer has sbh(34 + 5as/h) (equation 1); recomputing attention alone
    leaves 34sbh (section 5), as FlashAttention does (arXiv:2205.14135); recomputing everything leaves its input 2sbh,
    with one layer at a time whole; the output has 4sbh(1 + v/h) (section 4.3). The paper's layer is 4h wide inside.
    """
    s, b, h = sequence, micro_batch, model.hidden
    layer = 34 * s * b * h
    output = 4 * s * b * h + 4 * s * b * model.vocab
    match checkpointing:
        case "none":
            return model.layers * (layer + 5 * model.heads * s * s * b) + output
        case "selective":
            return model.layers * layer + output
        case "full":
            return model.layers * 2 * s * b * h + layer + output


def _gathered(run: Run) -> float:
    model = run.model
    of_all = (model.params - model.embedding_params) / model.layers
    return _UNITS_WHOLE * of_all * (_NF4_BYTES if run.method == "qlora" else _BYTES_16)
