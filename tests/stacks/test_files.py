"""The stacks that come with the repository: which are built, and that their numbers hold."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest

from trainyard.facts.offer import load_machine_offers
from trainyard.facts.price import times
from trainyard.facts.request import Request
from trainyard.facts.selection import select
from trainyard.settings import GpuVm, json_schema, load, requests
from trainyard.settings.document import read
from trainyard.settings.files import names, read_environment, read_stack
from trainyard.settings.notebook import Notebook
from trainyard.settings.training_job import TrainingJob

STACKS = Path(__file__).parents[2] / "stacks"
BASES = ("dev-base", "prod-base", "sandbox-base", "sandbox-clouds-base")
BUILT = (*BASES, "sandbox", "sandbox-kinds", "sandbox-clouds", "dev-lab", "dev-llama-ft", "prod-pretrain")


def test_these_are_the_stacks_and_environments() -> None:
    assert names(STACKS, "Pulumi") == sorted(BUILT)
    assert names(STACKS, "env") == ["dev", "prod", "sandbox", "sandbox-clouds"]


@pytest.mark.parametrize("stack", BUILT)
def test_a_built_stack_loads(stack: str) -> None:
    assert load(STACKS, stack).environment.base.endswith("-base")


@pytest.mark.parametrize("stack", BUILT)
def test_a_stack_file_is_valid_by_the_schema_that_it_points_to(stack: str) -> None:
    _check_by_schema(STACKS / f"Pulumi.{stack}.yaml", "stack")


@pytest.mark.parametrize("environment", ["dev", "prod", "sandbox", "sandbox-clouds"])
def test_an_environment_file_is_valid_by_the_schema_that_it_points_to(environment: str) -> None:
    _check_by_schema(STACKS / f"env.{environment}.yaml", "env")


def _check_by_schema(path: Path, kind: str) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    found = re.fullmatch(r"# yaml-language-server: \$schema=(.+)", first)
    assert found, f"{path.name} begins without the line that points to its schema"
    assert (path.parent / found[1]).resolve() == STACKS.parent / "schemas" / f"{kind}.schema.json"
    document = read(path, path.name)
    jsonschema.validate(document.value, json_schema("env" if kind == "env" else "stack"))


@pytest.mark.parametrize("stack", ["sandbox", "prod-pretrain", "dev-llama-ft", "dev-lab"])
def test_a_cap_holds_the_dearest_candidate_over_the_ttl(stack: str) -> None:
    own = read_stack(STACKS, stack)
    environment = read_environment(STACKS, own.parts.environment or "").value
    lease = own.parts.lease
    assert lease is not None
    assert environment is not None
    assert environment.gcp is not None
    total = Decimal(0)
    for workload in own.parts.workloads.values():
        assert isinstance(workload, GpuVm | TrainingJob | Notebook)
        request = Request(
            cloud="gcp",
            chip=workload.accelerator.name,
            count=workload.accelerator.count,
            memory_gib=workload.memory_gib,
            fabric=getattr(workload, "fabric", None),
            machine_type=workload.machine_type,
            regions=tuple(region for where in workload.where for region in where.regions),
            capacities=workload.capacity,
        )
        factor = environment.gcp.price_factor
        candidates = select(request, load_machine_offers("gcp"), price_factor=factor).candidates
        dearest = [times(candidate.price, lease.ttl) for candidate in candidates]
        assert all(isinstance(price, Decimal) for price in dearest)
        total += max(price for price in dearest if isinstance(price, Decimal)) * getattr(workload, "nodes", 1)
    assert total <= lease.cap_usd


def test_the_sandbox_s_cap_holds_to_the_hard_end_too() -> None:
    settings = load(STACKS, "sandbox")
    assert settings.lease is not None
    (request,) = requests(settings, "workbench")
    for candidate in select(request, load_machine_offers("gcp")).candidates:
        whole = times(candidate.price, settings.lease.extend_to)
        assert isinstance(whole, Decimal)
        assert whole <= settings.lease.cap_usd


def test_the_sandbox_s_records_lie_in_a_folder_and_its_project_is_its_own() -> None:
    environment = load(STACKS, "sandbox").environment
    assert environment.leases.startswith("file://")
    assert environment.gcp is not None
    assert environment.gcp.project == "acme-ml-sandbox"
    assert environment.protect is False
