"""What has changed since a stack's plan was written and reviewed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stacks.environment import FOLDER
from trainyard.choice.plan import written
from trainyard.settings.candidates import Accepted, accepted
from trainyard.settings.load import load


def since_review(stack: str) -> Iterator[str]:
    """A line for the file and one for each change; none where no plan was written. Run in the project's folder."""
    path = written.path_of(Path(FOLDER), stack)
    before = written.read(path)
    if before is not None:
        yield from told(path, before, accepted(load(Path(FOLDER), stack)))


def told(path: Path, before: written.Written, found: tuple[Accepted, ...]) -> Iterator[str]:
    """The same for a plan that was read."""
    changed = list(written.changes(before, found))
    state = f"{len(changed)} changed since" if changed else "as it was"
    yield f"review  {path}, written {before.at:%Y-%m-%d}: {state}"
    yield from (f"        {change}" for change in changed)
