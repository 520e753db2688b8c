"""docs/bad-day.md as its reader plays it: no second machine, no leftover that nobody names, a bill that adds up."""

from __future__ import annotations

import json
import subprocess
from decimal import Decimal

import pytest

from tests.rehearsal.conftest import Reader
from tests.rehearsal.fixtures.page import Typed

pytestmark = pytest.mark.engine


def machines(reader: Reader) -> list[str]:
    told = subprocess.run(
        ["trainyard", "sandbox", "ls", "--json"],
        cwd=reader.folder,
        env=reader.environ,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [row["name"] for row in json.loads(told) if row["kind"] == "gcp:compute/instance:Instance"]


def test_a_bad_day_goes_as_the_page_tells_and_there_is_never_a_second_machine(reader: Reader) -> None:
    seen: list[tuple[Typed, list[str]]] = []
    bill = {}
    for typed in reader.plays("bad-day.md"):
        seen.append((typed, machines(reader)))
        if "sandbox bill" in typed.commands:
            bill = json.loads(
                subprocess.run(
                    ["trainyard", "sandbox", "bill", "--json"],
                    cwd=reader.folder,
                    env=reader.environ,
                    capture_output=True,
                    text=True,
                    check=True,
                ).stdout
            )
    assert all(len(there) < 2 for _, there in seen)
    after = {" ".join(typed.commands.split()[-6:]): there for typed, there in seen}
    assert seen[-1][1] == [], after

    lines = bill["lines"]
    for line in lines:
        price = Decimal(line["price"].split()[0]) if line["price"] != "unknown" else Decimal(0)
        assert abs(Decimal(line["usd"]) - Decimal(str(line["hours"])) * price) < Decimal("0.02"), line
    assert abs(Decimal(bill["usd"]) - sum(Decimal(line["usd"]) for line in lines)) < Decimal("0.01")
    ran = [line["hours"] for line in lines if line["kind"] == "machine"]
    # Lost for ten minutes, then two hours and half a minute of notice: not three.
    assert 2 + 10 / 60 + 30 / 3600 <= ran[0] < 3
    assert sum(ran[1:]) >= 1  # the second, which bills while it is being deleted too
    assert not any(line["running"] for line in lines if line["labels"].get("trainyard-lease"))
