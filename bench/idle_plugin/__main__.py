"""The reference's plugin, run by the engine."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
from idle import Idle
from pulumi.runtime.proto import provider_pb2_grpc


def main() -> None:
    """Serve until the engine is gone."""
    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Idle(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    threading.Event().wait()


main()
