"""One GPU VM on AWS that ends by itself; refuses to make a network, a public address or a key."""

from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.access import Access, AccessArgs
from components.aws.gpu_vm_args import DEVICES, GpuVmArgs
from components.aws.hard_end import end_machine
from components.aws.resource_name import check_name
from trainyard.facts.capacity import Block, Reserved, Spot, name

# The provider changes these in place, on a stopped machine only, which loses its instance store and may not come back.
_ONLY_STOPPED = ["instanceType", "capacityReservationSpecification", "instanceMarketOptions"]
# EC2 never detaches a primary interface: with another one comes another machine.
_REPLACES = [*_ONLY_STOPPED, "primaryNetworkInterface"]
# A newer image of the same name, and user data that reaches no running node, must not stop or replace one.
_AT_THE_START = ["ami", "userDataBase64"]


class GpuVm(pulumi.ComponentResource):
    instance_id: pulumi.Output[str]
    login_command: pulumi.Output[str]

    def __init__(self, name_: str, args: GpuVmArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("machine", name_)
        super().__init__("trainyard:aws:GpuVm", name_, {}, opts)
        tags = {"Name": name_, **args.tags}
        # EC2's machines have no names that could collide. Their interface does instead: a create that is repeated after
        # a lost answer finds it in use. An interface that is there already never gets a public address.
        interface = aws.ec2.NetworkInterface(
            f"{name_}-interface",
            region=args.region,
            subnet_id=args.subnet_id,
            security_groups=args.security_group_ids,
            description=name_,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        instance = aws.ec2.Instance(
            f"{name_}-instance",
            region=args.region,
            ami=args.ami,
            instance_type=args.machine_type,
            primary_network_interface={"network_interface_id": interface.id},
            iam_instance_profile=args.instance_profile,
            user_data_base64=args.user_data_base64,
            metadata_options=metadata_options(),
            root_block_device={
                "volume_type": "gp3",
                "volume_size": args.root_volume.gib,
                "encrypted": True,
                "kms_key_id": args.root_volume.kms_key,
                "delete_on_termination": True,
                "tags": tags,  # a volume that outlives its machine still tells whose it was
            },
            instance_market_options=market_options(args),
            capacity_reservation_specification=reservation(args),
            instance_initiated_shutdown_behavior="terminate",  # so that the node's own end is one
            disable_api_termination=False,
            disable_api_stop=False,
            tags=tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                replace_on_changes=_REPLACES,
                ignore_changes=_AT_THE_START,
                # The provider takes what is left out of market options for what was there before.
                replacement_trigger=[args.image.name, name(args.capacity)],
            ),
        )
        for disk, device in zip(args.data_disks, DEVICES, strict=False):
            aws.ec2.VolumeAttachment(
                f"{name_}-data-{disk.name}",
                region=args.region,
                instance_id=instance.id,
                volume_id=disk.volume_id,
                device_name=device,
                # A mounted volume is detached by its machine's end; asked for before, it would be waited for in vain.
                skip_destroy=True,
                opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
            )
        end_machine(
            name_,
            args.ends,
            args.hard_end,
            instance.id,
            pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        if args.access:
            Access(
                f"{name_}-access",
                AccessArgs(account=args.account, region=args.region, tags=args.tags, principals=args.access),
                pulumi.ResourceOptions(parent=self),
            )
        self.instance_id = instance.id
        self.login_command = instance.id.apply(lambda id_: login_command(args.region, id_))
        self.register_outputs({"instance_id": self.instance_id, "login_command": self.login_command})


def login_command(region: str, instance_id: str) -> str:
    """What a person types to get onto the machine."""
    return f"aws ssm start-session --target {instance_id} --region {region}"


# The three that follow serve machines and launch templates, for which the SDK has two types with the same fields.


def metadata_options() -> Any:
    """Version 2 only, and not from inside of a container's own network; tags tell a node its workload."""
    return {
        "http_endpoint": "enabled",
        "http_tokens": "required",
        "http_put_response_hop_limit": 1,
        "instance_metadata_tags": "enabled",
    }


def market_options(args: GpuVmArgs) -> Any:
    """How the machine is bought, where that is not on demand. A spot machine that is taken back is gone."""
    match args.capacity:
        case Spot():
            once = {"spot_instance_type": "one-time", "instance_interruption_behavior": "terminate"}
            return {"market_type": "spot", "spot_options": once}
        case Block():
            return {"market_type": "capacity-block"}
        case _:
            return None


def reservation(args: GpuVmArgs) -> Any:
    """The one reservation that the machine comes out of; none else, open ones either: they may be meant for others."""
    match args.capacity:
        case Reserved(id=id_) | Block(id=id_):
            return {"capacity_reservation_target": {"capacity_reservation_id": id_}}
        case _:
            return {"capacity_reservation_preference": "none"}
