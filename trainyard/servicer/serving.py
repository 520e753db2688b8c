"""Opens a loopback port for a servicer; a plugin's process ends when the process that started it does."""

from __future__ import annotations

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from trainyard.servicer.servicer import Servicer

_MAX_MESSAGE_BYTES: Final = 400 * 1024 * 1024  # the engine's own limit
_PARENT_LOOK_SECONDS: Final = 0.5


def listen(servicer: Servicer, *, port: int = 0, threads: int = 16) -> tuple[grpc.Server, int]:
    """Starts serving on 127.0.0.1 and gives the server and its port; OSError when the port is taken."""
    server = grpc.server(
        ThreadPoolExecutor(max_workers=threads, thread_name_prefix=servicer.name),
        options=[
            ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
            ("grpc.so_reuseport", 0),
        ],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    address = f"127.0.0.1:{port}"
    try:
        bound = server.add_insecure_port(address)
    except RuntimeError as error:
        msg = f"{address} cannot be opened for the {servicer.name} provider: is it taken? Give another port, or 0."
        raise OSError(msg) from error
    server.start()
    return server, bound


def serve(servicer: Servicer, port: int = 0) -> None:
    """Serves until the parent process is gone; the first line on stdout is the port, as the engine expects."""
    server, bound = listen(servicer, port=port)
    sys.stdout.write(f"{bound}\n")
    sys.stdout.flush()
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    server.wait_for_termination()


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_PARENT_LOOK_SECONDS)
    os._exit(0)
