"""The only key pair of a sandbox; a light file, for every command of a rehearsal reads it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class KeyPair:
    key: str
    secret: str


def key_pair(token: str) -> KeyPair:
    """The key pair that a sandbox of this token takes; no real key has a 0 after its prefix."""
    return KeyPair(key="AKIA00000000SANDBOX0", secret=token)
