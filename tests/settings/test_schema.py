"""The JSON Schema by which editors complete the files."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

import jsonschema
import pytest
import typer
from typer.testing import CliRunner

from trainyard.cli.schema import schema
from trainyard.settings import json_schema
from trainyard.settings.document import parse
from trainyard.settings.kinds import KINDS
from trainyard.settings.schema import schema_text

_SCHEMAS = Path(__file__).parents[2] / "schemas"
_Kind = Literal["env", "stack"]
_WORKLOADS = {
    "gpu-vm": "{ kind: gpu-vm, accelerator: A100:1, where: [{ cloud: gcp, regions: [us-central1] }] }",
    "training-job": "{ kind: training-job, accelerator: 'H100:8', where: [{ cloud: gcp, regions: [us-central1] }], "
    "container: 'x@sha256:0', secrets: { HF_TOKEN: 'gcp-secret://p/t' }, data: { corpus: read } }",
    "persistent-resource": "{ kind: persistent-resource, accelerator: L4, nodes: 2, max_nodes: 4, "
    "where: [{ cloud: gcp, regions: [us-central1] }] }",
    "tpu-node": "{ kind: tpu-node, accelerator: 'v5e:8', topology: 2x4, "
    "where: [{ cloud: gcp, zones: [us-central1-a] }] }",
    "notebook": "{ kind: notebook, accelerator: L4, where: [{ cloud: gcp, regions: [us-central1] }], "
    "idle: { after: 30m } }",
    "pool": "{ kind: pool, accelerator: 'H100:8', nodes: 2, where: [{ cloud: gcp, regions: [us-central1] }] }",
}


def _errors(kind: _Kind, text: str) -> list[str]:
    document = parse(text, "f.yaml")
    assert not document.problems([])
    validator = jsonschema.Draft202012Validator(json_schema(kind))
    return [error.json_path for error in validator.iter_errors(document.value)]


def _stack(workload: str) -> str:
    return (
        "config: { 'trainyard:settings': { stack: { schema: 1, environment: dev, layer: compute, owner: a, "
        "cost_center: a }, lease: { ttl: 12h, extend_to: 24h, cap_usd: 100 }, workloads: { x: " + workload + " } } }"
    )


@pytest.mark.parametrize("kind", get_args(_Kind))
def test_the_schemas_in_the_repository_are_those_that_are_printed(kind: _Kind) -> None:
    stored = (_SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8")
    assert stored == schema_text(kind), f"run `trainyard schema {kind} > schemas/{kind}.schema.json`"


@pytest.mark.parametrize("kind", get_args(_Kind))
def test_the_schemas_are_schemas(kind: _Kind) -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema(kind))


@pytest.mark.parametrize("kind", get_args(_Kind))
def test_the_command_prints_the_schema(kind: _Kind) -> None:
    app = typer.Typer()
    app.command()(schema)
    result = CliRunner().invoke(app, [kind])
    assert result.exit_code == 0
    assert result.stdout == schema_text(kind)


def test_every_kind_is_tried_here() -> None:
    assert set(_WORKLOADS) == set(KINDS)


@pytest.mark.parametrize("kind", _WORKLOADS)
def test_a_workload_of_any_kind_is_valid_whether_it_is_built_or_not(kind: str) -> None:
    assert not _errors("stack", _stack(_WORKLOADS[kind]))


def test_a_typo_is_not_valid() -> None:
    assert _errors("stack", _stack(_WORKLOADS["gpu-vm"].replace("accelerator", "acelerator")))


def test_a_compute_stack_needs_a_lease() -> None:
    text = _stack(_WORKLOADS["gpu-vm"]).replace("lease: { ttl: 12h, extend_to: 24h, cap_usd: 100 },", "")
    assert _errors("stack", text) == ["$.config['trainyard:settings']"]


def test_what_the_cli_writes_is_valid() -> None:
    assert not _errors("stack", "encryptionsalt: v1:a:b\n" + _stack(_WORKLOADS["gpu-vm"]))


def test_every_key_tells_what_it_takes() -> None:
    for kind in get_args(_Kind):
        whole = json_schema(kind)
        for name, definition in whole["$defs"].items():
            for key, field in definition.get("properties", {}).items():
                assert field.get("description"), f"{name}.{key}"
