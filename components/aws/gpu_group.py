"""A group of GPU machines on AWS that repairs and balances nothing behind anyone's back, and ends as a whole."""

from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.access import Access, AccessArgs
from components.aws.gpu_group_args import GpuGroupArgs
from components.aws.gpu_group_template import GpuGroupTemplate
from components.aws.hard_end import end_group
from components.aws.resource_name import check_name

_CREATE = "40m"  # a group waits for all of its machines
# What would make again, or move, a machine that the guard, the node or the cloud ended. Terminate and Launch stay: the
# group's own end and its growth need them.
_SUSPENDED = ("AZRebalance", "AlarmNotification", "HealthCheck", "InstanceRefresh", "ReplaceUnhealthy")


class GpuGroup(pulumi.ComponentResource):
    group_name: pulumi.Output[str]
    list_command: str
    login_command: str

    def __init__(self, name: str, args: GpuGroupArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("group", name)
        super().__init__("trainyard:aws:GpuGroup", name, {}, opts)
        node = args.node
        once = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        template = GpuGroupTemplate(
            name, args, self._placement(name, args), self._fabric(name, args), pulumi.ResourceOptions(parent=self)
        )
        # The end is there before the machines are, for the group's name is known.
        end = end_group(name, node.ends, node.hard_end, name, once)
        group = aws.autoscaling.Group(
            f"{name}-group",
            name=name,
            region=node.region,
            min_size=args.nodes,
            max_size=args.nodes,
            desired_capacity=args.nodes,
            vpc_zone_identifiers=[node.subnet_id],
            launch_template={"id": template.template_id, "version": "$Latest"},
            health_check_type="EC2",
            suspended_processes=list(_SUSPENDED),
            wait_for_capacity_timeout=_CREATE,
            tags=[{"key": key, "value": value, "propagate_at_launch": False} for key, value in node.tags.items()],
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                replace_on_changes=["launchTemplate", "vpcZoneIdentifiers"],
                depends_on=[end],
                custom_timeouts=pulumi.CustomTimeouts(create=_CREATE, update=_CREATE, delete=_CREATE),
            ),
        )
        if node.access:
            Access(
                f"{name}-access",
                AccessArgs(account=node.account, region=node.region, tags=node.tags, principals=node.access),
                pulumi.ResourceOptions(parent=self),
            )
        self.group_name = group.name
        self.list_command = list_command(node.region, name)
        self.login_command = f"aws ssm start-session --target INSTANCE --region {node.region}"
        self.register_outputs(
            {
                "group_name": self.group_name,
                "list_command": self.list_command,
                "login_command": self.login_command,
            }
        )

    def _placement(self, name: str, args: GpuGroupArgs) -> pulumi.Input[str] | None:
        """The cluster placement group: close to each other, or none of the machines at all."""
        if args.block:
            return None
        if args.placement_groups:
            return args.placement_groups[0]
        return aws.ec2.PlacementGroup(
            f"{name}-placement",
            name=name,
            region=args.node.region,
            strategy="cluster",
            tags=args.node.tags,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        ).name

    def _fabric(self, name: str, args: GpuGroupArgs) -> pulumi.Input[str] | None:
        """The security group that EFA needs: all traffic to itself and from itself, named as such in both ways."""
        if args.fabric == "none":
            return None
        once = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        region, tags = args.node.region, args.node.tags
        group = aws.ec2.SecurityGroup(
            f"{name}-fabric",
            name=f"{name}-fabric",
            region=region,
            vpc_id=args.vpc_id,
            description=f"Between the machines of {name}",
            tags=tags,
            opts=once,
        )
        same: Any = {"security_group_id": group.id, "referenced_security_group_id": group.id, "ip_protocol": "-1"}
        inside = aws.vpc.SecurityGroupIngressRule(f"{name}-fabric-in", region=region, tags=tags, opts=once, **same)
        outside = aws.vpc.SecurityGroupEgressRule(f"{name}-fabric-out", region=region, tags=tags, opts=once, **same)
        # Machines that come before the rules would find no peers.
        return pulumi.Output.all(group.id, inside.id, outside.id).apply(lambda ids: str(ids[0]))


def list_command(region: str, name: str) -> str:
    """What a person types to see the machines' ids."""
    query = "AutoScalingGroups[].Instances[].InstanceId"
    return (
        f"aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names {name} --query '{query}' "
        f"--output text --region {region}"
    )
