"""A stack's files to plan, and its plan at one moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.settings.conftest import FILES
from trainyard.choice.plan.plan import Plan, make
from trainyard.choice.plan.room import NotRead, Spending
from trainyard.facts.expiry import Expiry
from trainyard.facts.origin import Origin
from trainyard.lease.record import Record, Terms
from trainyard.settings import load

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
NOTHING = Spending(usd=Decimal(0), leases=0, unpriced=())
Planned = Callable[..., Plan]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The settings tests' right stack, whose one workload takes an A100 on spot or on demand."""
    stacks = tmp_path / "stacks"
    stacks.mkdir()
    for name, text in FILES.items():
        (stacks / name).write_text(text, encoding="utf-8")
    return stacks


@pytest.fixture
def planned(folder: Path) -> Planned:
    """Plans the stack with some text of its files changed."""

    def of(
        edits: dict[str, str] | None = None,
        *,
        base: str = "",
        record: Record | None = None,
        others: Spending | NotRead = NOTHING,
    ) -> Plan:
        for file in folder.iterdir():
            text = file.read_text(encoding="utf-8")
            for old, new in (edits or {}).items():
                text = text.replace(old, new)
            file.write_text(text, encoding="utf-8")
        with (folder / "Pulumi.dev-base.yaml").open("a", encoding="utf-8") as file:
            file.write(base)
        settings = load(folder, "dev")
        assert settings.lease is not None
        return make(
            settings,
            stack="dev",
            lease_id="dev-00000000",
            origin=Origin.CLOUD,
            at=NOW,
            expiry=Expiry(start=NOW, ttl=settings.lease.ttl, extend_to=settings.lease.extend_to),
            record=record,
            others=others,
        )

    return of


@pytest.fixture
def held() -> Record:
    """The record of a living lease of that stack, which names no candidate yet."""
    return Record(
        id="dev-00000000",
        origin=Origin.CLOUD,
        project="acme",
        stack="dev",
        environment="dev",
        backend="gs://acme",
        holder="h",
        scopes=(),
        terms=Terms(
            start=NOW,
            ttl=timedelta(hours=12),
            extend_to=timedelta(hours=24),
            hard_end=NOW + timedelta(hours=24),
            cap_usd=Decimal(100),
            at_limit="stop",
            grace=timedelta(hours=24),
            owner="ml-research",
            cost_center="ml-research",
            workloads={},
        ),
    )
