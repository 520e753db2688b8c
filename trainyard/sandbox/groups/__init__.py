"""Groups that keep their own machines: what is lost comes back until the group itself is told less."""

from trainyard.sandbox.groups.keeping import cap, keep

__all__ = ["cap", "keep"]
