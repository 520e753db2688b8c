"""The stack file of an advice: the best candidate that the environment's own checks accept, written at once or not."""

from __future__ import annotations

import math
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from trainyard.choice.advice.advise import Advice, what
from trainyard.choice.advice.candidates import Candidate
from trainyard.choice.advice.run import AdviceError
from trainyard.choice.advice.stack_file import WRITABLE, Terms, spans, stack_file
from trainyard.facts.cost import dearest
from trainyard.facts.price import Unknown
from trainyard.facts.selection import SelectionError
from trainyard.settings import load
from trainyard.settings.candidates import accepted
from trainyard.settings.environment import Environment
from trainyard.settings.files import names, read_environment, read_stack
from trainyard.settings.problem import SettingsError, listed

_TRIED = 25
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Home:
    """An environment that advice is for."""

    folder: Path
    name: str
    value: Environment
    regions: tuple[str, ...]  # that its base has a network in, or that it allows; empty: any
    clouds: tuple[str, ...]

    @property
    def price_factors(self) -> dict[str, Decimal]:
        """What list prices are multiplied with, by cloud."""
        held = {cloud: self.value.at(cloud) for cloud in self.clouds}
        return {cloud: each.price_factor for cloud, each in held.items() if each is not None}


def home(folder: Path, name: str | None) -> Home:
    """The environment by its file; AdviceError for one that is not there."""
    known = names(folder, "env")
    if name not in known:
        given = f'"{name}" is none' if name else "none was given"
        message = f"--environment: {given}; environments of {folder.name}/ are {listed(known)}; give one of them."
        raise AdviceError(message)
    read = read_environment(folder, name)
    if read.value is None:
        raise SettingsError(read.document.problems(list(read.wrong)))
    value = read.value
    bases = names(folder, "Pulumi")
    base = read_stack(folder, value.base).parts.base if value.base in bases else None
    clouds = tuple(cloud for cloud in ("gcp", "aws", "azure") if value.at(cloud) is not None)
    regions = tuple(region for cloud in clouds for region in base.regions(cloud)) if base else ()
    return Home(
        folder=folder,
        name=name,
        value=value,
        regions=regions or value.limits.regions,
        clouds=clouds,
    )


@dataclass(frozen=True, kw_only=True)
class Target:
    """The stack that is written."""

    stack: str
    path: Path
    owner: str
    cost_center: str


def target(at: Home, stack: str, owner: str | None, cost_center: str | None, *, force: bool) -> Target:
    """Where the file goes, and whose it is; AdviceError where there is one already, or for a name that nobody has."""
    path = at.folder / f"Pulumi.{stack}.yaml"
    if not _NAME.fullmatch(stack):
        message = f'--write: "{stack}" is no stack\'s name; give letters, digits, ".", "_" and "-".'
        raise AdviceError(message)
    if path.exists() and not force:
        message = f"{path} is there already; give another name, or --force to write over it."
        raise AdviceError(message)
    whose = _contact("--owner", owner, at.value)
    return Target(
        stack=stack, path=path, owner=whose, cost_center=_contact("--cost-center", cost_center or whose, at.value)
    )


def _contact(option: str, given: str | None, value: Environment) -> str:
    contacts = list(value.contacts)
    if given is None and len(contacts) == 1:
        return contacts[0]
    if given not in contacts:
        said = f'"{given}" is none' if given else "nobody was named"
        message = f"{option}: {said}; the environment's contacts are {listed(contacts)}; give one of them."
        raise AdviceError(message)
    return given


def write(advice: Advice, at: Home, to: Target) -> Candidate:
    """The candidate whose file was written; AdviceError with what stands against the best where none is accepted."""
    refused: list[str] = []
    usable = [each for each in advice.ranked if each.way in WRITABLE and each.offered.cloud in at.clouds]
    in_time = [each for each in usable if each.meets(advice.run.deadline) != "no"]
    for each in in_time[:_TRIED]:
        try:
            text = _checked(advice, at, to, each)
        except (SettingsError, SelectionError, ValueError) as error:
            refused.append(f"{what(each)}: {error}")
            continue
        _at_once(to.path, text)
        return each
    message = f"nothing was written: no candidate is accepted by {at.folder.name}/env.{at.name}.yaml. " + (
        "\n".join(refused[:3]) if refused else "No VM or TPU on its clouds and in its regions ends the run in time."
    )
    raise AdviceError(message)


def _checked(advice: Advice, at: Home, to: Target, each: Candidate) -> str:
    """The file's text, with a cap that holds the dearest machine that its place may give."""
    limits = at.value.limits
    ttl, extend_to = spans(each, limits.max_ttl)
    terms = Terms(
        environment=at.name,
        owner=to.owner,
        cost_center=to.cost_center,
        ttl=ttl,
        extend_to=extend_to,
        cap_usd=limits.max_cap_usd,
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / at.folder.name
        folder.mkdir()
        for file in _copied(at):
            shutil.copy(file, folder)
        place = folder / to.path.name
        place.write_text(stack_file(advice.run, each, terms), encoding="utf-8")
        cap = _cap(folder, to.stack, ttl)
        if cap > limits.max_cap_usd:
            message = f"it may cost {cap} USD, over limits.max_cap_usd {limits.max_cap_usd}"
            raise ValueError(message)
        text = stack_file(advice.run, each, replace(terms, cap_usd=cap))
        place.write_text(text, encoding="utf-8")
        load(folder, to.stack)
    return text


def _at_once(path: Path, text: str) -> None:
    """Put it there whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _cap(folder: Path, stack: str, ttl: timedelta) -> Decimal:
    total = Decimal(0)
    for found in accepted(load(folder, stack)):
        need = dearest(found.candidates, ttl, nodes=found.nodes)
        if isinstance(need.usd, Unknown):
            message = f"its price is not known whole: {need.usd.reason}"
            raise ValueError(message)
        total += need.usd
    return Decimal(math.ceil(total))


def _copied(at: Home) -> Sequence[Path]:
    base = at.folder / f"Pulumi.{at.value.base}.yaml"
    return [at.folder / f"env.{at.name}.yaml", *([base] if base.is_file() else [])]
