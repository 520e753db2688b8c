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
