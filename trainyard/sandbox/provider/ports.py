"""Opens the providers' ports: one for each SDK, since an engine's question for the version names no package."""

from __future__ import annotations

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


def serve_all(store: Store, packages: Collection[str] | None = None) -> Providers:
    """Serves every installed SDK, or those named; ValueError names one that is not installed."""
    there = installed()
    unknown = sorted(set(packages or ()) - set(there))
    if unknown:
        msg = f"no Pulumi SDK is installed for {', '.join(unknown)}; installed are {', '.join(sorted(there))}"
        raise ValueError(msg)
    opened = {name: listen(CloudProvider(there[name], store)) for name in sorted(packages or there)}
    return Providers(
        ports={name: port for name, (_, port) in opened.items()},
        servers=[server for server, _ in opened.values()],
    )
