"""The record's rules: what is granted stays, times never move, an end that began cannot be undone."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from trainyard.facts.origin import Origin
from trainyard.lease import (
    Attempt,
    Certificate,
    Extension,
    Look,
    Record,
    RefusedError,
    Spend,
    State,
    with_attempt,
    with_ended,
    with_ending,
    with_extension,
    with_holder,
    with_holder_in_state,
    with_placement,
    with_scopes,
    with_spend,
    with_terms,
)

HOUR = timedelta(hours=1)


def test_a_shorter_ttl_does_not_shorten_what_was_granted(record: Record) -> None:
    changed = with_terms(record, replace(record.terms, ttl=HOUR, cap_usd=Decimal(5)))
    assert (changed.terms.ttl, changed.terms.cap_usd) == (12 * HOUR, Decimal(5))


def test_a_longer_ttl_is_granted(record: Record) -> None:
    assert with_terms(record, replace(record.terms, ttl=20 * HOUR)).terms.ttl == 20 * HOUR


@pytest.mark.parametrize("field", ["start", "hard_end"])
def test_start_and_hard_end_never_change(record: Record, field: str) -> None:
    moved = replace(record.terms, **{field: getattr(record.terms, field) + HOUR})
    with pytest.raises(RefusedError, match="never change: run the command again"):
        with_terms(record, moved)


def test_scopes_are_added_in_order_and_never_dropped(record: Record) -> None:
    assert with_scopes(record, ("gcp:b", "gcp:acme-ml-dev")).scopes == ("gcp:acme-ml-dev", "gcp:b")


def test_a_new_holder_has_not_been_seen_in_a_state(record: Record) -> None:
    seen = with_holder_in_state(record, "h1")
    assert with_holder(seen, "h1") == seen
    assert with_holder(seen, "h2").holder_in_state is False


def test_an_extension_moves_the_soft_end_and_not_the_hard_end(record: Record) -> None:
    longer = with_extension(record, Extension(span=3 * HOUR, granted=record.terms.start, by="ada"))
    assert longer.expiry.soft_end == record.terms.start + 15 * HOUR
    assert longer.expiry.hard_end == record.terms.hard_end


def test_an_extension_past_the_hard_end_is_refused_with_what_is_possible(record: Record) -> None:
    with pytest.raises(RefusedError, match=r"ask for at most 12:00:00"):
        with_extension(record, Extension(span=13 * HOUR, granted=record.terms.start, by="ada"))


def test_an_extension_after_the_end_is_refused(record: Record) -> None:
    ending = with_ending(record, record.terms.start + HOUR)
    with pytest.raises(RefusedError, match=r"ended at 2026-11-24T03:00:00Z"):
        with_extension(ending, Extension(span=HOUR, granted=record.terms.start, by="ada"))


def test_spend_never_falls(record: Record) -> None:
    later = with_spend(record, Spend(usd=Decimal(9), at=record.terms.start + HOUR))
    assert with_spend(later, Spend(usd=Decimal(8), at=record.terms.start + 2 * HOUR)) == later
    assert with_spend(later, Spend(usd=Decimal(10), at=record.terms.start)) == later


def test_the_first_end_and_the_first_certificate_stay(record: Record) -> None:
    looked = Look(at=record.terms.start, scopes=record.scopes)
    first = Certificate(origin=Origin.CLOUD, by="destroy", looks=(looked, looked))
    ended = with_ended(record, record.terms.start + HOUR, first)
    assert with_ended(ended, record.terms.start + 2 * HOUR, replace(first, by="guard")) == ended
    assert with_ending(ended, record.terms.start + 2 * HOUR) == ended


def test_the_state_follows_the_clock_until_an_end_begins(record: Record) -> None:
    soft_end = record.expiry.soft_end
    assert record.state(soft_end - HOUR) is State.LIVING
    assert record.state(soft_end) is State.EXPIRED
    ending = with_ending(record, soft_end)
    assert ending.state(soft_end - HOUR) is State.ENDING
    certificate = Certificate(origin=Origin.CLOUD, by="guard", looks=())
    assert with_ended(ending, soft_end, certificate).state(soft_end) is State.ENDED


def test_a_workload_that_moves_on_leaves_the_others_where_they_are(record: Record) -> None:
    both = with_placement(with_placement(record, {"lab": "a", "train": "b"}), {"lab": "c"})
    assert both.placement == {"lab": "c", "train": "b"}


def test_an_attempt_whose_end_is_known_later_is_told_once(record: Record) -> None:
    first = Attempt(workload="lab", candidate="a", at=record.terms.start, outcome="capacity")
    lost = replace(first, candidate="b", outcome="lost-response", text="EOF")
    known = replace(lost, text="taken over: lab-0")
    told = with_attempt(with_attempt(with_attempt(record, first), lost), known)
    assert told.attempts == (first, known)
