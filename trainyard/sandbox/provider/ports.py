"""Opens the providers' ports: one for each SDK, since an engine's question for the version names no package."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import grpc

from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.cloud import CloudProvider
from trainyard.sandbox.store import Store
from trainyard.servicer import listen


@dataclass(frozen=True, kw_only=True)
class Providers:
    """The ports by package, as PULUMI_DEBUG_PROVIDERS wants them."""

    ports: Mapping[str, int]
    servers: Sequence[grpc.Server]

    def stop(self) -> None:
        """Ends every server at once; calls that run are cut off."""
        for server in self.servers:
            server.stop(None)


def serve_all(store: Store, packages: Collection[str] | None = None, *, warm: Collection[str] = ()) -> Providers:
    """Serves every installed SDK, or those named; ValueError names one that is not installed.

    The types in `warm` are loaded in the background, so that an engine's first question about them is answered at once.
    """
    there = installed()
    unknown = sorted(set(packages or ()) - set(there))
    if unknown:
        msg = f"no Pulumi SDK is installed for {', '.join(unknown)}; installed are {', '.join(sorted(there))}"
        raise ValueError(msg)
    opened = {name: listen(CloudProvider(there[name], store)) for name in sorted(packages or there)}
    if warm:
        threading.Thread(target=_load, args=(tuple(warm),), name="warm", daemon=True).start()
    return Providers(
        ports={name: port for name, (_, port) in opened.items()},
        servers=[server for server, _ in opened.values()],
    )


def _load(tokens: Collection[str]) -> None:
    for token in tokens:
        package = installed().get(token.partition(":")[0])
        if package is not None and token in package.types:
            package.load(token)
