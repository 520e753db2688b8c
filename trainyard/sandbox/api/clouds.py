"""The servers of all clouds: each on a port of its own, under the name that `Running.api` gives it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from trainyard.sandbox.api import server as google
from trainyard.sandbox.api.aws import server as aws
from trainyard.sandbox.api.azure import server as azure
from trainyard.sandbox.api.serving import Served
from trainyard.sandbox.store import Store


@contextmanager
def serve_clouds(store: Store, path: Path, *, token: str, port: int = 0) -> Iterator[Mapping[str, Served]]:
    """Serve every cloud until the block ends; `port` is Google's, and the sandbox's own."""
    with ExitStack() as held:
        yield {
            "gcp": held.enter_context(google.serve(store, path, token=token, port=port)),
            "aws": held.enter_context(aws.serve(store, path, token=token)),
            "azure": held.enter_context(azure.serve(store, path, token=token)),
        }
