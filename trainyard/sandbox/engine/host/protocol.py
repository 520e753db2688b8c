"""Pulumi's protocol without Pulumi's SDK: importing the SDK itself takes longer than the host's whole start."""

import importlib.util
import sys
import types
from pathlib import Path
from typing import Any

_SDK = importlib.util.find_spec("pulumi")


def _load() -> tuple[Any, Any, Any, Any]:
    if _SDK is None or _SDK.origin is None:
        msg = "The Python host's environment has no Pulumi SDK. Run `make setup` in Trainyard's checkout."
        raise ImportError(msg)
    root = Path(_SDK.origin).parent
    # empty packages in place of the SDK's own, whose __init__ would import all of it
    for name, folder in (("pulumi", root), ("pulumi.runtime", root / "runtime")):
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    from pulumi.runtime.proto import engine_pb2, language_pb2, language_pb2_grpc, plugin_pb2

    return engine_pb2, language_pb2, language_pb2_grpc, plugin_pb2


engine_pb2, language_pb2, language_pb2_grpc, plugin_pb2 = _load()
