"""docs/rehearsal.md: every command and file on it works, and its tables are the code's."""

from __future__ import annotations

import re

import pytest

from tests.rehearsal.conftest import CHECKOUT, Reader
from trainyard.sandbox.fault_file import KEYS, VERBS
from trainyard.sandbox.faults import ABOUT, KINDS
from trainyard.sandbox.quotas.charges import CLOUDS
from trainyard.sandbox.world_file import PLACE

PAGE = (CHECKOUT / "docs" / "rehearsal.md").read_text()


@pytest.mark.engine
def test_everything_that_the_page_types_works_and_prints_what_it_shows(reader: Reader) -> None:
    assert len(list(reader.plays("rehearsal.md"))) == PAGE.count("```bash\n")


def table(head: str) -> dict[str, str]:
    """A table's rows by the words in their first column."""
    _, _, rest = PAGE.partition(f"| {head} | ")
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", rest.partition("\n\n")[0], re.MULTILINE)
    return {name: meaning for names, meaning in rows for name in re.findall(r"`([a-z-]+)`", names)}


def test_the_kinds_of_faults_are_the_code_s_in_its_words() -> None:
    assert table("kind") == dict(KINDS)


def test_the_keys_of_the_faults_file_are_the_code_s() -> None:
    written = table("key")
    assert set(written) == set(KEYS)
    assert set(re.findall(r"`([a-z_]+)`", written["where"])) == set(ABOUT)
    assert set(VERBS) - {"create"} <= set(re.findall(r"`([a-z]+)`", written["call"]))
    assert all(f"kind: {kind}" in PAGE for kind in ("stockout", "slow", "partial", "lag", "preempt", "throttle"))


def test_the_clouds_of_quotas_and_the_place_of_the_world_file_are_the_code_s() -> None:
    assert set(re.findall(r"^- \{cloud: ([a-z-]+),", PAGE, re.MULTILINE)) == set(CLOUDS)
    assert f"`{PLACE.as_posix()}`" in PAGE


def test_the_readme_leads_to_the_page() -> None:
    assert "(docs/rehearsal.md)" in (CHECKOUT / "README.md").read_text()
