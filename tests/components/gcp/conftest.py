"""Runs a program under Pulumi's mocks and hands back what the engine was asked for."""

from collections.abc import Callable
from typing import Any

import pytest
from pulumi.runtime import mocks

from tests.components.conftest import Registrations, deployer


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


@pytest.fixture
def deploy() -> Callable[[Callable[[], Any]], Registrations]:
    return deployer(_Cloud)
