"""docs/plan.md as its reader plays it: a plan, its review, and a quota that is read before anything is made."""

from __future__ import annotations

from tests.rehearsal.conftest import Reader


def test_a_plan_is_made_reviewed_and_held_against_quotas_as_the_page_tells(reader: Reader) -> None:
    played = list(reader.plays("plan.md"))
    assert sum(bool(typed.expected) for typed in played) == 4
