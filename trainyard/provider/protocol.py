"""Pulumi's protocol without Pulumi's SDK: every command waits for the plugin, and the SDK is half of its start."""

import importlib.util
import sys
import types
from pathlib import Path


def without_sdk() -> None:
    """Let `pulumi.runtime.proto` be imported alone, for the whole process; call it before any import of Pulumi."""
    found = importlib.util.find_spec("pulumi")
    if found is None or found.origin is None or "pulumi" in sys.modules:
        return
    root = Path(found.origin).parent
    for name, folder in (("pulumi", root), ("pulumi.runtime", root / "runtime")):
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
