"""A TensorBoard that training jobs write to; what it stores is data and stays."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

from components.gcp.resource_name import check_region


@dataclass(frozen=True, kw_only=True)
class TensorboardArgs:
    """One region; jobs of other regions cannot write to it."""

    project: str
    region: str
    kms_key: pulumi.Input[str] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    protect: bool = True  # as the environment says

    def __post_init__(self) -> None:
        """ValueError for a zone or another word."""
        check_region(self.region)


# What a job's writer of logs calls, and nothing that starts, sees or ends a job: Google's own advice is
# roles/aiplatform.user, which may do all of that. Names: IAM's list of permissions of aiplatform.
_WRITES = (
    "aiplatform.tensorboards.get",
    *(f"aiplatform.tensorboardExperiments.{verb}" for verb in ("create", "get", "list", "update", "write")),
    *(f"aiplatform.tensorboardRuns.{verb}" for verb in ("batchCreate", "create", "get", "list", "update", "write")),
    *(f"aiplatform.tensorboardTimeSeries.{verb}" for verb in ("batchCreate", "create", "get", "list", "update")),
)


@dataclass(frozen=True, kw_only=True)
class TensorboardWriterArgs:
    """`project`: the TensorBoard's own."""

    project: str
    protect: bool = True  # as the environment says


class TensorboardWriter(pulumi.ComponentResource):
    """A role of the project's own, by which a training job's identity writes its logs."""

    role_id: pulumi.Output[str]  # projects/<project>/roles/<id>

    def __init__(self, name: str, args: TensorboardWriterArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:gcp:TensorboardWriter", name, {}, opts)
        role = gcp.projects.IAMCustomRole(
            f"{name}-tensorboard-writer",
            project=args.project,
            role_id=f"trainyard_{name.replace('-', '_')}_tensorboard_writer"[:64],
            title=f"Writes to the TensorBoard of {name}"[:100],
            permissions=list(_WRITES),
            stage="GA",
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.role_id = role.name
        self.register_outputs({"role_id": self.role_id})


class Tensorboard(pulumi.ComponentResource):
    tensorboard_id: pulumi.Output[str]  # projects/<number>/locations/<region>/tensorboards/<number>

    def __init__(self, name: str, args: TensorboardArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:gcp:Tensorboard", name, {}, opts)
        board = gcp.vertex.AiTensorboard(
            f"{name}-tensorboard",
            display_name=name,
            project=args.project,
            region=args.region,
            encryption_spec={"kms_key_name": args.kms_key} if args.kms_key is not None else None,
            labels=args.labels,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        self.tensorboard_id = board.name
        self.register_outputs({"tensorboard_id": self.tensorboard_id})
