"""Create and Update in this process, against the sandbox's API."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.provider.calls.conftest import PROJECT, Scene, ended
from trainyard.facts.origin import Origin, RehearsalError
from trainyard.lease import Absent, RefusedError
from trainyard.provider.lease import create, delete, update
from trainyard.provider.run import Run
from trainyard.provider.stop import StopError
from trainyard.sandbox import clock


def test_two_creates_at_once_leave_one_record_with_one_holder(scene: Scene) -> None:
    holders: list[str] = []

    def begin() -> None:
        try:
            holders.append(create(scene.inputs, scene.run))
        except StopError as error:
            assert "at the same moment" in str(error)  # noqa: PT017 - both outcomes are right

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert scene.record().holder in holders


def test_a_damaged_record_without_a_state_is_refused_and_left_as_it_is(scene: Scene, tmp_path: Path) -> None:
    create(scene.inputs, scene.run)
    file = tmp_path / "leases" / "gs-acme-ml-dev-leases" / scene.inputs.lease_id / "record.json"
    file.write_text("{")
    with pytest.raises(StopError, match="Without a state nobody knows its times"):
        create(scene.inputs, scene.run)
    assert file.read_text() == "{"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"stack": "dev-other"}, 'belongs to project "acme", stack "dev-lab"'),
        ({"project": "other"}, 'belongs to project "acme", stack "dev-lab"'),
        ({"origin": Origin.CLOUD}, 'has the origin "sandbox", this run is "cloud"'),
    ],
)
def test_a_record_of_another_stack_or_origin_is_refused(scene: Scene, change: dict[str, Any], reason: str) -> None:
    create(scene.inputs, scene.run)
    before = scene.record()
    with pytest.raises(StopError, match=reason):
        create(replace(scene.inputs, **change), scene.run)
    with pytest.raises(StopError, match=reason):
        update(replace(scene.inputs, **change), "h", scene.run)
    assert scene.record() == before


def test_other_times_than_the_records_are_refused(scene: Scene) -> None:
    create(scene.inputs, scene.run)
    later = replace(scene.inputs.terms, start=scene.inputs.terms.start - timedelta(hours=1))
    with pytest.raises(RefusedError, match="run the command again"):
        create(replace(scene.inputs, terms=replace(later, hard_end=later.start + later.extend_to)), scene.run)


def test_an_expired_lease_is_not_adopted_and_the_ways_on_are_told(scene: Scene) -> None:
    create(scene.inputs, scene.run)
    clock.move(scene.cloud, 13 * 3600)
    with pytest.raises(StopError, match=r"expired at .*guard extend dev-lab.*pulumi destroy"):
        create(scene.inputs, scene.run)
    create(replace(scene.inputs, terms=replace(scene.inputs.terms, ttl=timedelta(hours=20))), scene.run)


def test_a_list_that_fails_at_adoption_gives_the_lease_back_to_its_holder(scene: Scene) -> None:
    holder = create(scene.inputs, scene.run)
    scene.break_list(kind="refuse", code=403)
    with pytest.raises(StopError, match="No right to list, no lease"):
        create(scene.inputs, scene.run)
    assert scene.record().holder == holder


def test_a_list_that_fails_after_an_ended_lease_leaves_the_ended_record(scene: Scene) -> None:
    create(scene.inputs, scene.run)
    before = ended(scene)
    scene.break_list(kind="refuse", code=403)
    with pytest.raises(StopError, match="No right to list, no lease"):
        create(scene.inputs, scene.run)
    assert scene.record() == before


def test_a_scope_of_a_cloud_that_is_not_built_leaves_no_record(scene: Scene) -> None:
    with pytest.raises(StopError, match='cloud "coreweave" is not built yet'):
        create(replace(scene.inputs, scopes=("coreweave:acme",)), scene.run)
    assert scene.store.read(scene.inputs.lease_id) == Absent()


def test_a_new_lease_over_a_used_label_names_what_bills(scene: Scene) -> None:
    scene.plant("stray")
    create(scene.inputs, scene.run)
    assert "its label is in use" in scene.warnings[0]
    assert "machine stray" in scene.warnings[0]


@pytest.mark.parametrize("state", ["ending", "ended"])
def test_update_is_refused_once_an_end_began(scene: Scene, state: str) -> None:
    holder = create(scene.inputs, scene.run)
    if state == "ending":
        scene.plant("stray")
        with pytest.raises(StopError):
            delete(scene.inputs, holder, frozenset(), scene.run)
    else:
        ended(scene)
    with pytest.raises(StopError, match="is ending" if state == "ending" else "ended at"):
        update(scene.inputs, holder, scene.run)


def test_update_never_shortens_the_ttl_and_says_so(scene: Scene) -> None:
    holder = create(scene.inputs, scene.run)
    update(replace(scene.inputs, terms=replace(scene.inputs.terms, ttl=timedelta(hours=1))), holder, scene.run)
    assert scene.record().terms.ttl == timedelta(hours=12)
    assert scene.warnings == ["the lease's ttl stays 12h: what was granted is never shortened."]


def test_update_writes_a_new_scope_before_it_asks_it_for_a_list(scene: Scene) -> None:
    holder = create(scene.inputs, scene.run)
    scene.break_list(kind="refuse", code=403)
    with pytest.raises(StopError, match="No right to list"):
        update(replace(scene.inputs, scopes=("gcp:acme-ml-dev", "gcp:acme-2")), holder, scene.run)
    assert scene.record().scopes == (f"gcp:{PROJECT}", "gcp:trainyard-sandbox-copy-of-acme-2")


def test_update_by_the_holder_in_the_state_takes_the_lease_back(scene: Scene) -> None:
    first = create(scene.inputs, scene.run)
    create(scene.inputs, scene.run)
    update(scene.inputs, first, scene.run)
    assert (scene.record().holder, scene.record().holder_in_state) == (first, True)


def test_a_run_in_another_origin_than_the_leases_is_refused() -> None:
    environ = {"HOME": "/"}
    cancelled = threading.Event()
    with pytest.raises(StopError, match=r'lives in the origin "sandbox", this run is in "cloud".*sandbox exec'):
        Run.of(Origin.SANDBOX, warn=print, cancelled=cancelled, environ=environ)
    with pytest.raises(RehearsalError, match="no provider may be attached"):
        Run.of(Origin.CLOUD, warn=print, cancelled=cancelled, environ={**environ, "PULUMI_DEBUG_PROVIDERS": "gcp:1"})
