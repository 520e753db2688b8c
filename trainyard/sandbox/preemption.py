"""Spot machines that the cloud takes back, as faults files say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any, Final

from trainyard.sandbox import faults
from trainyard.sandbox.api.aws.job_life import JOB
from trainyard.sandbox.api.azure.kinds import COMPUTE as CLUSTER
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.money.meter import metered
from trainyard.sandbox.provider.gcp_tpu_node import TYPE as NODE
from trainyard.sandbox.store import EndAction, Store, Thing
from trainyard.servicer.values import reveal

_VERB: Final = " run"


def preempt(store: Store) -> None:
    """Ends what is due by a fault of kind preempt; called whenever the store is looked at."""
    if not faults.wait_in(store):
        return
    waiting = list(faults.all_of(store))
    if all(fault.kind != "preempt" for fault in waiting):
        return
    left = []
    for fault in waiting:
        ended = _preempt(store, fault) if fault.kind == "preempt" else 0
        times = None if fault.times is None else fault.times - ended
        if times is None or times > 0:
            left.append(replace(fault, times=times))
    if left != waiting:
        faults.replace(store, left)


def _preempt(store: Store, fault: Fault) -> int:
    now, ended = store.now(), 0
    for machine in _meant(store, fault):
        # A cluster of Azure Machine Learning and a job of SageMaker are there long before they have machines.
        notice = max(fault.since, machine.changed if machine.type in (CLUSTER, JOB) else machine.created)
        when = notice + fault.seconds
        if when > now or (fault.until is not None and when >= fault.until):
            continue
        if fault.times is not None and ended >= fault.times:
            break
        # A node of the Cloud TPU API stays, and its state tells: tpu.v2 Node.state.
        told = {"state": "PREEMPTED"} if machine.type == NODE else {}
        store.put(replace(machine, ends=when, end_action=_action(machine), outputs={**machine.outputs, **told}))
        ended += 1
    return ended


def _meant(store: Store, fault: Fault) -> Iterator[Thing]:
    """The running spot machines that the fault is about."""
    pattern = fault.call.removesuffix(_VERB)
    for thing in store.list():
        if thing.status != "live" or not fnmatchcase(thing.type, pattern):
            continue
        what = metered(thing.type, thing.inputs)
        if what is None or what.capacity != "spot":
            continue
        about = {"name": thing.name, "place": thing.place, "project": thing.project, "machine_type": what.shape}
        if faults.fits(fault, about) and faults.chance(fault.seed, thing.id) < fault.chance:
            yield thing


def _action(machine: Thing) -> EndAction:
    """Stopped or deleted: as the machine asks for, else as its cloud does by itself."""
    given = reveal(dict(machine.inputs))
    scheduling: dict[str, Any] = given.get("scheduling") or {}
    if machine.type == JOB:
        return "STOP"  # SageMaker's managed spot training begins again by itself
    if machine.package == "aws":
        spot = (given.get("instanceMarketOptions") or {}).get("spotOptions") or {}
        return "STOP" if spot.get("instanceInterruptionBehavior") in ("stop", "hibernate") else "DELETE"
    if machine.package == "azure-native":
        return "DELETE" if given.get("evictionPolicy") == "Delete" else "STOP"
    return "DELETE" if scheduling.get("instanceTerminationAction") == "DELETE" else "STOP"
