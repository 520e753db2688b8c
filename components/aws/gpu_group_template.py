"""What every machine of a group is made of: the same as a machine alone, and the interfaces of its fabric."""

from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.gpu_group_args import GpuGroupArgs
from components.aws.gpu_vm import market_options, metadata_options, reservation
from trainyard.facts.capacity import name


class GpuGroupTemplate(pulumi.ComponentResource):
    template_id: pulumi.Output[str]  # another one with every replacement, though the name stays

    def __init__(
        self,
        name_: str,
        args: GpuGroupArgs,
        placement_group: pulumi.Input[str] | None,
        fabric_group: pulumi.Input[str] | None,
        opts: pulumi.ResourceOptions | None = None,
    ):
        super().__init__("trainyard:aws:GpuGroupTemplate", name_, {}, opts)
        node = args.node
        tags = {"Name": name_, **node.tags}
        template = aws.ec2.LaunchTemplate(
            f"{name_}-template",
            name=name_,
            region=node.region,
            image_id=node.ami,
            instance_type=node.machine_type,
            iam_instance_profile={"name": node.instance_profile},
            user_data=node.user_data_base64,
            metadata_options=metadata_options(),
            network_interfaces=_interfaces(args, fabric_group),
            block_device_mappings=[
                {
                    "device_name": node.image.root_device,
                    "ebs": {
                        "volume_type": "gp3",
                        "volume_size": node.root_volume.gib,
                        "encrypted": "true",
                        "kms_key_id": node.root_volume.kms_key,
                        "delete_on_termination": "true",
                    },
                }
            ],
            placement=None if placement_group is None else {"group_name": placement_group},
            instance_market_options=market_options(node),
            capacity_reservation_specification=reservation(node),
            instance_initiated_shutdown_behavior="terminate",
            disable_api_termination=False,
            tag_specifications=[
                {"resource_type": kind, "tags": tags} for kind in ("instance", "volume", "network-interface")
            ],
            tags=node.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                delete_before_replace=True,
                # Another version would change the next machine only, and silently; a template is made anew instead.
                replace_on_changes=["*"],
                # A newer image of the same name, and user data that reaches no running node, must not replace a group.
                ignore_changes=["imageId", "userData"],
                replacement_trigger=[node.image.name, name(node.capacity)],
            ),
        )
        self.template_id = template.id
        self.register_outputs({"template_id": self.template_id})


def _interfaces(args: GpuGroupArgs, fabric_group: pulumi.Input[str] | None) -> Any:
    """The first one is plain ENA, on card 0; the others carry EFA only, and no address.

    EC2 User Guide, "Maximize network bandwidth on Amazon EC2 instances with multiple network cards".
    """
    node = args.node
    common = {"subnet_id": node.subnet_id, "delete_on_termination": "true"}
    first = {
        **common,
        "device_index": 0,
        "network_card_index": 0,
        "security_groups": [*node.security_group_ids, *([] if fabric_group is None else [fabric_group])],
    }
    if fabric_group is None:
        return [{**first, "associate_public_ip_address": "false"}]
    further = [
        {
            **common,
            "device_index": device,
            "network_card_index": card,
            "interface_type": "efa-only",
            "security_groups": [fabric_group],
        }
        for card, device in node.shape.fabric_cards
    ]
    # With several interfaces EC2 takes no word on public addresses, and gives none.
    return [{**first, "interface_type": "interface"}, *further]
