"""Which description makes which type: its own, its package's, or the plain one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from trainyard.sandbox.provider import (
    aws,
    aws_instance,
    azure,
    azure_machine,
    chance,
    gcp,
    gcp_instance,
    gcp_things,
    gcp_tpu_node,
    generic,
    kubernetes,
    tls,
)
from trainyard.sandbox.provider.order import Made, Order

Maker = Callable[[Order], Made]

_BY_TYPE: Final[Mapping[str, Maker]] = {
    aws_instance.TYPE: aws_instance.make,
    azure_machine.TYPE: azure_machine.make,
    gcp_instance.TYPE: gcp_instance.make,
    gcp_tpu_node.TYPE: gcp_tpu_node.make,
    **dict.fromkeys(gcp_things.COMPUTE_TYPES, gcp_things.make_compute),
    "gcp:compute/routerNat:RouterNat": gcp_things.make_router_nat,
    "gcp:projects/iAMCustomRole:IAMCustomRole": gcp_things.make_role,
    "gcp:serviceaccount/account:Account": gcp_things.make_account,
    "gcp:storage/bucket:Bucket": gcp_things.make_bucket,
}
_GOOGLE_MEMBER: Final = re.compile(r"^gcp:.*i[aA][mM](Member|Binding|Policy):", re.IGNORECASE)

_BY_PACKAGE: Final[Mapping[str, Maker]] = {
    "gcp": gcp.make,
    "aws": aws.make,
    "azure-native": azure.make,
    "kubernetes": kubernetes.make,
    "random": chance.make,
    "tls": tls.make,
}


def maker_of(token: str, package: str) -> Maker:
    if _GOOGLE_MEMBER.match(token):
        return gcp_things.make_member
    return _BY_TYPE.get(token) or _BY_PACKAGE.get(package, generic.make)
