"""Features that a subscription must be registered for; they go with the stack, so one base of a subscription has them.

Kept on delete they could never be made again: the SDK's create refuses what is there already.

Namespaces ("Microsoft.Compute") cannot be registered by a resource: pulumi-azure-native has none for it, only one for
publishers of namespaces. `facts.azure.providers` tells which are needed and the command for each.
"""

import re
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure


@dataclass(frozen=True, kw_only=True)
class RegisteredArgs:
    """`features`: (namespace, feature), `facts.azure.providers.ENCRYPTION_AT_HOST` for one."""

    features: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        """ValueError for a namespace that is none."""
        for namespace, _ in self.features:
            if not re.fullmatch(r"Microsoft\.[A-Za-z.]+", namespace):
                message = f'{namespace!r} is no namespace of Azure; write for example "Microsoft.Compute".'
                raise ValueError(message)


class Registered(pulumi.ComponentResource):
    def __init__(self, name: str, args: RegisteredArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:azure:Registered", name, {}, opts)
        for namespace, feature in args.features:
            azure.features.SubscriptionFeatureRegistration(
                f"{name}-{namespace}-{feature}",
                provider_namespace=namespace,
                feature_name=feature,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})
