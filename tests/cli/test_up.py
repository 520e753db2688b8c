"""`trainyard up` before it reaches an engine: it never goes on where nobody can be asked."""

from __future__ import annotations

import subprocess
import sys


def test_without_a_terminal_it_asks_for_yes_and_does_nothing() -> None:
    command = [sys.executable, "-m", "trainyard.cli", "up", "sandbox"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "give --yes" in done.stderr
    assert done.stdout == ""
