"""The files of a folder of stacks, each read by itself; what they say of each other is checked in `load`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path as FilePath

from trainyard.settings.document import Document, read
from trainyard.settings.environment import Environment
from trainyard.settings.messages import check, missing, unknown_key
from trainyard.settings.parts import NOTHING, Parts, take
from trainyard.settings.problem import Path, Problem, SettingsError, Wrong, listed, near, shown
from trainyard.settings.shape import keys
from trainyard.settings.stack_file import KEY, StackFile

INSIDE: Path = ("config", KEY)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class StackRead:
    """A stack file: its parts, and what is wrong within it."""

    file: str
    document: Document
    source: dict[str, object]
    parts: Parts
    wrong: tuple[Wrong, ...]

    def problems(self, further: tuple[Wrong, ...] = ()) -> list[Problem]:
        """All of its own, and what was found by looking further; paths of the latter begin under the settings key."""
        placed = [((*INSIDE, *path), text) for path, text in further]
        return self.document.problems([*self.wrong, *placed], inside=INSIDE)


@dataclass(frozen=True, kw_only=True)
class EnvironmentRead:
    """An environment file, and what is wrong within it."""

    file: str
    document: Document
    value: Environment | None
    wrong: tuple[Wrong, ...]

    @property
    def base(self) -> str:
        """The base stack that the file names, "" where it names none."""
        named = self.document.value.get("base") if isinstance(self.document.value, dict) else None
        return named if isinstance(named, str) else ""


def read_stack(folder: FilePath, stack: str) -> StackRead:
    """The stack's file; SettingsError when there is none by that name, with the nearest."""
    file = f"{folder.name}/Pulumi.{stack}.yaml"
    if not _NAME.fullmatch(stack) or not (folder / f"Pulumi.{stack}.yaml").is_file():
        known = names(folder, "Pulumi")
        text = f"there is no such file; stacks are {listed(known)}.{near(stack, known)}"
        raise SettingsError([Problem(file=file, line=0, key="", message=text)])
    document = read(folder / f"Pulumi.{stack}.yaml", file)
    source, outer = _settings(document.value)
    if source is None:
        return StackRead(file=file, document=document, source={}, parts=NOTHING, wrong=tuple(outer))
    parts, inner = take(source)
    placed = [((*INSIDE, *path), text) for path, text in inner]
    return StackRead(file=file, document=document, source=source, parts=parts, wrong=(*outer, *placed))


def read_environment(folder: FilePath, name: str) -> EnvironmentRead:
    """The environment's file, which must be there (see names)."""
    file = environment_file(folder, name)
    document = read(folder / f"env.{name}.yaml", file)
    if document.broken:
        return EnvironmentRead(file=file, document=document, value=None, wrong=())
    value, wrong = check(Environment, document.value, ())
    return EnvironmentRead(file=file, document=document, value=value, wrong=tuple(wrong))


def environment_file(folder: FilePath, name: str) -> str:
    """What problems call an environment's file."""
    return f"{folder.name}/env.{name}.yaml"


def names(folder: FilePath, first: str) -> list[str]:
    """The stacks ("Pulumi") or environments ("env") that have a file, sorted."""
    found = (path.name.removeprefix(f"{first}.").removesuffix(".yaml") for path in folder.glob(f"{first}.*.yaml"))
    return sorted(name for name in found if _NAME.fullmatch(name))


def _settings(value: object) -> tuple[dict[str, object] | None, list[Wrong]]:
    """What stands under the settings key, and what is wrong around it."""
    if not isinstance(value, dict):
        return None, []
    allowed = tuple(keys(StackFile))
    wrong: list[Wrong] = [((key,), unknown_key(key, allowed)) for key in value if key not in allowed]
    config = value.get("config")
    if not isinstance(config, dict):
        what = missing("a mapping with trainyard:settings") if config is None else f"{shown(config)} is no mapping."
        return None, [*wrong, (("config",), what)]
    wrong += [(("config", key), _other_key(key)) for key in config if key != KEY and not key.startswith("pulumi:")]
    settings = config.get(KEY)
    if not isinstance(settings, dict):
        what = missing("the stack's settings, a mapping") if settings is None else f"{shown(settings)} is no mapping."
        return None, [*wrong, (INSIDE, what)]
    return settings, wrong


def _other_key(key: str) -> str:
    return (
        f"is not read; the program takes {KEY} only, and projects and regions from there and the environment's file."
        f"{near(key, [KEY])}"
    )
