"""What ends, stops and starts machines; each takes its time on the simulated clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from trainyard.sandbox.api.aws.call import AwsCall
from trainyard.sandbox.api.aws.ec2 import inventory
from trainyard.sandbox.api.aws.ec2.instance_shape import state, state_of
from trainyard.sandbox.api.aws.ec2.instances import find
from trainyard.sandbox.api.aws.error import AwsError
from trainyard.sandbox.store import Thing

# No source names figures; long enough that a program that does not wait sees the states between.
PENDING_SECONDS: Final = 10.0
_STOPPING_SECONDS: Final = 20.0
_SHUTTING_DOWN_SECONDS: Final = 30.0


def terminate(call: AwsCall) -> dict[str, Any]:
    """TerminateInstances: all or none."""

    def end(machine: Thing, now: str) -> str:
        if now in ("terminated", "shutting-down"):
            return now
        ends = call.store.now() + _SHUTTING_DOWN_SECONDS
        call.store.put(replace(machine, status="deleting", ends=ends, end_action="DELETE"))
        return "shutting-down"

    return {"TerminatingInstances": _each(call, end, _check_termination)}


def stop(call: AwsCall) -> dict[str, Any]:
    """StopInstances: all or none."""

    def halt(machine: Thing, now: str) -> str:
        if now in ("stopped", "stopping"):
            return now
        outputs = {**machine.outputs, "instanceState": "stopped"}
        call.store.put(replace(machine, status="stopped", outputs=outputs, ends=None))
        inventory.note(call, machine.id, state="stopping", until=call.store.now() + _STOPPING_SECONDS)
        return "stopping"

    return {"StoppingInstances": _each(call, halt, _check_stop)}


def start(call: AwsCall) -> dict[str, Any]:
    """StartInstances: all or none."""

    def run(machine: Thing, now: str) -> str:
        if now in ("running", "pending"):
            return now
        outputs = {**machine.outputs, "instanceState": "running"}
        call.store.put(replace(machine, status="live", outputs=outputs))
        began = call.store.now()
        inventory.note(call, machine.id, state="pending", until=began + PENDING_SECONDS, launched=began)
        return "pending"

    return {"StartingInstances": _each(call, run, _check_start)}


def modify(call: AwsCall) -> dict[str, Any]:
    """ModifyInstanceAttribute: both protections, and the type of a stopped machine."""
    (machine,) = find(call, [str(call.values["InstanceId"])])
    known = {"DisableApiTermination": "disableApiTermination", "DisableApiStop": "disableApiStop"}
    changed: dict[str, Any] = {
        name: call.values[key]["Value"] for key, name in known.items() if "Value" in call.values.get(key, {})
    }
    kind = call.values.get("InstanceType", {}).get("Value")
    if kind:
        if _state(call, machine) != "stopped":
            text = f"The instance '{machine.id}' is not in the 'stopped' state."
            raise AwsError(400, "IncorrectInstanceState", text)
        changed["instanceType"] = kind
    if not changed:
        text = "the sandbox changes DisableApiTermination, DisableApiStop and InstanceType of a machine only"
        raise AwsError(501, "NotImplemented", text)
    dry_run(call)
    call.store.put(
        replace(
            machine, inputs={**machine.inputs, **changed}, outputs={**machine.outputs, **changed}, labels=machine.labels
        )
    )
    return {}


def dry_run(call: AwsCall) -> None:
    """AwsError where the caller only asked whether it would be done."""
    if call.values.get("DryRun"):
        raise AwsError(412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.")


def _each(
    call: AwsCall, change: Callable[[Thing, str], str], check: Callable[[Thing, str], None]
) -> list[Mapping[str, Any]]:
    machines = find(call, call.values["InstanceIds"])
    states = {machine.id: _state(call, machine) for machine in machines}
    for machine in machines:
        check(machine, states[machine.id])
    dry_run(call)
    done: list[Mapping[str, Any]] = []
    with call.store.transaction():
        for machine in machines:
            after = change(machine, states[machine.id])
            told = {"InstanceId": machine.id, "PreviousState": state(states[machine.id]), "CurrentState": state(after)}
            done.append(told)
    return done


def _state(call: AwsCall, machine: Thing) -> str:
    return state_of(machine, inventory.notes(call).get(machine.id, {}), call.store.now())


def _check_termination(machine: Thing, now: str) -> None:
    if inventory.value(machine, "disableApiTermination") is True and now not in ("terminated", "shutting-down"):
        text = (
            f"The instance '{machine.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute "
            "and try again."
        )
        raise AwsError(400, "OperationNotPermitted", text)


def _check_stop(machine: Thing, now: str) -> None:
    if now in ("terminated", "shutting-down"):
        text = f"This instance '{machine.id}' is not in a state from which it can be stopped."
        raise AwsError(400, "IncorrectInstanceState", text)
    if inventory.value(machine, "disableApiStop") is True:
        text = (
            f"The instance '{machine.id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try "
            "again."
        )
        raise AwsError(400, "OperationNotPermitted", text)
    options = inventory.value(machine, "instanceMarketOptions") or {}
    if (
        options.get("marketType") == "spot"
        and (options.get("spotOptions") or {}).get("spotInstanceType") != "persistent"
    ):
        text = (
            f"You can't stop the Spot Instance '{machine.id}' because it is associated with a one-time Spot Instance "
            "request. You can only stop Spot Instances associated with persistent Spot Instance requests."
        )
        raise AwsError(400, "UnsupportedOperation", text)


def _check_start(machine: Thing, now: str) -> None:
    if now in ("terminated", "shutting-down", "stopping"):
        text = f"The instance '{machine.id}' is not in a state from which it can be started."
        raise AwsError(400, "IncorrectInstanceState", text)
