"""Who may log in to the machines of a group, whose names only the cloud knows: by conditions on the project."""

from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.gcp.gpu_group_args import check_group_name
from components.gcp.principal import check_principals
from components.gcp.resource_name import check_zone
from components.instant import check_instant


@dataclass(frozen=True, kw_only=True)
class GpuGroupAccessArgs:
    """A tunnel to port 22 of the project's machines, but a login on the group's only; both until the hard end."""

    project: str
    zone: str
    group: str
    until: str  # RFC 3339, UTC
    principals: tuple[str, ...]

    def __post_init__(self) -> None:
        """ValueError for a principal of another form, a zone, a name or a time that is none."""
        check_zone(self.zone)
        check_group_name(self.group)
        check_instant("hard end", self.until)
        check_principals(self.principals)


class GpuGroupAccess(pulumi.ComponentResource):
    def __init__(self, name: str, args: GpuGroupAccessArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:gcp:GpuGroupAccess", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        until = f'request.time < timestamp("{args.until}")'
        machines = f"projects/{args.project}/zones/{args.zone}/instances/{args.group}-"
        for principal in args.principals:
            # IAP names machines by number in its resources, so that a prefix of their names would match none.
            gcp.iap.TunnelIamMember(
                f"{name}-tunnel-{principal}",
                project=args.project,
                role="roles/iap.tunnelResourceAccessor",
                member=principal,
                condition={"title": f"SSH for {args.group}", "expression": f"destination.port == 22 && {until}"},
                opts=child,
            )
            gcp.projects.IAMMember(
                f"{name}-login-{principal}",
                project=args.project,
                role="roles/compute.osLogin",
                member=principal,
                condition={
                    "title": f"machines of {args.group}",
                    "expression": f'resource.name.startsWith("{machines}") && {until}',
                },
                opts=child,
            )
        self.register_outputs({})
