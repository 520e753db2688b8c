"""The gRPC base of a Pulumi provider plugin: property values, refusals, the engine's log, and serving a port."""

from trainyard.servicer.codec import decode, encode
from trainyard.servicer.engine_log import EngineLog
from trainyard.servicer.refusal import abort_init_failed, refuse
from trainyard.servicer.servicer import Connection, Servicer
from trainyard.servicer.serving import listen, serve
from trainyard.servicer.values import (
    UNKNOWN,
    Archive,
    Asset,
    ResourceReference,
    Secret,
    Unknown,
    has_secret,
    has_unknown,
    reveal,
)

__all__ = [
    "UNKNOWN",
    "Archive",
    "Asset",
    "Connection",
    "EngineLog",
    "ResourceReference",
    "Secret",
    "Servicer",
    "Unknown",
    "abort_init_failed",
    "decode",
    "encode",
    "has_secret",
    "has_unknown",
    "listen",
    "refuse",
    "reveal",
    "serve",
]
