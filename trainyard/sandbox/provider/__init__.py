"""The provider side of the sandbox: one loopback port per installed Pulumi SDK, over one store."""

from trainyard.sandbox.provider.ports import Providers, serve_all

__all__ = ["Providers", "serve_all"]
