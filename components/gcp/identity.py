"""Who a lease's machines are on Google Cloud: one service account that writes logs and metrics and reads its end."""

import re
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.bootstrap.node_end import SoftEndObject
from components.gcp.principal import check_principals

# Nothing here may stop, delete or label a machine, or read another lease's objects.
PROJECT_ROLES = ("roles/logging.logWriter", "roles/monitoring.metricWriter")


@dataclass(frozen=True, kw_only=True)
class NodeIdentityArgs:
    """`access`: those who may log in to any of the machines, "group:ml-research@acme.example"."""

    project: str
    account_id: str
    soft_end: SoftEndObject | None = None
    access: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """ValueError for an account id that Google Cloud refuses or a principal of another form."""
        if not re.fullmatch(r"[a-z][-a-z0-9]{4,28}[a-z0-9]", self.account_id):
            message = (
                f"{self.account_id!r} is no service account id; allowed are 6 to 30 of a-z, 0-9 and '-', a letter "
                "first and no '-' last; account_id(lease_id) makes one."
            )
            raise ValueError(message)
        check_principals(self.access)


def account_id(lease_id: str) -> str:
    """The lease's service account id, at most 30 characters; the lease id's hash stays whole."""
    stack, _, digest = lease_id.rpartition("-")
    return f"ty-{stack[:18].rstrip('-')}-{digest}"


@dataclass(frozen=True, kw_only=True)
class ExistingIdentity:
    """A service account that others made; nothing is registered or granted, the outputs are those of `NodeIdentity`.

    Several leases share it: what one of them granted, its destroy would take from the others. So its owners grant what
    its machines need: logs and metrics, their soft ends, their data, secrets and images, and its use to who logs in.
    """

    account: str  # "gpu-nodes@acme-ml-dev.iam.gserviceaccount.com"

    @property
    def email(self) -> pulumi.Output[str]:
        """The account."""
        return pulumi.Output.from_input(self.account)

    @property
    def member(self) -> pulumi.Output[str]:
        """As grants take it."""
        return pulumi.Output.from_input(f"serviceAccount:{self.account}")


class NodeIdentity(pulumi.ComponentResource):
    """One for all machines of a lease: a project holds 100 service accounts by default."""

    email: pulumi.Output[str]
    member: pulumi.Output[str]  # "serviceAccount:…", as grants take it

    def __init__(self, name: str, args: NodeIdentityArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:gcp:NodeIdentity", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        account = gcp.serviceaccount.Account(
            f"{name}-account",
            account_id=args.account_id,
            project=args.project,
            display_name="Trainyard node",
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        for role in PROJECT_ROLES:
            gcp.projects.IAMMember(
                f"{name}-{role.rpartition('.')[2]}",
                project=args.project,
                role=role,
                member=account.member,
                opts=child,
            )
        if args.soft_end is not None:
            gcp.storage.BucketIAMMember(
                f"{name}-soft-end",
                bucket=args.soft_end.bucket,
                role="roles/storage.objectViewer",
                member=account.member,
                condition={
                    "title": "this lease's soft end only",
                    "expression": f'resource.name == "{args.soft_end.resource_name}"',
                },
                opts=child,
            )
        for principal in args.access:
            gcp.serviceaccount.IAMMember(
                f"{name}-user-{principal}",
                service_account_id=account.name,
                role="roles/iam.serviceAccountUser",
                member=principal,
                opts=child,
            )
        self.email = account.email
        self.member = account.member
        self.register_outputs({"email": self.email})
