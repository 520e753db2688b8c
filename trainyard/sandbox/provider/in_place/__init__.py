"""What a cloud does not let a provider change on a thing that is there, in the cloud's or the provider's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from trainyard.sandbox.provider.changed import changed
from trainyard.sandbox.provider.diff import replace_facts
from trainyard.sandbox.provider.in_place import amazon, azure, google
from trainyard.sandbox.provider.in_place.step import Step
from trainyard.sandbox.provider.order import Order
from trainyard.servicer.values import reveal

Rule = Callable[[Step], None]

_RULES: Final[Mapping[str, tuple[Rule, ...]]] = {**google.RULES, **amazon.RULES, **azure.RULES}


def check_update(order: Order) -> None:
    """Refused when what changes cannot change on what is there, or not while it runs."""
    rules = _RULES.get(order.type.token, ())
    if order.before is None or not rules:
        return
    before = reveal(dict(order.before.inputs))
    plain = reveal(dict(order.inputs))
    leaves = tuple(changed(replace_facts(order.type), before, plain, reveal(dict(order.before.outputs))))
    step = Step(order=order, thing=order.before, old=before, new=plain, leaves=leaves)
    for rule in rules:
        rule(step)
