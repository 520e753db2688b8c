"""Whether a machine runs: in Azure a machine that is stopped but not deallocated still bills."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from trainyard.sandbox.api.azure.kinds import VM
from trainyard.sandbox.provider.order import rfc3339
from trainyard.sandbox.store import Store, Thing

# How long each takes in the sandbox, in simulated seconds: its own choice, Azure promises none.
SECONDS: Final[Mapping[str, float]] = {"running": 30, "stopped": 20, "deallocated": 45}
_ON_THE_WAY: Final[Mapping[str, str]] = {"running": "starting", "stopped": "stopping", "deallocated": "deallocating"}


def power_of(store: Store, machine: Thing, instance: str = "") -> str:
    """The end of a PowerState code: "running", "stopped" (allocated), "deallocated", or on the way to one."""
    if machine.status == "stopped":
        return "deallocated"
    found = store.meta(_key(machine, instance)) or (instance and store.meta(_key(machine, "")))
    made, state, until = json.loads(found) if found else (0.0, "running", 0.0)
    if made != machine.created:  # of an older machine of this name
        return "running"
    if store.now() < until:
        return _ON_THE_WAY[state]
    # A machine that was deallocated and lives was started otherwise; a scale set has no status of its own.
    return "running" if state == "deallocated" and machine.type == VM else str(state)


def set_power(store: Store, machine: Thing, state: str, instance: str = "") -> float:
    """Send the machine on its way to a state; the seconds until it is there."""
    seconds = SECONDS[state]
    store.set_meta(_key(machine, instance), json.dumps([machine.created, state, store.now() + seconds]))
    return seconds


def forget_instances(store: Store, machine: Thing) -> None:
    """What was asked of a whole set holds for each machine in it."""
    store.run("DELETE FROM meta WHERE key LIKE ? ESCAPE '\\'", f"{_escaped(_key(machine, ''))}/%")


def instance_view(store: Store, machine: Thing, instance: str = "") -> dict[str, Any]:
    """The run-time view of a machine, or of one in a scale set."""
    state = power_of(store, machine, instance)
    doing = "deleting" if machine.status == "deleting" else "succeeded"
    shown = {"deleting": "Deleting", "succeeded": "Provisioning succeeded"}[doing]
    power = {"code": f"PowerState/{state}", "level": "Info", "displayStatus": f"VM {state}"}
    provisioning = {
        "code": f"ProvisioningState/{doing}",
        "level": "Info",
        "displayStatus": shown,
        "time": rfc3339(machine.changed),
    }
    return {"statuses": [provisioning, power]}


def _key(machine: Thing, instance: str) -> str:
    return f"azure power {machine.id.lower()}" + (f"/{instance}" if instance else "")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
