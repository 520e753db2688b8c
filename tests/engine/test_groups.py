"""Groups of machines on the real engine: up, unchanged, refreshed, changed, gone with proof."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.engine.conftest import CHECKOUT, Stack, Yard
from trainyard.facts.lease_id import lease_id

pytestmark = pytest.mark.engine

PROD = "trainyard-sandbox-copy-of-acme-ml-prod"


def machines(yard: Yard, project: str, lease: str) -> dict[str, dict[str, Any]]:
    """The lease's machines by name, as Google's client lists them."""
    found = yard.google().instances().aggregatedList(project=project).execute()
    every = (each for zone in found["items"].values() for each in zone.get("instances", ()))
    return {each["name"]: each for each in every if each.get("labels", {}).get("trainyard-lease") == lease}


@pytest.fixture(scope="module")
def prod(yard: Yard) -> Iterator[Yard]:
    """The yard with prod's base up."""
    for arguments in (("stack", "select", "--create", "prod-base"), ("up", "--yes", "--stack", "prod-base")):
        result = yard.pulumi(*arguments)
        assert result.code == 0, result.text
    yield yard
    yard.pulumi("destroy", "--yes", "--stack", "prod-base")


def test_the_pretraining_stack_goes_up_stays_unchanged_and_comes_down(prod: Yard) -> None:
    name = "prod-pretrain"
    lease = lease_id("gs://acme-ml-prod-leases", "trainyard", name)
    assert prod.pulumi("stack", "select", "--create", name).code == 0
    up = prod.pulumi("up", "--yes", "--stack", name)
    assert up.code == 0, up.text
    there = machines(prod, PROD, lease)
    assert len(there) == 16
    for machine in there.values():
        assert len(machine["networkInterfaces"]) == 9
        assert machine["scheduling"]["instanceTerminationAction"] == "DELETE"
    for arguments in (
        ("preview", "--expect-no-changes"),
        ("refresh", "--yes", "--expect-no-changes"),
        ("preview", "--expect-no-changes"),
        ("destroy", "--yes"),
    ):
        result = prod.pulumi(*arguments, "--stack", name)
        assert result.code == 0, result.text
    assert machines(prod, PROD, lease) == {}
