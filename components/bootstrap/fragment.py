"""One concern's share of a node's user data: files and systemd units to start; it never makes a line of shell."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

ETC = "/etc/trainyard"
LIB = "/usr/local/lib/trainyard"
UNITS = "/etc/systemd/system"


@dataclass(frozen=True, kw_only=True)
class File:
    """A file on the node; `mode` is octal text such as "0644"."""

    path: str
    content: str
    mode: str = "0644"


@dataclass(frozen=True, kw_only=True)
class Fragment:
    """Files, then the units to enable and start, in order."""

    name: str
    files: tuple[File, ...]
    start: tuple[str, ...]


@cache
def packaged(file_name: str) -> str:
    """The text of a file in `scripts/`."""
    return (files("components.bootstrap") / "scripts" / file_name).read_text(encoding="utf-8")


def script(file_name: str, installed_as: str | None = None) -> File:
    """A packaged script, executable on the node; under another name where a unit knows it by that on every cloud."""
    return File(path=f"{LIB}/{installed_as or file_name}", content=packaged(file_name), mode="0755")


def unit(file_name: str) -> File:
    """A packaged systemd unit."""
    return File(path=f"{UNITS}/{file_name}", content=packaged(file_name))


def values(fragment: str, given: dict[str, str]) -> tuple[File, ...]:
    """A file a value in the fragment's own folder: a script reads it as data, so that no quoting can go wrong."""
    return tuple(File(path=f"{ETC}/{fragment}/{key}", content=text) for key, text in given.items())
