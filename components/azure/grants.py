"""What the nodes of a lease may read and write: containers of blobs, secrets of Key Vault, and the images."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from components.azure.role import ACR_PULL, BLOB_CONTRIBUTOR, BLOB_READER, SECRETS_USER, assign, built_in


@dataclass(frozen=True, kw_only=True)
class GrantsArgs:
    """Containers and secrets by full id, each under a word of its own; who writes a container reads it too."""

    subscription: str
    principal_id: pulumi.Input[str]  # of the lease's identity
    read: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    written: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    registries: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)  # to pull images from


class Grants(pulumi.ComponentResource):
    def __init__(self, name: str, args: GrantsArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:azure:Grants", name, {}, opts)
        given = (
            ("read", BLOB_READER, {word: id_ for word, id_ in args.read.items() if word not in args.written}),
            ("write", BLOB_CONTRIBUTOR, args.written),
            ("secret", SECRETS_USER, args.secrets),
            ("pull", ACR_PULL, args.registries),
        )
        for what, role, scopes in given:
            for word, scope in scopes.items():
                assign(
                    f"{name}-{what}-{word}",
                    scope=scope,
                    role=built_in(args.subscription, role),
                    principal_id=args.principal_id,
                    principal_type="ServicePrincipal",
                    options=pulumi.ResourceOptions(parent=self),
                )
        self.register_outputs({})
