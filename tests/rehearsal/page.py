"""A page of the docs as its reader plays it: files are written, commands typed, and what they print is compared."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MINUTES: Final = 5
_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE: Final = re.compile(r"# (\S+\.(?:yaml|py))\n")
_ENVIRON: Final = 'eval "$(trainyard sandbox env)"'


@dataclass(frozen=True, kw_only=True)
class Typed:
    """A block of commands, what the page says that it prints, and what it printed."""

    commands: str
    expected: str  # "" where the page shows nothing
    printed: str
    code: int

    def check(self) -> None:
        """Each line that the page shows came, in this order; commands may fail only where the page shows an error."""
        told = f"{self.commands}\n--- printed:\n{self.printed[-6000:]}"
        rest = _plain(self.printed)
        for line in filter(None, map(_plain, self.expected.splitlines())):
            pattern = ".*?".join(re.escape(part.strip()) for part in line.split("…"))
            found = re.search(pattern, rest, re.DOTALL)
            assert found, f"{line!r} did not come, of\n{told}"
            rest = rest[found.end() :]
        assert ("error:" in self.expected) == (self.code != 0), told


def play(page: Path, folder: Path, environ: Mapping[str, str]) -> Iterator[Typed]:
    """Writes each file that the page shows, and types each block of commands, in `folder`."""
    blocks: list[tuple[str, str]] = _BLOCK.findall(page.read_text())
    for number, (kind, text) in enumerate(blocks):
        named = _FILE.match(text)
        if kind in ("yaml", "python") and named:
            file = folder / named[1]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text[named.end() :])
        elif kind == "bash":
            before = f"{_ENVIRON}\n" if any(_ENVIRON in earlier for _, earlier in blocks[:number]) else ""
            follows = blocks[number + 1] if number + 1 < len(blocks) else ("", "")
            yield _typed(text, before, follows[1] if follows[0] == "text" else "", folder, environ)


def _typed(commands: str, before: str, expected: str, folder: Path, environ: Mapping[str, str]) -> Typed:
    done = subprocess.run(
        ["bash", "-c", f"{before}exec 2>&1\n{commands}"],
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        timeout=MINUTES * 60,
        check=False,
    )
    return Typed(commands=commands, expected=expected, printed=done.stdout, code=done.returncode)


def _plain(text: str) -> str:
    return " ".join(text.split())
