"""How a resource of this plugin refuses: the engine shows the text as it is."""

from __future__ import annotations


class StopError(Exception):
    """Ends the call; the text says what was given, what is allowed, what to do next."""
