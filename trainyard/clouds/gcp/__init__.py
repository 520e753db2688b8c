"""Google Cloud through its own API client: what carries a lease's label and bills."""

from trainyard.clouds.gcp.compute import GcpCompute
from trainyard.clouds.gcp.project import GcpProject
from trainyard.clouds.gcp.vertex_region import VertexRegion
from trainyard.clouds.scope import ScopeUnreadable

__all__ = ["GcpCompute", "GcpProject", "ScopeUnreadable", "VertexRegion"]
