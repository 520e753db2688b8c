"""Ends what a lease left on Google Cloud: it goes, what is gone already is no error, a refusal is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.clouds.gcp.conftest import PROJECT, Plant
from trainyard.clouds.ending import NotEndedError, end
from trainyard.clouds.gcp import GcpCompute
from trainyard.facts.billable import Billable
from trainyard.facts.origin import Sandbox
from trainyard.sandbox import faults
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.store import Store

LEASE = "dev-lab-0a1b2c3d"


def listed(sandbox: Sandbox) -> list[Billable]:
    return [thing for thing in GcpCompute(PROJECT, sandbox).list_billable(LEASE) if thing.kind == "machine"]


def test_a_machine_goes_and_ending_it_twice_is_no_error(sandbox: Sandbox, plant: Plant) -> None:
    plant("lab-0", LEASE)
    plant("other-0", "dev-lab-ffffffff")
    [machine] = listed(sandbox)
    end(machine, sandbox)
    end(machine, sandbox)
    assert listed(sandbox) == []
    assert [each.name for each in GcpCompute(PROJECT, sandbox).list_billable("dev-lab-ffffffff")] == ["other-0"]


def test_a_refusal_is_told_in_google_s_words(sandbox: Sandbox, store: Store, plant: Plant) -> None:
    plant("lab-0", LEASE)
    faults.replace(store, [Fault(call="compute.instances.delete", kind="refuse", code=403, message="not yours")])
    [machine] = listed(sandbox)
    with pytest.raises(NotEndedError, match=r"machine lab-0 in europe-west4-a .* could not be ended: 403 .*not yours"):
        end(machine, sandbox)


def test_what_is_no_hourly_thing_is_never_deleted(sandbox: Sandbox, plant: Plant) -> None:
    plant("lab-0", LEASE)
    [machine] = listed(sandbox)
    with pytest.raises(NotEndedError, match="a snapshot is not ended by itself"):
        end(replace(machine, kind="snapshot"), sandbox)


def test_how_a_machine_was_bought_is_told(sandbox: Sandbox, plant: Plant) -> None:
    plant("lab-0", LEASE)
    plant("lab-1", LEASE, scheduling={"provisioningModel": "SPOT", "onHostMaintenance": "TERMINATE"})
    assert {each.name: each.bought for each in listed(sandbox)} == {"lab-0": "on-demand", "lab-1": "spot"}
