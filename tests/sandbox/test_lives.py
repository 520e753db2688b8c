"""What was when: the rows that bills are made of."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from trainyard.sandbox import clock
from trainyard.sandbox.folder import SandboxError
from trainyard.sandbox.lives import Span, spans
from trainyard.sandbox.store import Store, Thing

MACHINE = Thing(type="machine", id="m", package="gcp", inputs={"size": "small"})
HOUR = 3600.0


def told(store: Store) -> list[tuple[str, str, float | None]]:
    return [(span.status, span.inputs["size"], lasted(span)) for span in spans(store)]


def lasted(span: Span) -> float | None:
    return None if span.until is None else round((span.until - span.since) / HOUR, 1)


def test_a_living_thing_has_one_span_without_an_end(store: Store) -> None:
    store.add(MACHINE)
    assert told(store) == [("live", "small", None)]


def test_a_change_of_size_and_a_stop_begin_new_spans_with_their_own_inputs(store: Store) -> None:
    made = store.add(MACHINE)
    store.advance(HOUR)
    grown = store.put(replace(made, inputs={"size": "large"}))
    store.advance(2 * HOUR)
    store.put(replace(grown, status="stopped"))
    assert told(store) == [("live", "small", 1.0), ("live", "large", 2.0), ("stopped", "large", None)]


def test_writing_the_same_again_begins_no_span(store: Store) -> None:
    made = store.add(MACHINE)
    store.advance(HOUR)
    store.put(replace(made, outputs={"told": "more"}))
    assert told(store) == [("live", "small", None)]


def test_a_deleted_thing_keeps_its_past_and_another_of_its_name_begins_anew(store: Store) -> None:
    store.add(MACHINE)
    store.advance(HOUR)
    store.delete("machine", "m")
    store.advance(5 * HOUR)
    store.add(replace(MACHINE, inputs={"size": "huge"}))
    assert told(store) == [("live", "small", 1.0), ("live", "huge", None)]


def test_the_cloud_s_own_end_is_when_it_was_due_not_when_somebody_looked(store: Store) -> None:
    store.add(replace(MACHINE, ends=store.now() + HOUR, end_action="DELETE"))
    store.advance(10 * HOUR)
    assert told(store) == [("live", "small", 1.0)]


def test_what_a_thing_owns_ends_with_it_through_all_levels(store: Store) -> None:
    store.add(MACHINE)
    store.add(replace(MACHINE, id="part", owner="machine m"))
    store.add(replace(MACHINE, id="part of part", owner="machine part"))
    store.advance(HOUR)
    store.delete("machine", "m")
    assert told(store) == [("live", "small", 1.0)] * 3
    assert store.list() == []


def test_a_clock_at_speed_runs_ahead_and_never_back(store: Store) -> None:
    before = store.now()
    clock.set_speed(store, 3600)
    real = time.time()
    while time.time() - real < 0.05:
        pass
    fast = store.now()
    assert fast - before >= 0.05 * 3600
    clock.set_speed(store, 1)
    assert fast <= store.now() < fast + 3600


def test_a_speed_under_the_real_one_or_over_a_day_a_second_is_refused(store: Store) -> None:
    for speed in (0, 0.5, 86401):
        with pytest.raises(SandboxError, match="1 to 86400 times as fast"):
            clock.set_speed(store, speed)
