"""Azure through Resource Manager: what carries a lease's tag and bills."""

from trainyard.clouds.azure.subscription import AzureSubscription
from trainyard.clouds.scope import ScopeUnreadable

__all__ = ["AzureSubscription", "ScopeUnreadable"]
