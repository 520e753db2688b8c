"""The resource classes of Trainyard's own provider."""

from trainyard.resources.lease import Lease, LeaseArgs

__all__ = ["Lease", "LeaseArgs"]
