"""A SageMaker notebook instance: private, without root, stopped when idle, opened by those whom IAM lets sign for it.

SageMaker holds no end of its own: the instance stops itself, and the guard's end deletes it.
"""

import json

import pulumi
import pulumi_aws as aws

from components.aws.notebook_args import NotebookArgs
from components.aws.notebook_script import Ending, start_script
from components.aws.principal import kind_and_name
from components.aws.resource_name import check_name

_PLATFORM = "notebook-al2023-v1"  # JupyterLab 4 on Amazon Linux 2023


class Notebook(pulumi.ComponentResource):
    instance_name: pulumi.Output[str]
    url: pulumi.Output[str]
    login_command: str

    def __init__(self, name: str, args: NotebookArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("notebook", name)
        super().__init__("trainyard:aws:Notebook", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        once = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        ending = Ending(hard_end=args.hard_end, idle=args.idle, soft_end=args.soft_end)
        lifecycle = aws.sagemaker.NotebookInstanceLifecycleConfiguration(
            f"{name}-ends",
            name=name,
            region=args.region,
            on_start=start_script(ending),
            tags=dict(args.tags),
            opts=once,
        )
        instance = aws.sagemaker.NotebookInstance(
            f"{name}-instance",
            name=name,
            region=args.region,
            instance_type=f"ml.{args.machine_type}",
            role_arn=args.role_arn,
            subnet_id=args.subnet_id,
            security_groups=list(args.security_group_ids),
            direct_internet_access="Disabled",
            root_access="Disabled",
            lifecycle_config_name=lifecycle.name,
            instance_metadata_service_configuration={"minimum_instance_metadata_service_version": "2"},
            platform_identifier=_PLATFORM,
            volume_size=args.volume_gb,
            kms_key_id=args.kms_key,
            tags=dict(args.tags),
            opts=once,
        )
        if args.access:
            policy = aws.iam.Policy(
                f"{name}-access",
                name=name,
                description="Opens one notebook",
                policy=_opens(args, name),
                tags=dict(args.tags),
                opts=once,
            )
            for principal in args.access:
                match kind_and_name(principal):
                    case ("role", who):
                        aws.iam.RolePolicyAttachment(f"{name}-{principal}", role=who, policy_arn=policy.arn, opts=child)
                    case ("group", who):
                        aws.iam.GroupPolicyAttachment(
                            f"{name}-{principal}", group=who, policy_arn=policy.arn, opts=child
                        )
                    case (_, who):
                        aws.iam.UserPolicyAttachment(f"{name}-{principal}", user=who, policy_arn=policy.arn, opts=child)
        self.instance_name = instance.name
        self.url = instance.url
        self.login_command = login_command(args.region, name)
        self.register_outputs({"instance_name": self.instance_name, "url": self.url})


def login_command(region: str, name: str) -> str:
    """What a person types to get JupyterLab's address, which is good for five minutes."""
    return (
        f"aws sagemaker create-presigned-notebook-instance-url --notebook-instance-name {name} --region {region} "
        "--query AuthorizedUrl --output text"
    )


def _opens(args: NotebookArgs, name: str) -> str:
    """Also starting it again after an idle stop, within the lease: past its end it stops itself."""
    actions = ("CreatePresignedNotebookInstanceUrl", "DescribeNotebookInstance", "StartNotebookInstance")
    statement = {
        "Effect": "Allow",
        "Action": [f"sagemaker:{action}" for action in actions],
        "Resource": f"arn:aws:sagemaker:{args.region}:{args.account}:notebook-instance/{name}",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
