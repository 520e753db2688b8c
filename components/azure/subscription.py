"""The one provider that all of a stack's resources on Azure are made by: of one subscription, whatever is logged in."""

import pulumi_azure_native as azure


def subscription_provider(name: str, subscription: str, tenant: str | None = None) -> azure.Provider:
    """Each resource names its location and resource group; `tenant`: None for the login's own."""
    return azure.Provider(name, subscription_id=subscription, tenant_id=tenant, disable_pulumi_partner_id=True)
