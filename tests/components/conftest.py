"""Runs a program under Pulumi's mocks and hands back what the engine was asked for, on every cloud."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pulumi
from google.protobuf import json_format
from pulumi.runtime import mocks, rpc


@dataclass(frozen=True, kw_only=True)
class Registered:
    type: str
    name: str
    inputs: dict[str, Any]
    parent: str
    protect: bool
    ignore_changes: tuple[str, ...]
    replace_on_changes: tuple[str, ...]
    delete_before_replace: bool
    replacement_trigger: Any


@dataclass(frozen=True)
class Registrations:
    all: tuple[Registered, ...]

    def of(self, type_: str) -> tuple[Registered, ...]:
        """Those whose type's token ends so: "Instance", or "compute/network:Network" beside a component Network."""
        return tuple(one for one in self.all if f":{one.type}".endswith(f":{type_}"))

    def one(self, type_: str) -> Registered:
        [found] = self.of(type_)
        return found


def _trigger(request: Any) -> Any:
    """The value whose change replaces the resource, whatever its inputs say; None without one."""
    return json_format.MessageToDict(request.replacement_trigger) if request.HasField("replacement_trigger") else None


class _Monitor(mocks.MockMonitor):
    def __init__(self, cloud: mocks.Mocks) -> None:
        super().__init__(cloud)
        self.registered: list[Registered] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        self.registered.append(
            Registered(
                type=request.type,
                name=request.name,
                inputs=rpc.deserialize_properties(request.object),
                parent=request.parent,
                protect=request.protect,
                ignore_changes=tuple(request.ignoreChanges),
                replace_on_changes=tuple(request.replaceOnChanges),
                delete_before_replace=request.deleteBeforeReplace,
                replacement_trigger=_trigger(request),
            )
        )
        return super().RegisterResource(request)


def deployer(cloud: Callable[[], mocks.Mocks]) -> Callable[[Callable[[], Any]], Registrations]:
    """Runs programs against mocks that answer as a cloud does.

    Assertions belong after the call: inside `.apply` an unknown Output would skip them.
    """

    def run(program: Callable[[], Any]) -> Registrations:
        answers = cloud()
        monitor = _Monitor(answers)
        mocks.set_mocks(answers, project="trainyard", stack="test", preview=False, monitor=monitor)
        pulumi.runtime.test(program)()
        return Registrations(tuple(one for one in monitor.registered if one.type != "pulumi:pulumi:Stack"))

    return run
