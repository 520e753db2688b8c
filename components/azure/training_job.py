"""One run of a container on Azure Machine Learning: a cluster that is empty while nothing runs, and the job on it.

The SDK's own `machinelearningservices.Job` cannot keep what holds for jobs on every cloud: its update is another PUT,
which changes nothing but tags and descriptions of a job; its delete asks to delete a job that still runs, which Azure
refuses; it waits for nothing and tells a failed job as made; and a create whose answer was lost is refused by the next
`up` as there already. So the job is `trainyard:azure:MlJob`, over the same ARM calls.
"""

import hashlib
import shlex
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pulumi
import pulumi_azure_native as azure

from components.azure.training_job_args import JobData, TrainingJobArgs
from trainyard.facts.azure.learning import PRIORITIES, secret_url
from trainyard.facts.capacity import name as capacity_name
from trainyard.resources import AzureMlJob, AzureMlJobArgs

_IDLE = timedelta(minutes=2)  # a node without a job goes; the next run's job may still find it warm
# What no change of a cluster can touch: learn.microsoft.com/rest/api/azureml/compute/update takes scale settings only.
_FIXED = [
    *(f"properties.properties.{key}" for key in ("vmSize", "vmPriority", "enableNodePublicIp", "osType")),
    *("properties.computeType", "properties.disableLocalAuth", "properties.computeLocation"),
    "properties.properties.remoteLoginPortPublicAccess",
]


class TrainingJob(pulumi.ComponentResource):
    job_name: pulumi.Output[str]
    state: pulumi.Output[str]
    console_url: pulumi.Output[str]

    def __init__(self, name: str, args: TrainingJobArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:azure:TrainingJob", name, {}, opts)
        inside = _inside(args.workspace)
        child = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        cluster = azure.machinelearningservices.Compute(
            f"{name}-cluster",
            compute_name=args.compute_name,
            location=args.location,
            identity={"type": "UserAssigned", "user_assigned_identities": [args.identity]},
            properties=_cluster(args),
            tags=args.tags,
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(replace_on_changes=_FIXED)),
            **inside,
        )
        environment = azure.machinelearningservices.EnvironmentVersion(
            f"{name}-environment",
            name=name,
            version=hashlib.sha256(args.container.encode()).hexdigest()[:12],  # a version holds one image for ever
            properties={"image": args.container, "os_type": "Linux", "tags": args.tags},
            opts=child,
            **inside,
        )
        job = AzureMlJob(
            f"{name}-job",
            AzureMlJobArgs(
                origin=args.origin,
                workspace=args.workspace,
                name=name,
                run=args.run,
                tags=args.tags,
                job=_job(args, compute_id=cluster.id, environment_id=environment.id),
                hard_end=args.hard_end,
                wait_for=args.wait_for,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.job_name, self.state, self.console_url = job.job_name, job.state, job.console_url
        self.register_outputs({"job_name": self.job_name, "state": self.state, "console_url": self.console_url})


def _inside(workspace: pulumi.Input[str]) -> dict[str, Any]:
    parts = pulumi.Output.from_input(workspace).apply(lambda full: full.split("/"))
    return {
        "resource_group_name": parts.apply(lambda each: each[4]),
        "workspace_name": parts.apply(lambda each: each[8]),
    }


def _cluster(args: TrainingJobArgs) -> Any:
    return {
        "compute_type": "AmlCompute",
        "disable_local_auth": True,
        "properties": {
            "vm_size": args.machine_type,
            "vm_priority": PRIORITIES[capacity_name(args.capacity)],
            "os_type": "Linux",
            "scale_settings": {
                "min_node_count": 0,
                "max_node_count": args.nodes,
                "node_idle_time_before_scale_down": iso(_IDLE),
            },
            "enable_node_public_ip": False,
            "remote_login_port_public_access": "Disabled",
        },
    }


def _job(args: TrainingJobArgs, **ids: pulumi.Input[str]) -> dict[str, Any]:
    job: dict[str, Any] = {
        "jobType": "Command",
        "command": " ".join((*_variables(args.data), shlex.join(args.command))),
        "environmentId": ids["environment_id"],
        "computeId": ids["compute_id"],
        "experimentName": "trainyard",
        "environmentVariables": {
            **args.env,
            **{f"{variable}_SECRET": secret_url(reference) for variable, reference in args.secrets.items()},
            # Which of a cluster's identities the container's own login takes.
            "AZURE_CLIENT_ID": args.identity_client_id,
        },
        "identity": {"identityType": "Managed", "clientId": args.identity_client_id},
        "limits": {"jobLimitsType": "Command", "timeout": iso(args.timeout)},
        "resources": {"instanceCount": args.nodes, "shmSize": f"{args.shared_memory_gib}g"},
    }
    if read := [each for each in args.data if not each.write]:
        job["inputs"] = {
            _key(each): {"jobInputType": "uri_folder", "mode": "ReadOnlyMount", "uri": _uri(each)} for each in read
        }
    if written := [each for each in args.data if each.write]:
        job["outputs"] = {
            _key(each): {"jobOutputType": "uri_folder", "mode": "ReadWriteMount", "uri": _uri(each)} for each in written
        }
    if args.nodes > 1:
        # One process a node: the command starts those of the GPUs, by torchrun for one.
        job["distribution"] = {"distributionType": "PyTorch", "processCountPerInstance": 1}
    return job


def _variables(data: tuple[JobData, ...]) -> Iterator[str]:
    """Set before the command: only there Azure Machine Learning puts a mount's folder in."""
    for each in data:
        yield f'{_key(each).upper()}="${{{{{"outputs" if each.write else "inputs"}.{_key(each)}}}}}"'


def _key(data: JobData) -> str:
    return data.name.replace("-", "_")


def _uri(data: JobData) -> pulumi.Output[str]:
    return pulumi.Output.concat("wasbs://", data.container, "@", data.account, ".blob.core.windows.net/")


def iso(span: timedelta) -> str:
    """A span as ISO 8601 writes it: "PT43200S"."""
    return f"PT{int(span.total_seconds())}S"
