"""Runs a program, policy pack or plugin inside its own Python; needs nothing but that Python and its Pulumi SDK.

The host hands over a pipe: its first line is the order, its end means that the host is gone.
"""

import asyncio
import importlib.util
import inspect
import json
import logging
import os
import runpy
import signal
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO

ALREADY_SHOWN = 32
NO_SDK = 33


def main() -> None:
    pipe = os.fdopen(int(sys.argv[1]), "rb", buffering=0)
    order = json.loads(_first_line(pipe))
    threading.Thread(target=_end_with_host, args=(pipe,), daemon=True).start()
    if importlib.util.find_spec("pulumi") is None:
        sys.exit(NO_SDK)
    sys.argv = [order["program"], *order["args"]]
    if order["kind"] == "program":
        signal.signal(signal.SIGINT, lambda *_: os._exit(ALREADY_SHOWN))
        sys.exit(_run_program(order))
    # when the CLI is done it interrupts the whole group: a plugin is to end by the host's word, without a traceback
    signal.signal(signal.SIGINT, lambda *_: None)
    if order["module"]:
        sys.path[0] = os.getcwd()
        runpy.run_module(order["module"], run_name="__main__", alter_sys=True)
    else:
        del sys.path[0]
        runpy.run_path(order["program"], run_name="__main__")


def _first_line(pipe: BinaryIO) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        part = pipe.read(65536)
        if not part:
            os._exit(ALREADY_SHOWN)
        line += part
    return line


def _end_with_host(pipe: BinaryIO) -> None:
    while pipe.read(1):
        pass
    os._exit(ALREADY_SHOWN)


def _run_program(order: dict[str, Any]) -> int:
    """What the SDK's own entry script does: configure, run inside a stack, wait for every registration."""
    import pulumi

    del sys.path[0]
    pulumi.runtime.set_all_config(order["config"], order["secret_keys"])
    known = inspect.signature(pulumi.runtime.Settings).parameters
    settings = {key: value for key, value in order["settings"].items() if key in known}
    pulumi.runtime.configure(pulumi.runtime.Settings(**settings))
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(max_workers=max(order["settings"]["parallel"], 1) * 4)
    loop.set_default_executor(executor)
    # a graph that stops half-way leaves futures that nobody awaited; that is no news to the user
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)

    def program() -> None:
        runpy.run_path(order["program"], run_name="__main__")

    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(program))
    except pulumi.RunError as refused:
        pulumi.log.error(str(refused))
        return ALREADY_SHOWN
    except Exception as failed:
        if not _engine_is_gone(failed):
            pulumi.log.error(f"Program failed with an unhandled exception:\n{_own_traceback(failed, order['root'])}")
        return ALREADY_SHOWN
    finally:
        executor.shutdown(wait=True)
        loop.close()
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _engine_is_gone(failed: Exception) -> bool:
    code = getattr(failed, "code", None)
    return callable(code) and getattr(code(), "name", "") in ("UNAVAILABLE", "CANCELLED")


def _own_traceback(failed: Exception, root: str) -> str:
    """The traceback from the program's first frame on; all of it when none is the program's."""
    frame = failed.__traceback__
    while frame is not None and not frame.tb_frame.f_code.co_filename.startswith(root + os.sep):
        frame = frame.tb_next
    trace = frame if frame is not None or isinstance(failed, SyntaxError) else failed.__traceback__
    return "".join(traceback.format_exception(type(failed), failed, trace))


if __name__ == "__main__":
    main()
