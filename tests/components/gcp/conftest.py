"""Runs a program under Pulumi's mocks and hands back what the engine was asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pulumi
import pytest
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


@dataclass(frozen=True)
class Registrations:
    all: tuple[Registered, ...]

    def of(self, type_: str) -> tuple[Registered, ...]:
        """Those whose type's token ends so: "Instance", or "compute/network:Network" beside a component Network."""
        return tuple(one for one in self.all if f":{one.type}".endswith(f":{type_}"))

    def one(self, type_: str) -> Registered:
        [found] = self.of(type_)
        return found


class _Cloud(mocks.Mocks):
    """Answers with what a provider computes, in the cloud's shape."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        name = args.inputs.get("name", args.name)
        given = args.inputs
        computed: dict[str, dict[str, Any]] = {
            "gcp:compute/instance:Instance": {"instanceId": "4242424242424242424"},
            "gcp:serviceaccount/account:Account": _account(given),
            "gcp:compute/resourcePolicy:ResourcePolicy": {
                "selfLink": _link(given, "regions", "resourcePolicies", name)
            },
            "gcp:compute/instanceTemplate:InstanceTemplate": {
                "selfLinkUnique": f"{_link(given, 'global', 'instanceTemplates', name)}?uniqueId=42"
            },
        }
        ids = {
            "gcp:compute/network:Network": f"projects/{given.get('project')}/global/networks/{name}",
            "gcp:compute/subnetwork:Subnetwork": (
                f"projects/{given.get('project')}/regions/{given.get('region')}/subnetworks/{name}"
            ),
        }
        return ids.get(args.typ, f"{name}-id"), given | computed.get(args.typ, {})

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:
        return {}


def _link(given: dict[str, Any], scope: str, collection: str, name: str) -> str:
    place = scope if scope == "global" else f"{scope}/{given.get('region')}"
    return f"https://www.googleapis.com/compute/v1/projects/{given.get('project')}/{place}/{collection}/{name}"


def _account(given: dict[str, Any]) -> dict[str, Any]:
    email = f"{given.get('accountId')}@{given.get('project')}.iam.gserviceaccount.com"
    name = f"projects/{given.get('project')}/serviceAccounts/{email}"
    return {"email": email, "member": f"serviceAccount:{email}", "name": name}


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
            )
        )
        return super().RegisterResource(request)


@pytest.fixture
def deploy() -> Callable[[Callable[[], Any]], Registrations]:
    """Assertions belong after the call: inside `.apply` an unknown Output would skip them."""

    def run(program: Callable[[], Any]) -> Registrations:
        cloud = _Cloud()
        monitor = _Monitor(cloud)
        mocks.set_mocks(cloud, project="trainyard", stack="test", preview=False, monitor=monitor)
        pulumi.runtime.test(program)()
        return Registrations(tuple(one for one in monitor.registered if one.type != "pulumi:pulumi:Stack"))

    return run
