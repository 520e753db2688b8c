"""Which Python runs a program: its `virtualenv`, else the one on PATH; errors as the user is to read them."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class NoPythonError(Exception):
    """The project names an environment that is not there."""


@dataclass(frozen=True, kw_only=True)
class Interpreter:
    python: str
    virtualenv: Path | None

    def environ(self, base: Mapping[str, str]) -> dict[str, str]:
        """`base` as the environment's `activate` would leave it."""
        if self.virtualenv is None:
            return dict(base)
        kept = {key: value for key, value in base.items() if key != "PYTHONHOME"}
        path = f"{self.virtualenv / 'bin'}{os.pathsep}{base.get('PATH', '')}"
        return kept | {"VIRTUAL_ENV": str(self.virtualenv), "PATH": path}


def of_program(root: str, options: Mapping[str, Any]) -> Interpreter:
    """A program's Python; without `virtualenv` that of PATH."""
    named = _named(options)
    if named is None:
        return Interpreter(python=shutil.which("python3") or shutil.which("python") or sys.executable, virtualenv=None)
    return _inside(root, named, "Pulumi.yaml")


def of_plugin(root: str, options: Mapping[str, Any], file: str) -> Interpreter:
    """A pack's or plugin's Python; without `virtualenv` its own folder's `venv`, as the released host has it."""
    return _inside(root, _named(options) or "venv", file)


def own() -> Interpreter:
    """The host's own Python, which has the SDK and nothing more."""
    return Interpreter(python=sys.executable, virtualenv=None)


def _named(options: Mapping[str, Any]) -> str | None:
    toolchain = options.get("toolchain") or "pip"
    if toolchain == "poetry":
        msg = (
            'runtime.options.toolchain is "poetry", which this Python host cannot ask for its environment; name the '
            "environment's folder as runtime.options.virtualenv, with toolchain pip or uv."
        )
        raise NoPythonError(msg)
    return options.get("virtualenv") or (".venv" if toolchain == "uv" else None)


def _inside(root: str, named: str, file: str) -> Interpreter:
    folder = Path(os.path.normpath(Path(root) / named))
    python = folder / "bin" / "python"
    if python.exists():
        return Interpreter(python=str(python), virtualenv=folder)
    what = "has no working Python" if folder.is_dir() else "does not exist"
    msg = (
        f'The Python environment {folder} {what} (runtime.options.virtualenv "{named}" of {Path(root) / file}). '
        "Make it: `make setup` in Trainyard's checkout, `pulumi install` in another project."
    )
    raise NoPythonError(msg)
