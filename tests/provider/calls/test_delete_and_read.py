"""Delete and Read in this process, against the sandbox's API."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.provider.calls.conftest import PROJECT, ZONE, Scene
from trainyard.clouds import open_scope
from trainyard.facts.origin import Origin
from trainyard.provider.lease import create, delete, read
from trainyard.provider.run import Run
from trainyard.provider.stop import StopError


def test_an_old_holders_delete_does_nothing_when_the_new_one_was_made_in_this_process(scene: Scene) -> None:
    first = create(scene.inputs, scene.run)
    second = create(scene.inputs, scene.run)
    scene.plant("lab")
    delete(scene.inputs, first, frozenset({first, second}), scene.run)
    assert (scene.record().ending, scene.record().holder) == (None, second)


def test_an_old_holders_delete_does_nothing_when_a_state_has_the_new_one(scene: Scene) -> None:
    first = create(scene.inputs, scene.run)
    second = create(scene.inputs, scene.run)
    scene.plant("lab")
    read(scene.inputs, second, scene.run)
    delete(scene.inputs, first, frozenset(), scene.run)
    assert scene.record().ending is None


def test_an_old_holders_delete_ends_green_only_over_nothing_when_the_new_one_may_be_lost(scene: Scene) -> None:
    first = create(scene.inputs, scene.run)
    create(scene.inputs, scene.run)
    delete(scene.inputs, first, frozenset(), scene.run)
    scene.plant("lab")
    with pytest.raises(StopError, match="machine lab"):
        delete(scene.inputs, first, frozenset(), scene.run)
    assert scene.record().ending is None


def test_read_of_an_old_holder_confirms_nothing(scene: Scene) -> None:
    first = create(scene.inputs, scene.run)
    create(scene.inputs, scene.run)
    read(scene.inputs, first, scene.run)
    assert scene.record().holder_in_state is False


def test_read_with_a_store_that_is_down_only_warns(scene: Scene) -> None:
    read(replace(scene.inputs, store="gs://x?endpoint=http://127.0.0.1:1"), "h", scene.run)
    assert "The lease stays in the state" in scene.warnings[0]


def test_a_cancelled_delete_leaves_the_lease_ending_and_goes_on_later(scene: Scene) -> None:
    holder = create(scene.inputs, scene.run)
    scene.run.cancelled.set()
    with pytest.raises(StopError, match="interrupted between the two looks"):
        delete(scene.inputs, holder, frozenset(), scene.run)
    assert (scene.record().ending is None, scene.record().ended) == (False, None)
    scene.run.cancelled.clear()
    delete(scene.inputs, holder, frozenset(), scene.run)
    assert scene.record().ended is not None


def test_delete_of_an_ended_lease_looks_again_and_fails_over_what_started_since(scene: Scene) -> None:
    holder = create(scene.inputs, scene.run)
    delete(scene.inputs, holder, frozenset(), scene.run)
    certificate = scene.record().certificate
    scene.plant("later")
    with pytest.raises(StopError, match="machine later"):
        delete(scene.inputs, holder, frozenset(), scene.run)
    assert scene.record().certificate == certificate


def test_two_looks_are_apart_by_what_a_list_may_lag(scene: Scene) -> None:
    holder = create(scene.inputs, scene.run)
    delete(scene.inputs, holder, frozenset(), scene.run)
    certificate = scene.record().certificate
    assert certificate is not None
    first, second = certificate.looks
    assert timedelta(seconds=60) <= second.at - first.at <= timedelta(minutes=10)
    assert certificate.origin is Origin.SANDBOX


def test_outside_a_rehearsal_the_way_by_hand_is_told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    holder = create(scene.inputs, scene.run)
    scene.plant("stray")
    sandbox, store = scene.run.sandbox, scene.store
    monkeypatch.setattr(Run, "lister", lambda self, scope: open_scope(scope, sandbox))
    monkeypatch.setattr(Run, "store", lambda self, url: store)
    outside = replace(scene.run, sandbox=None)
    with pytest.raises(StopError) as caught:
        delete(replace(scene.inputs, scopes=(f"gcp:{PROJECT}",)), holder, frozenset(), outside)
    assert f"gcloud compute instances delete stray --zone={ZONE} --project={PROJECT}" in str(caught.value)
