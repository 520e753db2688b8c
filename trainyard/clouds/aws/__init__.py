"""Amazon Web Services through Amazon's own client: what carries a lease's tag in one region, and bills."""

from trainyard.clouds.aws.region import AwsRegion
from trainyard.clouds.scope import ScopeUnreadable

__all__ = ["AwsRegion", "ScopeUnreadable"]
