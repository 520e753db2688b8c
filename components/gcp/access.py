"""Who may log in to one machine: the IAP tunnel and OS Login on that instance, nowhere else in the project."""

from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.gcp.principal import check_principals
from components.gcp.resource_name import check_zone


@dataclass(frozen=True, kw_only=True)
class AccessArgs:
    """OS Login asks for the use of the machine's service account too, which `NodeIdentity` grants."""

    project: str
    zone: str
    instance_name: pulumi.Input[str]
    principals: tuple[str, ...]

    def __post_init__(self) -> None:
        """ValueError for a principal of another form or a zone that is none."""
        check_zone(self.zone)
        check_principals(self.principals)


class Access(pulumi.ComponentResource):
    def __init__(self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:gcp:Access", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        for principal in args.principals:
            gcp.iap.TunnelInstanceIAMMember(
                f"{name}-tunnel-{principal}",
                project=args.project,
                zone=args.zone,
                instance=args.instance_name,
                role="roles/iap.tunnelResourceAccessor",
                member=principal,
                opts=child,
            )
            gcp.compute.InstanceIAMMember(
                f"{name}-login-{principal}",
                project=args.project,
                zone=args.zone,
                instance_name=args.instance_name,
                role="roles/compute.osLogin",
                member=principal,
                opts=child,
            )
        self.register_outputs({})
