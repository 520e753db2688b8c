"""The table itself: every entry says what it refuses, where that stands, and on which types."""

import pytest

from trainyard.sandbox.conflicts import table
from trainyard.sandbox.conflicts.conflict import Conflict
from trainyard.sandbox.packages import installed

ENTRIES = [(package, entry) for package in ("gcp", "aws", "azure-native") for entry in table(package)]


@pytest.mark.parametrize(("package", "entry"), ENTRIES, ids=[f"{package} {entry.name}" for package, entry in ENTRIES])
def test_every_entry_says_what_and_where_from(package: str, entry: Conflict) -> None:
    assert len(entry.says.split()) > 3
    assert len(entry.source) > 10
    assert entry.types <= set(installed()[package].types)


def test_no_two_entries_of_a_package_share_a_name() -> None:
    names = [(package, entry.name) for package, entry in ENTRIES]
    assert len(names) == len(set(names))
