"""Ends what a lease left on AWS: it goes, what is gone already is no error, a refusal is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.clouds.aws.conftest import LEASE, PLACE
from trainyard.clouds.aws import AwsRegion
from trainyard.clouds.ending import NotEndedError, end
from trainyard.facts.billable import Billable
from trainyard.facts.origin import Sandbox
from trainyard.sandbox.store import Store

Plant = Callable[..., str]


def machines(sandbox: Sandbox) -> list[Billable]:
    return [thing for thing in AwsRegion(PLACE, sandbox).list_billable(LEASE) if thing.kind == "machine"]


def test_a_machine_goes_and_ending_it_twice_is_no_error(sandbox: Sandbox, store: Store, plant: Plant) -> None:
    plant(LEASE)
    [machine] = machines(sandbox)
    assert machine.bought == "on-demand"
    end(machine, sandbox)
    store.advance(300)
    assert [each for each in machines(sandbox) if each.billing] == []
    end(machine, sandbox)
    end(replace(machine, name="i-0123456789abcdef0"), sandbox)


def test_another_account_s_machine_is_not_ended(sandbox: Sandbox, plant: Plant) -> None:
    plant(LEASE)
    [machine] = machines(sandbox)
    with pytest.raises(NotEndedError, match="the login is of account 000000000000"):
        end(replace(machine, scope="aws:123456789012/us-east-1"), sandbox)
    assert [each.billing for each in machines(sandbox)] == [True]


def test_what_is_no_hourly_thing_is_never_deleted(sandbox: Sandbox, plant: Plant) -> None:
    plant(LEASE)
    [machine] = machines(sandbox)
    with pytest.raises(NotEndedError, match="a snapshot is not ended by itself"):
        end(replace(machine, kind="snapshot"), sandbox)
