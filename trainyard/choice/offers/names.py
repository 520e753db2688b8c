"""What people write for an accelerator or a machine: "h100", "A100 80", "8x H100", "v5e-8", "p5.48xlarge"."""

from __future__ import annotations

import re
from functools import cache

from trainyard.choice.offers.ask import Ask, AskError
from trainyard.choice.offers.index import Catalogue
from trainyard.facts.accelerator import Wanted, accelerators, names

_TIMES = re.compile(r"\s*(?P<count>[1-9][0-9]{0,3})\s*[x×]\s*(?P<name>\S.*)", re.IGNORECASE)
_COLON = re.compile(r"(?P<name>[^:]+):\s*(?P<count>[1-9][0-9]{0,3}|0?\.(?:125|25|5))\s*")
_REST = re.compile(r"(?P<memory>[1-9][0-9]{1,2})?(?:gb|gib|g)?(?:(?P<form>sxm|pcie|nvl|oam|superchip)[0-9]?)?")
_MAKERS = ("nvidia", "tesla", "google", "tpu", "amd", "instinct")
_SLICE = re.compile(r"(?P<generation>v2|v3|v4|v5e|v5litepod|v5p|v6e|tpu7x)(?P<size>[0-9]+)")


def asked(text: str, catalogue: Catalogue, *, any_count: bool = False) -> Ask:
    """The question that a name asks: an accelerator, one in a machine where no count is told, or a machine type.

    `any_count`: a name without a count leaves it open. AskError for a name of nothing, with the nearest.
    """
    if ":" not in text and (slice_name := _slice(text, catalogue)):
        return Ask(machine_type=slice_name)
    found = _TIMES.fullmatch(text) or _COLON.fullmatch(text)
    name = found["name"] if found else text
    count = float(found["count"]) if found else None
    if wanted := accelerator(name):
        return Ask(wanted=wanted, count=count or (None if any_count else 1))
    if found is None and (shapes := catalogue.by_machine_type.get(text.strip().lower())):
        return Ask(machine_type=catalogue.shapes[shapes[0]].machine_type)
    raise AskError(_unknown(text, catalogue))


def accelerator(name: str) -> Wanted | None:
    """The chip that a name means, with the memory and form that it tells; None for no such chip."""
    squeezed = _squeezed(name)
    if known := _exact().get(name.strip().lower()) or _known().get(squeezed):
        return known
    for chip in sorted(_memories(), key=len, reverse=True):
        if not squeezed.startswith(chip) or not (rest := _REST.fullmatch(squeezed[len(chip) :])):
            continue
        wanted, memory = _known()[chip], int(rest["memory"]) if rest["memory"] else None
        if memory is None or memory in _memories()[chip]:
            return Wanted(chip=wanted.chip, memory_gib=memory, form=rest["form"])
    return None


@cache
def _exact() -> dict[str, Wanted]:
    return {name.lower(): wanted for name, wanted in names().items()}


@cache
def _known() -> dict[str, Wanted]:
    found: dict[str, Wanted] = {}
    for name, wanted in names().items():
        found.setdefault(_squeezed(name), wanted)  # chips come first, and "nvidia-tesla-a100" squeezes to one
    return found


@cache
def _memories() -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for each in accelerators().values():
        found.setdefault(_squeezed(each.chip), set()).add(each.memory_gib)
    return found


def _squeezed(name: str) -> str:
    """ "NVIDIA A100 80-GB" as "a10080gb"; a maker's name alone stays, and so does "tpu7x"."""
    words = [word for word in re.split(r"[^a-z0-9]+", name.lower()) if word]
    return "".join([word for word in words if word not in _MAKERS] or words)


def _slice(text: str, catalogue: Catalogue) -> str | None:
    """The TPU slice of a name: "v5e-16" is one of 16 chips, though a chip has 16 GB."""
    found = _SLICE.fullmatch(_squeezed(text))
    if found is None:
        return None
    generation = "v5litepod" if found["generation"] == "v5e" else found["generation"]
    name = f"{generation}-{found['size']}"
    return name if name in catalogue.by_machine_type else None


def _unknown(text: str, catalogue: Catalogue) -> str:
    from difflib import get_close_matches  # only an error pays for it

    known = {name.lower(): name for name in names()}
    known |= {name: catalogue.shapes[at[0]].machine_type for name, at in catalogue.by_machine_type.items()}
    near = get_close_matches(text.strip().lower(), known, n=3, cutoff=0.6)
    if near:
        guesses = " or ".join(known[word] for word in near)
        return (
            f'no accelerator or machine type is named "{text}"; did you mean {guesses}? A count has a colon: "H100:8".'
        )
    chips = ", ".join(sorted({each.chip for each in accelerators().values()}))
    return f'no accelerator or machine type is named "{text}"; chips are {chips}; give one, for example "H100:8".'
