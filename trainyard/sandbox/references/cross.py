"""What does not fit together: ranges, networks, zones and addresses of things that are all there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from trainyard.sandbox.provider.order import Order
from trainyard.sandbox.references import cross_amazon, cross_azure, cross_google
from trainyard.sandbox.references.cross_amazon_keys import check_key_policies
from trainyard.sandbox.references.cross_amazon_network import check_networks
from trainyard.sandbox.references.cross_amazon_public import check_public_access
from trainyard.sandbox.references.cross_amazon_roles import check_takers

if TYPE_CHECKING:
    from trainyard.sandbox.references.pointing import Pointer

Rule = Callable[[Order, "Sequence[Pointer]"], None]
_RULES: Final[Mapping[str, Rule]] = {**cross_google.RULES, **cross_amazon.RULES, **cross_azure.RULES}


def check_together(order: Order, pointers: Sequence[Pointer]) -> None:
    """Refused when things that are there do not fit together."""
    rule = _RULES.get(order.type.token)
    if rule is not None:
        rule(order, pointers)
    if order.type.package == "aws":
        check_networks(order, pointers)
        check_takers(order, pointers)
        check_key_policies(order, pointers)
        check_public_access(order)
