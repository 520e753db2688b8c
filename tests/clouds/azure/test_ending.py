"""Ends what a lease left on Azure: it goes, what is gone already is no error, a refusal is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.clouds.azure.conftest import LEASE, SUBSCRIPTION, Cloud
from trainyard.clouds.azure import AzureSubscription
from trainyard.clouds.ending import NotEndedError, end
from trainyard.facts.billable import Billable
from trainyard.facts.origin import Sandbox
from trainyard.sandbox import faults
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.store import Store


def machines(sandbox: Sandbox) -> list[Billable]:
    return [thing for thing in AzureSubscription(SUBSCRIPTION, sandbox).list_billable(LEASE) if thing.kind == "machine"]


def test_a_machine_goes_and_ending_it_twice_is_no_error(sandbox: Sandbox, store: Store, cloud: Cloud) -> None:
    cloud.machine("vm-0", LEASE)
    [machine] = machines(sandbox)
    assert machine.bought == "on-demand"
    end(machine, sandbox)
    store.advance(600)
    assert machines(sandbox) == []
    end(machine, sandbox)


def test_a_refusal_is_told_in_azure_s_words(sandbox: Sandbox, store: Store, cloud: Cloud) -> None:
    cloud.machine("vm-0", LEASE)
    [machine] = machines(sandbox)
    call = "Microsoft.Compute/virtualMachines.delete"
    faults.replace(store, [Fault(call=call, kind="refuse", code=403, message="not yours")])
    with pytest.raises(NotEndedError, match=r"machine lab/vm-0 in eastus .* could not be ended: 403 .*not yours"):
        end(machine, sandbox)


def test_what_is_no_hourly_thing_is_never_deleted(sandbox: Sandbox, cloud: Cloud) -> None:
    cloud.machine("vm-0", LEASE)
    [machine] = machines(sandbox)
    with pytest.raises(NotEndedError, match="a snapshot is not ended by itself"):
        end(replace(machine, kind="snapshot"), sandbox)
