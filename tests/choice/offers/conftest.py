"""The catalogue that the tests ask, and a plain scan to hold its answers against."""

from pathlib import Path

import pytest

from trainyard.choice.offers.catalogue import built
from trainyard.choice.offers.index import Catalogue
from trainyard.choice.offers.rows import SNAPSHOT

MACHINES = """name,accelerator,count,vcpus,memory_gib,place,usd_hour,date
rack-7,A6000,4,64,512,office,1.20,2026-11-01
bench-1,T4,1,,,office,,
"""


@pytest.fixture(scope="session")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("machines") / "machines.csv"
    path.write_text(MACHINES)
    return path


@pytest.fixture(scope="session")
def catalogue(machines: Path) -> Catalogue:
    return built((SNAPSHOT,), machines)
