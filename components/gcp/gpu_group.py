"""A group of GPU machines on Google Cloud that repairs and updates nothing behind anyone's back."""

import pulumi
import pulumi_gcp as gcp

from components.gcp.gpu_group_access import GpuGroupAccess, GpuGroupAccessArgs
from components.gcp.gpu_group_args import DIGITS, GpuGroupArgs, check_group_name
from components.gcp.gpu_group_template import GpuGroupTemplate
from components.gcp.resource_name import check_zone

_CREATE = "40m"  # the provider's own 15 minutes are short for a group that gets its machines all at once


class GpuGroup(pulumi.ComponentResource):
    group_name: pulumi.Output[str]
    list_command: str
    login_command: str

    def __init__(self, name: str, args: GpuGroupArgs, opts: pulumi.ResourceOptions | None = None):
        check_group_name(name)
        super().__init__("trainyard:gcp:GpuGroup", name, {}, opts)
        node = args.node
        replaced = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        policy = None
        if args.workload_policy:
            policy = gcp.compute.ResourcePolicy(
                f"{name}-placement",
                name=name,
                project=node.project,
                region=check_zone(node.zone),
                workload_policy={"type": "HIGH_THROUGHPUT"},
                opts=replaced,
            )
        template = GpuGroupTemplate(name, args, pulumi.ResourceOptions(parent=self))
        group = gcp.compute.InstanceGroupManager(
            f"{name}-group",
            name=name,
            project=node.project,
            zone=node.zone,
            description=_flex_description(args),
            base_instance_name=f"{name}-{DIGITS}",
            versions=[{"instance_template": template.link}],
            target_size=None if args.flex else args.nodes,
            target_size_policies=None if args.flex else [{"mode": "BULK"}],
            resource_policies=None if policy is None else {"workload_policy": policy.self_link},
            # Repair would make again what the guard, the node or the cloud ended.
            instance_lifecycle_policy={"default_action_on_failure": "DO_NOTHING"},
            update_policy={
                "type": "OPPORTUNISTIC",
                "minimal_action": "REPLACE",
                "max_surge_fixed": 0,
                "max_unavailable_fixed": 1,
            },
            wait_for_instances=not args.flex,
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                # Another template would change the next machine only, and silently; another flex-start count would add
                # machines to those that are there.
                replace_on_changes=["versions", "description"],
                ignore_changes=["targetSize"] if args.flex else None,
                custom_timeouts=pulumi.CustomTimeouts(create=_CREATE, update=_CREATE),
            ),
        )
        if args.flex:
            gcp.compute.ResizeRequest(
                f"{name}-request",
                name=name,
                project=node.project,
                zone=node.zone,
                instance_group_manager=group.name,
                resize_by=args.nodes,
                requested_run_duration={"seconds": str(node.run_seconds)},
                opts=replaced,
            )
        if node.access:
            GpuGroupAccess(
                f"{name}-access",
                GpuGroupAccessArgs(
                    project=node.project, zone=node.zone, group=name, until=node.hard_end, principals=node.access
                ),
                pulumi.ResourceOptions(parent=self),
            )
        self.group_name = group.name
        self.list_command = list_command(node.project, node.zone, name)
        self.login_command = f"gcloud compute ssh NAME --tunnel-through-iap --project {node.project} --zone {node.zone}"
        self.register_outputs(
            {
                "group_name": self.group_name,
                "list_command": self.list_command,
                "login_command": self.login_command,
            }
        )


def list_command(project: str, zone: str, name: str) -> str:
    """What a person types to see the machines' names."""
    return f"gcloud compute instance-groups managed list-instances {name} --project {project} --zone {zone}"


def _flex_description(args: GpuGroupArgs) -> str | None:
    return f"{args.nodes} by flex-start, {args.node.run_seconds} s" if args.flex else None
