"""A stack's files, read and checked together: all that is wrong comes at once, at its line."""

from __future__ import annotations

from pathlib import Path as FilePath

from trainyard.settings.checks import stack_breaches
from trainyard.settings.environment_checks import environment_breaches
from trainyard.settings.files import EnvironmentRead, StackRead, environment_file, names, read_environment, read_stack
from trainyard.settings.problem import SettingsError, Wrong, listed, near
from trainyard.settings.settings import Settings


def load(folder: FilePath, stack: str) -> Settings:
    """The settings of a stack whose files lie in `folder`; SettingsError with every problem of the files it reads."""
    folder = folder.resolve()
    own = read_stack(folder, stack)
    environment = _environment(folder, own)
    base = _base(folder, own, environment)
    further = [*_names_no_file(folder, own), *stack_breaches(own, environment, base)]
    problems = own.problems(tuple(further))
    if environment is not None:
        outer = _environment_wrong(folder, stack, own, environment, base)
        problems += environment.document.problems([*environment.wrong, *outer])
    if base is not None:
        problems += base.problems()
    if problems or own.parts.stack is None or environment is None or environment.value is None:
        raise SettingsError(problems)
    return Settings(
        file=own.file,
        source=own.source,
        stack=own.parts.stack,
        environment=environment.value,
        lease=own.parts.lease,
        workloads=own.parts.workloads,
        base=own.parts.base,
        base_settings=base.parts.base if base else None,
    )


def _environment(folder: FilePath, own: StackRead) -> EnvironmentRead | None:
    name = own.parts.environment
    return read_environment(folder, name) if name in names(folder, "env") else None


def _names_no_file(folder: FilePath, own: StackRead) -> list[Wrong]:
    name, known = own.parts.environment, names(folder, "env")
    if name is None or name in known:
        return []
    file = environment_file(folder, name)
    return [(("stack", "environment"), f"there is no {file}; environments are {listed(known)}.{near(name, known)}")]


def _base(folder: FilePath, own: StackRead, environment: EnvironmentRead | None) -> StackRead | None:
    """The base stack that a compute stack builds on; read for its errors also where the environment has some."""
    if own.parts.layer != "compute" or environment is None:
        return None
    name = environment.base
    return read_stack(folder, name) if name in names(folder, "Pulumi") else None


def _environment_wrong(
    folder: FilePath, stack: str, own: StackRead, environment: EnvironmentRead, base: StackRead | None
) -> list[Wrong]:
    value = environment.value
    if value is None:
        return []
    wrong = list(environment_breaches(value, names(folder, "Pulumi"), folder.name))
    if base is not None and base.parts.layer not in ("base", None):
        wrong.append((("base",), f"{base.file} is a {base.parts.layer} stack; name a base stack."))
    if own.parts.layer == "base" and value.base != stack and not wrong:
        wrong.append(
            (("base",), f'is "{value.base}", and {own.file} is a base stack of this environment too; keep one.')
        )
    return wrong
