"""The servers of all clouds: each on a port of its own, under the name that `Running.api` gives it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from trainyard.sandbox.api.aws.server import Aws
from trainyard.sandbox.api.azure.server import Azure
from trainyard.sandbox.api.server import Google
from trainyard.sandbox.api.serving import Served, serve_cloud
from trainyard.sandbox.store import Store


@contextmanager
def serve_clouds(store: Store, path: Path, *, token: str, port: int = 0) -> Iterator[Mapping[str, Served]]:
    """Serve every cloud until the block ends; `port` is Google's, and the sandbox's own."""
    with ExitStack() as held:
        yield {
            kind.name: held.enter_context(
                serve_cloud(kind, store, path, token=token, port=port if kind is Google else 0)
            )
            for kind in (Google, Aws, Azure)
        }
