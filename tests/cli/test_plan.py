"""`trainyard plan` and what `trainyard check` says of a written plan: exit codes, JSON, the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.settings.conftest import BASE, ENVIRONMENT, STACK
from trainyard.cli.app import app

RUNNER = CliRunner()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose records lie in a folder, with one compute stack."""
    stacks = tmp_path / "stacks"
    stacks.mkdir()
    store = (tmp_path / "leases").as_uri()
    (tmp_path / "Pulumi.yaml").write_text("name: trainyard\nruntime: python\n")
    (stacks / "env.dev.yaml").write_text(ENVIRONMENT.replace("gs://acme-ml-dev-leases", store))
    (stacks / "Pulumi.dev-base.yaml").write_text(BASE)
    (stacks / "Pulumi.dev.yaml").write_text(STACK)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRAINYARD_SANDBOX", raising=False)
    monkeypatch.delenv("PULUMI_DEBUG_PROVIDERS", raising=False)
    return stacks


def run(*arguments: str) -> Result:
    return RUNNER.invoke(app, list(arguments))


def test_a_plan_that_fits_ends_0_and_reads_the_budget(project: Path) -> None:
    done = run("plan", "dev")
    assert done.exit_code == 0, done.output
    assert "budget  ml-research: 5000 USD a month, 0.00 in 0 other leases" in done.output


def test_one_that_does_not_fit_ends_1(project: Path) -> None:
    file = project / "Pulumi.dev.yaml"
    file.write_text(file.read_text().replace("cap_usd: 100", "cap_usd: 20"))
    done = run("plan", "dev")
    assert done.exit_code == 1
    assert "✗ cap_usd 20 cannot hold" in done.output


@pytest.mark.parametrize("stack", ["nope", "dev-base"])
def test_no_such_stack_or_one_without_lease_ends_2(project: Path, stack: str) -> None:
    assert run("plan", stack).exit_code == 2


def test_settings_that_are_wrong_end_2_with_their_line(project: Path) -> None:
    file = project / "Pulumi.dev.yaml"
    file.write_text(file.read_text().replace("A100:1", "A1000:1"))
    done = run("plan", "dev")
    assert done.exit_code == 2
    assert "stacks/Pulumi.dev.yaml:" in done.output


def test_a_store_that_cannot_be_read_is_said_and_changes_no_exit_code(project: Path) -> None:
    (project.parent / "leases").write_text("no folder")
    done = run("plan", "dev")
    assert done.exit_code == 0, done.output
    assert "budget  budget not read" in done.output
    assert "! the lease's record was not read" in done.output


def test_the_json_is_one_document_that_says_whether_it_fits(project: Path) -> None:
    told = json.loads(run("plan", "dev", "--json").output)
    assert told["fits"] is True
    assert told["written"] is None
    assert told["workloads"]["bench"]["candidates"][0]["candidate"] == told["workloads"]["bench"]["taken"]


def test_a_written_plan_is_compared_by_plan_and_check_ever_after(project: Path) -> None:
    assert run("plan", "dev", "--write").exit_code == 0
    file = project / "dev.plan.yaml"
    assert "as it was" in run("plan", "dev").output
    assert "as it was" in run("check", "dev").output
    file.write_text(file.read_text().replace("europe-west4-a/a2-highgpu-1g/spot", "europe-west4-z/a2-highgpu-1g/spot"))
    for command in ("plan", "check"):
        done = run(command, "dev")
        assert done.exit_code == 0, done.output
        assert "europe-west4-z/a2-highgpu-1g/spot has gone; next is gcp/" in done.output
    assert json.loads(run("plan", "dev", "--json").output)["written"]["changes"]


def test_a_written_plan_that_is_none_ends_2_and_check_1(project: Path) -> None:
    (project / "dev.plan.yaml").write_text("schema: 9\n")
    assert run("plan", "dev").exit_code == 2
    assert run("check", "dev").exit_code == 1
    assert run("plan", "dev", "--write").exit_code == 0


def test_without_a_written_plan_check_says_nothing_of_one(project: Path) -> None:
    assert "review" not in run("check", "dev").output
