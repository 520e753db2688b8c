"""Records as text: nothing is lost on the way, and nothing that is cut or foreign is taken for a record."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainyard.facts.origin import Origin
from trainyard.lease import Attempt, Certificate, Extension, Look, Record, RecordTooNewError, Spend, Step
from trainyard.lease.codec import from_json, to_json


@pytest.fixture
def full(record: Record) -> Record:
    when = record.terms.start + timedelta(hours=1, seconds=7)
    look = Look(at=when, scopes=record.scopes, idle=("machine lab-0",))
    return replace(
        record,
        holder_in_state=True,
        extensions=(Extension(span=timedelta(hours=2), granted=when, by="ada"),),
        placement={"lab": "gcp/europe-west4-a/g2-standard-8"},
        attempts=(Attempt(workload="lab", candidate="x", at=when, outcome="stockout"),),
        spend=Spend(usd=Decimal("0.10"), at=when),
        ladder=(Step(what="warn", at=when, outcome="sent"),),
        ending=when,
        ended=when,
        certificate=Certificate(origin=Origin.CLOUD, by="destroy", looks=(look, look)),
    )


def test_a_record_comes_back_as_it_was(record: Record, full: Record) -> None:
    assert from_json(to_json(record)) == record
    assert from_json(to_json(full)) == full


def test_money_is_text_and_times_are_rfc_3339(full: Record) -> None:
    body = json.loads(to_json(full))
    assert body["terms"]["cap_usd"] == "1600.50"
    assert body["terms"]["start"] == "2026-11-24T02:00:00Z"
    assert body["terms"]["ttl"] == "720m"


def test_a_record_cut_anywhere_is_damaged(full: Record) -> None:
    whole = to_json(full)
    for length in range(0, len(whole) - 2, 7):
        with pytest.raises(ValueError, match=r"."):
            from_json(whole[:length])


def test_a_later_schema_is_refused_and_not_taken_for_damage(record: Record) -> None:
    body = json.loads(to_json(record)) | {"schema": 2, "novelty": 1}
    with pytest.raises(RecordTooNewError, match="schema 2, this Trainyard knows 1"):
        from_json(json.dumps(body).encode())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"novelty": 1}, "a field that is not known: novelty"),
        ({"holder": None}, "record.holder is None"),
        ({"holder": 3}, "record.holder is 3"),
        ({"origin": "moon"}, 'record.origin is "moon"'),
        ({"scopes": "gcp:x"}, "record.scopes is 'gcp:x'"),
        ({"ending": "yesterday"}, 'record.ending is "yesterday"'),
        ({"terms": {}}, "record.terms lacks at_limit"),
        ({"holder_in_state": 1}, "record.holder_in_state is 1"),
    ],
)
def test_a_wrong_field_is_named(record: Record, change: dict[str, object], message: str) -> None:
    body = json.loads(to_json(record)) | change
    with pytest.raises(ValueError, match=message):
        from_json(json.dumps(body).encode())


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_foreign_json_is_always_an_error_and_never_a_crash(body: object) -> None:
    with pytest.raises((ValueError, TypeError, RecordTooNewError)):
        from_json(json.dumps(body).encode())
