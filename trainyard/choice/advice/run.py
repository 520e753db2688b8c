"""The training run that advice is asked for, and the numbers as people write them: "70b", "200M", "1.5T"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

from trainyard.choice.advice.models import Model

Method = Literal["full", "lora", "qlora"]
Checkpointing = Literal["none", "selective", "full"]
Precision = Literal["mixed", "bf16"]
Optimizer = Literal["adamw", "adamw-8bit"]
METHODS: tuple[Method, ...] = get_args(Method)
CHECKPOINTING: tuple[Checkpointing, ...] = get_args(Checkpointing)
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
OPTIMIZERS: tuple[Optimizer, ...] = get_args(Optimizer)
ZERO_STAGES = (0, 1, 2, 3)
_NUMBER = re.compile(r"(?P<digits>[0-9]+(?:\.[0-9]+)?)(?:e(?P<tens>[0-9]{1,2}))?(?P<unit>[kmbt]?)", re.IGNORECASE)
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}


class AdviceError(ValueError):
    """A question that cannot be answered as it stands; the text says what is allowed, or the nearest that would do."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One training run; lengths are in tokens, batches in sequences."""

    model: Model
    method: Method
    tokens: int  # all that are trained on, every epoch counted
    deadline: timedelta | None = None
    sequence: int = 2048
    micro_batch: int = 1  # sequences on one accelerator at a time
    checkpointing: Checkpointing = "full"
    precision: Precision = "mixed"
    optimizer: Optimizer = "adamw"
    zero: int = 3  # what is split over the accelerators: 0 nothing, 1 optimizer, 2 gradients too, 3 weights too
    rank: int = 16  # of the adapters of LoRA and QLoRA

    def __post_init__(self) -> None:
        for name, given, allowed in (
            ("method", self.method, METHODS),
            ("checkpointing", self.checkpointing, CHECKPOINTING),
            ("precision", self.precision, PRECISIONS),
            ("optimizer", self.optimizer, OPTIMIZERS),
            ("zero", self.zero, ZERO_STAGES),
        ):
            if given not in allowed:
                message = f'{name} "{given}" is not known; give one of {", ".join(map(str, allowed))}.'
                raise AdviceError(message)
        for name, least in (
            ("tokens", self.tokens),
            ("sequence", self.sequence),
            ("micro_batch", self.micro_batch),
            ("rank", self.rank),
        ):
            if least < 1:
                message = f"{name} is {least}; give a whole number from 1 on."
                raise AdviceError(message)


def number(text: str, what: str, example: str) -> int:
    """200000000 from "200M"; AdviceError for other text."""
    found = _NUMBER.fullmatch(text.strip().replace("_", ""))
    value = 0
    if found:
        value = round(float(found["digits"]) * 10 ** int(found["tens"] or 0) * _UNITS[found["unit"].lower()])
    if not 0 < value < 10**18:
        message = f'"{text}" is no number of {what}; give one over 0 with k, M, B or T, for example {example}.'
        raise AdviceError(message)
    return value
