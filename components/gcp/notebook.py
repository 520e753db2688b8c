"""A Vertex AI Workbench instance: private, stopped when idle, opened through Google's proxy by those who may.

Workbench holds no end of its own but the idle one: the node's own end runs as its startup script, and the guard's.
"""

from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.bootstrap.heartbeat import WORKLOAD_ATTRIBUTE
from components.gcp.notebook_args import NotebookArgs
from components.gcp.resource_name import check_name
from trainyard.facts.capacity import Reserved
from trainyard.facts.labels import WORKLOAD_KEY
from trainyard.facts.workbench import accelerator_type

# Workbench's own image; the API takes the newest of the family at the first boot.
_IMAGE = {"project": "cloud-notebooks-managed", "family": "workbench-instances"}
# The provider changes these on a stopped instance only, and would stop one that works.
_ONLY_STOPPED = ["gceSetup.machineType", "gceSetup.acceleratorConfigs", "gceSetup.metadata.startup-script"]


class Notebook(pulumi.ComponentResource):
    instance_name: pulumi.Output[str]
    url: pulumi.Output[str]  # JupyterLab, through Google's proxy
    login_command: str

    def __init__(self, name: str, args: NotebookArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("notebook", name)
        super().__init__("trainyard:gcp:Notebook", name, {}, opts)
        instance = gcp.workbench.Instance(
            f"{name}-instance",
            name=name,
            project=args.project,
            location=args.zone,
            labels=args.labels,
            disable_proxy_access=False,
            desired_state="ACTIVE",
            gce_setup=_setup(args),
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                replace_on_changes=_ONLY_STOPPED,
                # Idle shutdown is what was asked for: an `up` must not start what it stopped.
                ignore_changes=["desiredState"],
            ),
        )
        for principal in args.access:
            gcp.workbench.InstanceIamMember(
                f"{name}-viewer-{principal}",
                name=instance.name,
                project=args.project,
                location=args.zone,
                role="roles/notebooks.viewer",
                member=principal,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.instance_name = instance.name
        self.url = instance.proxy_uri
        self.login_command = login_command(args.project, args.zone, name)
        self.register_outputs({"instance_name": self.instance_name, "url": self.url})


def login_command(project: str, zone: str, name: str) -> str:
    """What a person types to get JupyterLab's address."""
    return (
        f"gcloud workbench instances describe {name} --project {project} --location {zone} --format 'value(proxyUri)'"
    )


def _setup(args: NotebookArgs) -> Any:
    shape = args.shape
    disk = {"disk_encryption": "CMEK", "kms_key": args.kms_key} if args.kms_key is not None else {}
    setup: dict[str, Any] = {
        "machine_type": args.machine_type,
        "accelerator_configs": [{"type": accelerator_type(shape.gpu_type), "core_count": str(shape.gpus)}],
        "vm_image": _IMAGE,
        "boot_disk": {"disk_type": "PD_BALANCED", "disk_size_gb": str(args.boot_disk_gib), **disk},
        "data_disks": {"disk_type": "PD_BALANCED", "disk_size_gb": str(args.data_disk_gib), **disk},
        "disable_public_ip": True,
        "network_interfaces": [
            {"network": args.network, "subnet": args.subnetwork, "nic_type": shape.nic_type},
        ],
        "service_accounts": [{"email": args.service_account}],
        "shielded_instance_config": {
            "enable_secure_boot": False,  # the image's GPU driver is not known to be signed
            "enable_vtpm": True,
            "enable_integrity_monitoring": True,
        },
        "metadata": {
            "idle-timeout-seconds": str(int(args.idle.total_seconds())),
            "notebook-disable-root": "true",
            "serial-port-enable": "false",
            "startup-script": args.startup_script,
            WORKLOAD_ATTRIBUTE: args.labels.get(WORKLOAD_KEY, ""),
        },
    }
    if isinstance(args.capacity, Reserved):
        setup["reservation_affinity"] = {
            "consume_reservation_type": "RESERVATION_SPECIFIC",
            "key": "compute.googleapis.com/reservation-name",
            "values": [args.capacity.id],
        }
    return setup
