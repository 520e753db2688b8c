"""How a value is held against what a description says."""

import pytest

from trainyard.sandbox.packages import installed
from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.values import check_values
from trainyard.sandbox.values.check import refusal
from trainyard.sandbox.values.description import Said
from trainyard.sandbox.values.kinds import wrong_kind
from trainyard.servicer.values import UNKNOWN, Secret


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("number", "-12.5", "12x"),
        ("bool", "TRUE", "yes"),
        ("cidr", "10.0.0.0/16", "10.0.0.1/16"),
        ("range", "10.0.0.1/16", "10.0.0.256/16"),
        ("range-or-address", "10.0.0.1", "10.0.0"),
        ("address", "2001:db8::1", "10.0.0.1/32"),
        ("date-time", "2026-11-24T12:00:00Z", "2026-11-24"),
        ("iso-duration", "PT12H", "PT"),
        ("seconds", "3.5s", "1h"),
        ("json", '{"a": 1}', "{a: 1}"),
        ("base64", "YWJj", "a*b"),
        ("cron", "0 9 * * mon-fri", "0 24 * * *"),
        ("cron", "every monday 09:00", "0 9 * * * *"),
    ],
)
def test_a_text_of_another_kind_is_refused(kind: str, right: str, wrong: str) -> None:
    assert wrong_kind(kind, right) is None
    assert wrong_kind(kind, wrong)


def test_a_refusal_says_what_is_allowed_and_what_was_meant() -> None:
    reason = refusal(Said(api="x", enum=("SPOT", "STANDARD", "")), "SPOTS")
    assert reason == 'Allowed: SPOT, STANDARD; did you mean "SPOT"?'
    assert refusal(Said(api="x", min=1, max=3), 4) == "It is 4; a number from 1 to 3 is needed"
    assert refusal(Said(api="x", min_items=2), ["a"]) == "It is 1; a count of entries of at least 2 is needed"


def test_a_limit_says_nothing_of_a_value_of_the_wrong_type() -> None:
    assert refusal(Said(api="x", pattern="^a$"), 4) is None
    assert refusal(Said(api="x", enum=(True,)), True) is None
    assert refusal(Said(api="x", enum=(1,)), True)


def test_what_is_not_known_yet_is_right_and_a_secret_is_not_shown() -> None:
    type = ResourceType(installed()["gcp"], "gcp:storage/bucket:Bucket")
    assert list(check_values(type, {"name": UNKNOWN})) == []
    (problem,) = check_values(type, {"name": Secret("Hidden Name")})
    assert "Hidden Name" not in problem.reason
