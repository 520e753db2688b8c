"""Container images: one Docker repository, scanned, with untagged images cleaned away."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

from components.gcp.resource_name import check_name

_UNTAGGED = "2592000s"  # 30 days: a job that runs by digest may be as old as that


@dataclass(frozen=True, kw_only=True)
class RegistryArgs:
    """`location`: a region, or "europe", "us", "asia"."""

    project: str
    location: str
    immutable_tags: bool = True
    kms_key: pulumi.Input[str] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    protect: bool = True  # as the environment says


class Registry(pulumi.ComponentResource):
    repository_id: pulumi.Output[str]  # projects/<project>/locations/<location>/repositories/<name>
    address: str  # what stands before an image's name

    def __init__(self, name: str, args: RegistryArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("repository", name)
        super().__init__("trainyard:gcp:Registry", name, {}, opts)
        repository = gcp.artifactregistry.Repository(
            f"{name}-repository",
            repository_id=name,
            project=args.project,
            location=args.location,
            format="DOCKER",
            mode="STANDARD_REPOSITORY",
            docker_config={"immutable_tags": args.immutable_tags},
            cleanup_policy_dry_run=False,
            cleanup_policies=[
                {
                    "id": "untagged",
                    "action": "DELETE",
                    "condition": {"tag_state": "UNTAGGED", "older_than": _UNTAGGED},
                },
            ],
            vulnerability_scanning_config={"enablement_config": "INHERITED"},
            kms_key_name=args.kms_key,
            labels=args.labels,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.repository_id = repository.id
        self.address = f"{args.location}-docker.pkg.dev/{args.project}/{name}"
        self.register_outputs({"repository_id": self.repository_id, "address": self.address})
