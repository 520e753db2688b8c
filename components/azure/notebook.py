"""A compute instance of Azure Machine Learning: one person's, without a public address or SSH, stopped when idle.

It holds no end of its own but the idle one; what ends the lease's is the guard. It has no managed identity: with one it
would only stop when idle if that identity were a contributor of the whole workspace (how-to-create-compute-instance,
Configure idle shutdown). Its user reads data as themselves.
"""

import pulumi
import pulumi_azure_native as azure

from components.azure.notebook_args import NotebookArgs
from components.azure.training_job import iso


class Notebook(pulumi.ComponentResource):
    instance_name: pulumi.Output[str]
    url: str  # the workspace's studio
    login_command: str

    def __init__(self, name: str, args: NotebookArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:azure:Notebook", name, {}, opts)
        parts = pulumi.Output.from_input(args.workspace).apply(lambda full: full.split("/"))
        instance = azure.machinelearningservices.Compute(
            f"{name}-instance",
            compute_name=args.compute_name,
            resource_group_name=parts.apply(lambda each: each[4]),
            workspace_name=parts.apply(lambda each: each[8]),
            location=args.location,
            properties={
                "compute_type": "ComputeInstance",
                "disable_local_auth": True,
                "properties": {
                    "vm_size": args.machine_type,
                    "application_sharing_policy": "Personal",
                    "compute_instance_authorization_type": "personal",
                    "personal_compute_instance_settings": {
                        "assigned_user": {"object_id": args.user_object_id, "tenant_id": args.tenant}
                    },
                    "idle_time_before_shutdown": iso(args.idle),
                    "enable_node_public_ip": False,
                    "enable_sso": True,
                    "ssh_settings": {"ssh_public_access": "Disabled"},
                },
            },
            tags=args.tags,
            # Nothing of an instance changes after it is made but by calls of its own. What people write lies in the
            # workspace's file share, and is there for the next instance.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True, replace_on_changes=["properties"]),
        )
        self.instance_name = instance.name
        self.url = "https://ml.azure.com"
        self.login_command = login_command(args.compute_name)
        self.register_outputs({"instance_name": self.instance_name, "url": self.url})


def login_command(compute_name: str) -> str:
    """Where its user opens it; there is no tunnel into it."""
    return f"open https://ml.azure.com, choose Compute, then JupyterLab or VS Code of {compute_name}"
