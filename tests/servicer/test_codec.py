import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainyard.servicer import (
    UNKNOWN,
    Archive,
    Asset,
    ResourceReference,
    Secret,
    decode,
    encode,
    has_secret,
    has_unknown,
    reveal,
)

SIGNATURE = "4dabf18193072939515e22adb298388d"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "text",
        "",
        7,
        2.5,
        [],
        {},
        [1, [2, {"deep": None}]],
        UNKNOWN,
        Secret("s"),
        Secret({"inner": [Secret(1), UNKNOWN]}),
        Asset(text="hello", hash="ab"),
        Asset(path="./file"),
        Archive(assets={"one": Asset(uri="https://example.com/x"), "folder": Archive(path="./d")}),
        ResourceReference(urn="urn:pulumi:s::p::t::n", id="i-1", package_version="1.0.0"),
        ResourceReference(urn="urn:pulumi:s::p::t::n", id=UNKNOWN),
        ResourceReference(urn="urn:pulumi:s::p::t::n"),
    ],
)
def test_a_value_comes_back_as_it_was(value: object) -> None:
    assert decode(encode({"given": value, "listed": [value]})) == {"given": value, "listed": [value]}


def test_a_whole_number_on_the_wire_is_an_int_and_a_bool_stays_a_bool() -> None:
    out = decode(encode({"count": 5.0, "on": True}))
    assert type(out["count"]) is int
    assert out["on"] is True


def test_an_infinite_number_does_not_break_the_codec() -> None:
    assert math.isinf(decode(encode({"x": float("inf")}))["x"])


def test_a_secret_output_value_is_a_secret_and_an_unresolved_one_is_unknown() -> None:
    plain = {SIGNATURE: OUTPUT, "value": "a", "dependencies": ["urn"]}
    out = decode(
        encode(
            {
                "plain": plain,
                "secret": {**plain, "secret": True},
                "waiting": {SIGNATURE: OUTPUT},
                "both": {SIGNATURE: OUTPUT, "secret": True},
            }
        )
    )
    assert out == {"plain": "a", "secret": Secret("a"), "waiting": UNKNOWN, "both": Secret(UNKNOWN)}


@pytest.mark.parametrize(
    "mark",
    ["1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", "3eeb2bf0-c639-47a8-9e75-3b44932eb421"],
)
def test_every_mark_of_an_unknown_value_is_unknown(mark: str) -> None:
    assert decode(encode({"x": mark})) == {"x": UNKNOWN}


def test_a_mark_that_nobody_knows_is_an_error_that_names_it() -> None:
    with pytest.raises(ValueError, match="no-such-mark"):
        decode(encode({"x": {SIGNATURE: "no-such-mark"}}))


def test_a_value_that_no_property_can_hold_is_an_error_that_names_its_type() -> None:
    with pytest.raises(TypeError, match="a property cannot hold a set"):
        encode({"x": {1, 2}})


def test_a_secret_is_not_shown_by_its_text_form() -> None:
    assert "hunter2" not in repr({"key": Secret("hunter2")})


def test_revealing_opens_secrets_at_any_depth_and_leaves_the_rest() -> None:
    assert reveal({"a": Secret([Secret(1), {"b": Secret(2)}]), "c": 3}) == {"a": [1, {"b": 2}], "c": 3}


def test_a_secret_is_found_at_any_depth() -> None:
    assert has_secret({"a": [{"b": Secret(1)}]})
    assert not has_secret({"a": [{"b": 1}]})


def test_unknown_is_found_in_secrets_lists_archives_and_references() -> None:
    assert has_unknown({"a": [Secret({"b": UNKNOWN})]})
    assert has_unknown(Archive(assets={"f": UNKNOWN}))
    assert has_unknown(ResourceReference(urn="u", id=UNKNOWN))
    assert not has_unknown({"a": [Secret({"b": 1})]})


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.just(UNKNOWN),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | inner.map(Secret),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), _PLAIN))
def test_any_property_bag_comes_back_as_it_was(bag: dict[str, object]) -> None:
    assert decode(encode(bag)) == bag
