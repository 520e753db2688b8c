"""Machines that Vertex AI keeps for one's jobs. They bill while idle; only a person or the guard ends them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp
from pulumi_gcp.vertex import AiPersistentResourceResourcePoolArgsDict

from components.gcp.resource_name import check_name, check_region
from trainyard.facts.machine import SHAPES
from trainyard.facts.persistent_resource import not_built
from trainyard.facts.vertex import job_machine


@dataclass(frozen=True, kw_only=True)
class PersistentResourceArgs:
    """`nodes` of one machine type that are there, and bill, from creation to deletion.

    The API holds no lifetime and no idle end (aiplatform.v1 PersistentResource): plan its end before its start.
    """

    project: str
    region: str
    machine_type: str  # an offer's: "a3-highgpu-8g", "n1-standard-8"
    gpu_type: str = ""  # of an N1: "nvidia-tesla-t4"
    gpus: int = 0
    nodes: int
    labels: Mapping[str, str]
    most_nodes: int | None = None  # grows to so many while jobs wait; they bill as well
    boot_disk_gib: int = 200
    network: pulumi.Input[str] | None = None  # projects/<number>/global/networks/<name>, peered with Google's services
    kms_key: pulumi.Input[str] | None = None

    def __post_init__(self) -> None:
        """ValueError for a place that is no region, machines that no job runs on, or counts that cannot be."""
        check_region(self.region)
        if reason := not_built("gcp", self.machine_type):
            message = f"{self.machine_type}: {reason}."
            raise ValueError(message)
        job_machine(self.machine_type, self.gpu_type, self.gpus)
        if not 100 <= self.boot_disk_gib <= 64000:
            message = f"A boot disk of {self.boot_disk_gib} GiB cannot be had; give 100 to 64000 GiB."
            raise ValueError(message)
        if self.nodes < 1 or (self.most_nodes is not None and self.most_nodes < self.nodes):
            message = (
                f"nodes={self.nodes}, most_nodes={self.most_nodes}: there is at least one node, and most_nodes is not "
                "below nodes; leave most_nodes out for a fixed size."
            )
            raise ValueError(message)

    @property
    def boot_disk_type(self) -> str:
        """What the machine type boots from."""
        shape = SHAPES.get(self.machine_type)
        needs_hyperdisk = shape is not None and all(kind.startswith("hyperdisk") for kind in shape.boot_disks)
        return "hyperdisk-balanced" if needs_hyperdisk else "pd-ssd"


class PersistentResource(pulumi.ComponentResource):
    resource_id: pulumi.Output[str]  # what a job names as its persistentResourceId

    def __init__(self, name: str, args: PersistentResourceArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("persistent resource", name)
        super().__init__("trainyard:gcp:PersistentResource", name, {}, opts)
        resource = gcp.vertex.AiPersistentResource(
            f"{name}-resource",
            name=name,
            display_name=name,
            project=args.project,
            location=args.region,
            labels=args.labels,
            network=args.network,
            encryption_spec={"kms_key_name": args.kms_key} if args.kms_key is not None else None,
            resource_pools=[_pool(args)],
            # Jobs run as the lease's identity, which may read its data; else as Vertex AI's agent, which may not.
            resource_runtime_spec={"service_account_spec": {"enable_custom_service_account": True}},
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.resource_id = resource.name
        self.register_outputs({"resource_id": self.resource_id})


def _pool(args: PersistentResourceArgs) -> AiPersistentResourceResourcePoolArgsDict:
    machine = job_machine(args.machine_type, args.gpu_type, args.gpus)
    pool: AiPersistentResourceResourcePoolArgsDict = {
        "machine_spec": {
            "machine_type": machine.machine_type,
            "accelerator_type": machine.accelerator_type,
            "accelerator_count": machine.accelerator_count,
        },
        "disk_spec": {"boot_disk_type": args.boot_disk_type, "boot_disk_size_gb": args.boot_disk_gib},
    }
    if args.most_nodes is not None and args.most_nodes > args.nodes:
        pool["autoscaling_spec"] = {"min_replica_count": str(args.nodes), "max_replica_count": str(args.most_nodes)}
    else:
        pool["replica_count"] = str(args.nodes)
    return pool
