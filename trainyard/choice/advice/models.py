"""Models by name with their shapes, and shapes for a size alone; a shape that is not a model's own says so."""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).parent / "data" / "models.csv"
# Dense decoders, small to large, whose shapes stand for a size between them.
_LADDER = (
    "gpt2",
    "gpt2-medium",
    "gpt2-large",
    "qwen2.5-1.5b",
    "llama-3.2-3b",
    "llama-3-8b",
    "qwen2.5-14b",
    "qwen2.5-32b",
    "llama-3-70b",
    "llama-3.1-405b",
)
_SMALLEST = 100_000_000
_NOISE = re.compile(r"(?:^|-)(?:meta|instruct|chat|base|hf|it|v[0-9.]+)(?=-|$)")


class ModelError(ValueError):
    """A model that no table has."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """One decoder-only transformer; widths are in elements."""

    name: str
    params: int
    active_params: int  # those that a token passes through; fewer than all in a mixture of experts
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    ffn: int
    ffn_matrices: int  # 3 where the feed-forward is gated, else 2
    experts: int
    vocab: int
    tied: bool  # one table for both embeddings
    source: str

    @property
    def embedding_params(self) -> int:
        """Of the tables from and to the vocabulary."""
        return self.vocab * self.hidden * (1 if self.tied else 2)

    @property
    def kv_width(self) -> int:
        """Of keys, and of values."""
        return self.hidden // self.heads * self.kv_heads

    def adapter_params(self, rank: int) -> int:
        """Of LoRA's two matrices beside each linear layer: rank × (in + out), arXiv:2106.09685, section 4.1.

        All linear layers have them, which arXiv:2305.14314, section 4, found to be needed.
        """
        attention = 2 * (self.hidden + self.hidden) + 2 * (self.hidden + self.kv_width)
        feed_forward = self.experts * self.ffn_matrices * (self.hidden + self.ffn)
        return rank * self.layers * (attention + feed_forward)


@cache
def models() -> dict[str, Model]:
    """The models that are known by name."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return {row["name"]: _model(row) for row in csv.DictReader(file)}


def named(name: str) -> Model:
    """The model of a name such as "llama-3-70b" or "meta-llama/Meta-Llama-3-70B-Instruct"; ModelError for none."""
    word = _word(name)
    for known, model in models().items():
        if _word(known) == word:
            return model
    from difflib import get_close_matches  # only an error pays for it

    near = get_close_matches(name.lower().rpartition("/")[2], models(), n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}? Else give" if near else "give"
    message = f'no model is named "{name}"; known are {", ".join(models())}; {hint} the size, for example 70b.'
    raise ModelError(message)


def sized(params: int) -> Model:
    """A model of so many parameters, with a shape between those of the nearest known sizes; ModelError below 100M."""
    if params < _SMALLEST:
        message = f"{params:,} parameters are fewer than any model here has; give at least 100M, or a model's name."
        raise ModelError(message)
    ladder = [models()[name] for name in _LADDER]
    below = max((each for each in ladder if each.params <= params), key=lambda each: each.params, default=ladder[0])
    above = min((each for each in ladder if each.params >= params), key=lambda each: each.params, default=ladder[-1])
    if below is above:
        return _as(below, params, f"{params / 1e9:.3g}B parameters, with the shape of {below.name}")
    share = math.log(params / below.params) / math.log(above.params / below.params)
    heads = _between(below.heads, above.heads, share, 1)
    hidden = heads * 2 * round(_mix(below.hidden, above.hidden, share) / heads / 2)
    return Model(
        name=f"{params / 1e9:.3g}B",
        params=params,
        active_params=params,
        layers=_between(below.layers, above.layers, share, 1),
        hidden=hidden,
        heads=heads,
        kv_heads=_between(below.kv_heads, above.kv_heads, share, 1),
        ffn=_between(below.ffn, above.ffn, share, 64),
        ffn_matrices=above.ffn_matrices,
        experts=1,
        vocab=max(below.vocab, above.vocab),
        tied=below.tied and above.tied,
        source=f"a size alone: its shape is interpolated between {below.name} and {above.name}",
    )


def _as(model: Model, params: int, words: str) -> Model:
    return replace(
        model, name=f"{params / 1e9:.3g}B", params=params, active_params=params, source=f"a size alone: {words}"
    )


def _mix(low: int, high: int, share: float) -> float:
    return math.exp(math.log(low) + share * (math.log(high) - math.log(low)))


def _between(low: int, high: int, share: float, step: int) -> int:
    return step * max(1, round(_mix(low, high, share) / step))


def _word(name: str) -> str:
    plain = name.strip().lower().rpartition("/")[2].replace("_", "-").replace(" ", "-")
    while (shorter := _NOISE.sub("", plain).strip("-")) != plain:
        plain = shorter
    return re.sub(r"[^a-z0-9.]", "", plain)


def _model(row: dict[str, str]) -> Model:
    whole = (
        "params",
        "active_params",
        "layers",
        "hidden",
        "heads",
        "kv_heads",
        "ffn",
        "ffn_matrices",
        "experts",
        "vocab",
    )
    return Model(
        name=row["name"],
        tied=row["tied"] == "yes",
        source=row["source"],
        **{key: int(row[key]) for key in whole},
    )
