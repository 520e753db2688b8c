"""The JSON Schema of whole files, by which editors complete them."""

from __future__ import annotations

import json
from typing import Any, Literal

from trainyard.settings.environment import Environment
from trainyard.settings.shape import Section
from trainyard.settings.stack_file import StackFile

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_FILES: dict[str, tuple[type[Section], str]] = {
    "env": (Environment, "Trainyard environment file, stacks/env.<environment>.yaml"),
    "stack": (StackFile, "Trainyard stack file, stacks/Pulumi.<stack>.yaml"),
}
_COMPUTE = {"properties": {"stack": {"properties": {"layer": {"const": "compute"}}}}}
_BASE = {"properties": {"stack": {"properties": {"layer": {"const": "base"}}}}}


def json_schema(kind: Literal["env", "stack"]) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of an env or a stack file, kinds that are not built yet included."""
    section, title = _FILES[kind]
    schema = section.model_json_schema(by_alias=True)
    schema.pop("title", None)
    if kind == "stack":
        definitions = schema["$defs"]
        definitions["Config"]["patternProperties"] = {"^pulumi:": {}}
        definitions["StackSettings"]["allOf"] = [
            {"if": _COMPUTE, "then": {"required": ["lease", "workloads"], "properties": {"base": False}}},
            {"if": _BASE, "then": {"required": ["base"], "properties": {"lease": False, "workloads": False}}},
        ]
    return {"$schema": _DIALECT, "title": title, **schema}


def schema_text(kind: Literal["env", "stack"]) -> str:
    """The schema as `trainyard schema` prints it and schemas/ holds it."""
    return json.dumps(json_schema(kind), indent=2, ensure_ascii=False) + "\n"
