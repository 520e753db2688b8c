"""One run of a container on Vertex AI that ends by itself; refuses to open a shell into it or to hold a secret."""

from collections.abc import Iterator
from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.bootstrap.secret_files import secret_version
from components.gcp.training_job_args import TrainingJobArgs
from trainyard.facts.capacity import Reserved, name
from trainyard.facts.vertex import STRATEGIES
from trainyard.resources import VertexCustomJob, VertexCustomJobArgs


class TrainingJob(pulumi.ComponentResource):
    job_name: pulumi.Output[str]
    state: pulumi.Output[str]
    console_url: pulumi.Output[str]

    def __init__(self, name: str, args: TrainingJobArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:gcp:TrainingJob", name, {}, opts)
        job = VertexCustomJob(
            f"{name}-job",
            VertexCustomJobArgs(
                origin=args.origin,
                project=args.project,
                region=args.region,
                name=name,
                run=args.run,
                labels=args.labels,
                job_spec=_job_spec(args),
                hard_end=args.hard_end,
                wait_for=args.wait_for,
                kms_key=args.kms_key,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.job_name = job.display_name
        self.state = job.state
        self.console_url = job.console_url
        self.register_outputs({"job_name": self.job_name, "state": self.state, "console_url": self.console_url})


def peered_network(network_id: pulumi.Input[str]) -> pulumi.Output[str]:
    """A network's full id as Vertex AI takes it: with its project's number."""
    parts = pulumi.Output.from_input(network_id).apply(lambda full: full.split("/"))
    project = gcp.organizations.get_project_output(project_id=parts.apply(lambda each: each[1]))
    return pulumi.Output.concat("projects/", project.number, "/global/networks/", parts.apply(lambda each: each[4]))


def _job_spec(args: TrainingJobArgs) -> dict[str, Any]:
    pool = _pool(args)
    pools = [{**pool, "replicaCount": "1"}]  # the primary replica; Vertex AI wants it in a pool of its own
    if args.nodes > 1:
        pools.append({**pool, "replicaCount": str(args.nodes - 1)})
    spec: dict[str, Any] = {
        "workerPoolSpecs": pools,
        "scheduling": {
            "strategy": STRATEGIES[name(args.capacity)],
            "timeout": f"{int(args.timeout.total_seconds())}s",
            "maxWaitDuration": f"{int(args.max_wait.total_seconds())}s",
            # Without the second one Vertex AI starts a failed job again by itself, up to six times.
            **({"restartJobOnWorkerRestart": True} if args.restarts else {"disableRetries": True}),
        },
        "serviceAccount": args.service_account,
    }
    optional = {
        "network": args.network,
        "pscInterfaceConfig": args.network_attachment and {"networkAttachment": args.network_attachment},
        "tensorboard": args.tensorboard,
        "persistentResourceId": args.persistent_resource,
        "baseOutputDirectory": args.output_directory and {"outputUriPrefix": args.output_directory},
    }
    return spec | {key: value for key, value in optional.items() if value is not None}


def _pool(args: TrainingJobArgs) -> dict[str, Any]:
    container: dict[str, Any] = {"imageUri": args.container, "env": list(environment_of(args))}
    if args.command:
        container["command"] = list(args.command)
    if args.args:
        container["args"] = list(args.args)
    pool: dict[str, Any] = {
        "machineSpec": _machine(args),
        "containerSpec": container,
        "diskSpec": {"bootDiskType": args.disk_kind, "bootDiskSizeGb": args.disk.gib},
    }
    if args.nfs:
        pool["nfsMounts"] = [
            {"server": _before(each.source), "path": _after(each.source), "mountPoint": each.folder}
            for each in args.nfs
        ]
    if args.lustre:
        pool["lustreMounts"] = [
            {
                "instanceIp": each.address,
                "filesystem": each.filesystem,
                "volumeHandle": each.volume_handle,
                "mountPoint": each.folder,
            }
            for each in args.lustre
        ]
    return pool


def _machine(args: TrainingJobArgs) -> dict[str, Any]:
    machine = args.machine
    told: dict[str, Any] = {
        "machineType": machine.machine_type,
        "acceleratorType": machine.accelerator_type,
        "acceleratorCount": machine.accelerator_count,
        "tpuTopology": machine.tpu_topology,
    }
    if isinstance(args.capacity, Reserved):
        shared, _, reserved = args.capacity.id.rpartition("/reservations/")
        owner = shared or f"projects/{args.project}"
        reservation = f"{owner}/zones/{args.reservation_zone}/reservations/{reserved}"
        told["reservationAffinity"] = {
            "reservationAffinityType": "SPECIFIC_RESERVATION",
            "key": "compute.googleapis.com/reservation-name",
            "values": [reservation],
        }
    return {key: value for key, value in told.items() if value is not None}


def environment_of(args: TrainingJobArgs) -> Iterator[dict[str, Any]]:
    """Vertex AI has no variables out of a secret: the container gets the secret's name, and reads it as itself."""
    for variable, value in args.env.items():
        yield {"name": variable, "value": value}
    for variable, reference in args.secrets.items():
        yield {"name": f"{variable}_SECRET", "value": secret_version(reference)}
    for each in args.data:
        yield {"name": _variable(each.name), "value": pulumi.Output.concat("/gcs/", each.bucket)}
    for folder in (each.folder for each in args.nfs):
        yield {"name": _variable(folder), "value": f"/mnt/nfs/{folder}"}
    for folder in (each.folder for each in args.lustre):
        yield {"name": _variable(folder), "value": f"/mnt/lustre/{folder}"}
    written = next((each for each in args.data if each.write), None)
    if written is not None:
        yield {"name": "TRAINYARD_CHECKPOINTS", "value": pulumi.Output.concat("/gcs/", written.bucket)}


def _variable(data_set: str) -> str:
    return f"TRAINYARD_DATA_{data_set.upper().replace('-', '_').replace('.', '_')}"


def _before(mount: pulumi.Input[str]) -> pulumi.Output[str]:
    return pulumi.Output.from_input(mount).apply(lambda text: str(text).partition(":")[0])


def _after(mount: pulumi.Input[str]) -> pulumi.Output[str]:
    return pulumi.Output.from_input(mount).apply(lambda text: str(text).partition(":")[2])
