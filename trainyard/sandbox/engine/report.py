"""What set-up tells the person who waits for it; standard library only."""

import shutil
import sys
import time
from pathlib import Path

NEEDED_GB = 3


class SetupError(Exception):
    """Ends set-up with one message; what is done stays done, and the next run carries on."""

    def __init__(self, message: str, evidence: str = ""):
        super().__init__(message)
        self.evidence = evidence

    def __str__(self) -> str:
        evidence = "".join(f"\n    {line}" for line in self.evidence.splitlines())
        return f"error: {self.args[0]}{evidence}\nThen run `make setup` again: it carries on where it stopped."


class Progress:
    """One line that grows older: rewritten on a terminal, printed every half minute elsewhere."""

    def __init__(self, what: str):
        self._what = what
        self._start = self._shown = time.monotonic()
        say(f"{what} …")

    def show(self, detail: str) -> None:
        now = time.monotonic()
        if now - self._shown < (0.2 if sys.stderr.isatty() else 30):
            return
        self._shown = now
        line = f"{self._what}: {detail}, {now - self._start:.0f} s"
        sys.stderr.write(f"\r\x1b[K{line}" if sys.stderr.isatty() else f"{line}\n")
        sys.stderr.flush()

    def done(self) -> None:
        clear = "\r\x1b[K" if sys.stderr.isatty() else ""
        say(f"{clear}{self._what}: done in {time.monotonic() - self._start:.0f} s")


def say(text: str) -> None:
    """A line for the person, on stderr."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def last_lines(text: str, count: int = 5) -> str:
    """The end of a tool's output, without pip's own asides."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("[notice]", "WARNING: Retry"))]
    return "\n".join(lines[-count:])


def require_disk(folder: Path, *, remedy: str, already: int = 0) -> None:
    """SetupError where `folder`'s disk has less than 3 GB free, less the `already` bytes of an earlier try."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free + already < NEEDED_GB * 10**9:
        msg = f"{folder} has {free / 10**9:.1f} GB free; set-up needs {NEEDED_GB} GB there. {remedy}"
        raise SetupError(msg)
