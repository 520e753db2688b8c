"""Machines that Vertex AI keeps for one's jobs. They bill while idle; only a person or the guard ends them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp
from pulumi_gcp.vertex import AiPersistentResourceResourcePoolArgsDict

from components.gcp.resource_name import check_name, check_region


@dataclass(frozen=True, kw_only=True)
class PersistentResourceArgs:
    """`nodes` of one machine type that are there, and bill, from creation to deletion.

    The API holds no lifetime and no idle end (aiplatform.v1 PersistentResource): plan its end before its start.
    """

    project: str
    region: str
    machine_type: str
    accelerator_type: str  # of trainyard.facts.vertex
    accelerator_count: int
    nodes: int
    labels: Mapping[str, str]
    most_nodes: int | None = None  # grows to so many while jobs wait; they bill as well
    boot_disk_gib: int = 200
    network: pulumi.Input[str] | None = None  # full id, peered with Google's services
    kms_key: pulumi.Input[str] | None = None

    def __post_init__(self) -> None:
        """ValueError for a place that is no region or counts that cannot be."""
        check_region(self.region)
        if self.nodes < 1 or (self.most_nodes is not None and self.most_nodes < self.nodes):
            message = (
                f"nodes={self.nodes}, most_nodes={self.most_nodes}: there is at least one node, and most_nodes is not "
                "below nodes; leave most_nodes out for a fixed size."
            )
            raise ValueError(message)


class PersistentResource(pulumi.ComponentResource):
    resource_id: pulumi.Output[str]  # what a job names as its persistentResourceId

    def __init__(self, name: str, args: PersistentResourceArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("persistent resource", name)
        super().__init__("trainyard:gcp:PersistentResource", name, {}, opts)
        growing = args.most_nodes is not None and args.most_nodes > args.nodes
        pool: AiPersistentResourceResourcePoolArgsDict = {
            "machine_spec": {
                "machine_type": args.machine_type,
                "accelerator_type": args.accelerator_type,
                "accelerator_count": args.accelerator_count,
            },
            "disk_spec": {"boot_disk_type": "pd-ssd", "boot_disk_size_gb": args.boot_disk_gib},
        }
        if growing:
            pool["autoscaling_spec"] = {
                "min_replica_count": str(args.nodes),
                "max_replica_count": str(args.most_nodes),
            }
        else:
            pool["replica_count"] = str(args.nodes)
        resource = gcp.vertex.AiPersistentResource(
            f"{name}-resource",
            name=name,
            display_name=name,
            project=args.project,
            location=args.region,
            labels=args.labels,
            network=args.network,
            encryption_spec={"kms_key_name": args.kms_key} if args.kms_key is not None else None,
            resource_pools=[pool],
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.resource_id = resource.name
        self.register_outputs({"resource_id": self.resource_id})
