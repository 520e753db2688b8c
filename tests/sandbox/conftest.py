"""An empty store of the simulated clouds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from trainyard.sandbox.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "store.sqlite")
    yield opened
    opened.close()
