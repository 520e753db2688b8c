"""Opens the providers' ports: one for each SDK, since an engine's question for the version names no package."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import grpc

from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.cloud import CloudProvider
from trainyard.sandbox.store import Store
from trainyard.servicer import listen

_STOP_SECONDS: Final = 5


@dataclass(frozen=True, kw_only=True)
class Providers:
    """The ports by package, as PULUMI_DEBUG_PROVIDERS wants them."""

    ports: Mapping[str, int]
    servicers: Mapping[str, CloudProvider]
    servers: list[grpc.Server]

    def stop(self) -> None:
        """Ends every server at once; calls that run are cut off."""
        for server in self.servers:
            server.stop(None)

    def kill(self) -> None:
        """As if each provider's process died and came back: calls are cut off, what they had begun goes on."""
        ended = [server.stop(None) for server in self.servers]
        for one in ended:
            one.wait(_STOP_SECONDS)
        self.servers[:] = [listen(self.servicers[name], port=port)[0] for name, port in self.ports.items()]


def serve_all(store: Store, packages: Collection[str] | None = None) -> Providers:
    """Serves every installed SDK, or those named; ValueError names one that is not installed."""
    there = installed()
    unknown = sorted(set(packages or ()) - set(there))
    if unknown:
        msg = f"no Pulumi SDK is installed for {', '.join(unknown)}; installed are {', '.join(sorted(there))}"
        raise ValueError(msg)
    servicers = {name: CloudProvider(there[name], store) for name in sorted(packages or there)}
    opened = {name: listen(servicer) for name, servicer in servicers.items()}
    return Providers(
        ports={name: port for name, (_, port) in opened.items()},
        servicers=servicers,
        servers=[server for server, _ in opened.values()],
    )
