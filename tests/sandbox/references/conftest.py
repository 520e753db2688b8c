"""Providers over one store, as in tests/sandbox/provider."""

from tests.sandbox.provider.conftest import Cloud, Clouds, clouds, gcp

__all__ = ["Cloud", "Clouds", "clouds", "gcp"]
