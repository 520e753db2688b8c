"""Who may log in to one machine or scale set with their Entra ID account, through the Bastion of its network."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components.azure.principal import check_principals, parse_principal
from components.azure.role import ADMINISTRATOR_LOGIN, READER, USER_LOGIN, assign, built_in


@dataclass(frozen=True, kw_only=True)
class AccessArgs:
    """`also_read`: what a Bastion's user must see besides, such as the network interface; the Bastion is the base's."""

    subscription: str
    target: pulumi.Input[str]  # full id
    principals: tuple[str, ...]  # "group:<object id>"
    administrators: bool = False  # sudo on the machine
    also_read: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)  # {"nic": full id}

    def __post_init__(self) -> None:
        """ValueError for a principal of another form."""
        check_principals(self.principals)


class Access(pulumi.ComponentResource):
    def __init__(self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions | None = None):
        super().__init__("trainyard:azure:Access", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        login = ADMINISTRATOR_LOGIN if args.administrators else USER_LOGIN
        for principal in args.principals:
            kind, object_id = parse_principal(principal)
            given = (("login", args.target, login), *((what, id_, READER) for what, id_ in args.also_read.items()))
            for what, scope, role in given:
                assign(
                    f"{name}-{what}-{object_id}",
                    scope=scope,
                    role=built_in(args.subscription, role),
                    principal_id=object_id,
                    principal_type=kind,
                    options=child,
                )
        self.register_outputs({})


def bastion_command(bastion: str, target: str) -> str:
    """What a person types to get onto a machine; needs a Bastion of the Standard kind with native clients.

    learn.microsoft.com/azure/bastion/connect-vm-native-client-linux, Microsoft Entra ID authentication.
    """
    parts = bastion.split("/")
    return (
        f"az network bastion ssh --name {parts[8]} --resource-group {parts[4]} --subscription {parts[2]} "
        f"--target-resource-id {target} --auth-type AAD"
    )


def through_bastion(bastion: Any, target: str) -> pulumi.Input[str]:
    """The command by a Bastion whose id may be known later only."""
    if isinstance(bastion, str):
        return bastion_command(bastion, target)
    return pulumi.Output.from_input(bastion).apply(lambda known: bastion_command(known, target))


def inside_command(subscription: str, group: str, name: str) -> str:
    """What a person types who is in the machine's network by other ways, such as a VPN."""
    return f"az ssh vm --name {name} --resource-group {group} --subscription {subscription} --prefer-private-ip"
