"""The APIs of a project that must be enabled before anything else is made in it."""

import re
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp


@dataclass(frozen=True, kw_only=True)
class ServicesArgs:
    """`names`: "compute.googleapis.com", ...; they stay enabled when the stack is gone, for others may use them."""

    project: str
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        """ValueError for a name that is no service's."""
        for name in self.names:
            if not re.fullmatch(r"[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*\.googleapis\.com", name):
                message = f'{name!r} is no service of Google Cloud; write for example "compute.googleapis.com".'
                raise ValueError(message)


class Services(pulumi.ComponentResource):
    def __init__(self, name: str, args: ServicesArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:gcp:Services", name, {}, opts)
        for service in args.names:
            gcp.projects.Service(
                f"{name}-{service.removesuffix('.googleapis.com')}",
                project=args.project,
                service=service,
                disable_on_destroy=False,
                disable_dependent_services=False,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})
