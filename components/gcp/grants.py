"""What a lease's nodes may read and write: their data, their secrets and the images, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

READ = "roles/storage.objectViewer"
WRITE = "roles/storage.objectUser"  # reads too; no objectAdmin: it could give the objects away


@dataclass(frozen=True, kw_only=True)
class GrantsArgs:
    """`buckets` and `written` map a data set's name to its bucket; a bucket that is written is read as well."""

    member: pulumi.Input[str]  # "serviceAccount:…"
    read: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    written: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    secrets: tuple[tuple[str, str], ...] = ()  # project and name
    repository: pulumi.Input[str] | None = None  # projects/<project>/locations/<location>/repositories/<name>
    tensorboard_writer: pulumi.Input[str] | None = None  # projects/<project>/roles/<id>, of TensorboardWriter


class Grants(pulumi.ComponentResource):
    def __init__(self, name: str, args: GrantsArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:gcp:Grants", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        buckets = [(data, bucket, READ) for data, bucket in args.read.items() if data not in args.written]
        buckets += [(data, bucket, WRITE) for data, bucket in args.written.items()]
        for data, bucket, role in buckets:
            gcp.storage.BucketIAMMember(f"{name}-data-{data}", bucket=bucket, role=role, member=args.member, opts=child)
        for project, secret in args.secrets:
            gcp.secretmanager.SecretIamMember(
                f"{name}-secret-{project}-{secret}",
                project=project,
                secret_id=secret,
                role="roles/secretmanager.secretAccessor",
                member=args.member,
                opts=child,
            )
        if args.repository is not None:
            repository = pulumi.Output.from_input(args.repository)
            gcp.artifactregistry.RepositoryIamMember(
                f"{name}-images",
                project=repository.apply(lambda path: path.split("/")[1]),
                location=repository.apply(lambda path: path.split("/")[3]),
                repository=repository.apply(lambda path: path.split("/")[5]),
                role="roles/artifactregistry.reader",
                member=args.member,
                opts=child,
            )
        if args.tensorboard_writer is not None:
            writer = pulumi.Output.from_input(args.tensorboard_writer)
            gcp.projects.IAMMember(
                f"{name}-tensorboard",
                project=writer.apply(lambda path: path.split("/")[1]),
                role=writer,
                member=args.member,
                opts=child,
            )
        self.register_outputs({})
