"""A node of the Cloud TPU API, as the provider tells it: one network endpoint a host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from trainyard.sandbox.provider import gcp
from trainyard.sandbox.provider.order import Made, Order, stable_hex

TYPE: Final = "gcp:tpu/v2Vm:V2Vm"
_CHIPS_A_CORE: Final[Mapping[str, int]] = {"v2": 2, "v3": 2, "v4": 2, "v5p": 2}  # two cores a chip in their names
_WHOLE: Final = ("v5litepod-8", "v6e-8")  # one host with eight chips; all others have at most four on each


def make(order: Order) -> Made:
    """A running node."""
    made = gcp.make(order)
    hosts = _hosts(order)
    told = {
        "state": "READY",
        "health": "HEALTHY",
        "apiVersion": "V2",
        "queuedResource": order.keep("queuedResource", lambda: ""),
        "networkEndpoints": order.keep("networkEndpoints", lambda: [_endpoint(made.id, host) for host in range(hosts)]),
    }
    if order.inputs.get("acceleratorConfig") is None and order.inputs.get("acceleratorType") is None:
        told["acceleratorType"] = "v2-8"  # the provider's default
    own = {name: value for name, value in told.items() if name in order.type.outputs}
    outputs: dict[str, Any] = {**made.outputs, **own}
    return Made(id=made.id, name=made.name, project=made.project, place=made.place, labels=made.labels, outputs=outputs)


def _hosts(order: Order) -> int:
    name = order.text("acceleratorType")
    family, _, number = name.rpartition("-")
    if number.isdecimal():
        chips = int(number) // _CHIPS_A_CORE.get(family, 1)
        return 1 if name in _WHOLE else max(1, chips // 4)
    config = order.plain("acceleratorConfig") or {}
    chips = 1
    for edge in str(config.get("topology", "2x2")).split("x"):
        chips *= int(edge) if edge.isdecimal() else 1
    return max(1, chips // 4)


def _endpoint(id: str, host: int) -> dict[str, Any]:
    number = int(stable_hex(4, id, str(host)), 16)
    return {"ipAddress": f"10.{128 + number % 16}.{number % 250}.{2 + host % 250}", "port": 8470, "accessConfigs": []}
