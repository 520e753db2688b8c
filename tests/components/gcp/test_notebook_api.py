"""What the notebook asks of the provider, translated to Workbench's API, against Google's own description of it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from components.gcp.notebook import Notebook
from tests.components.gcp.test_notebook import NAME, PLAIN
from trainyard.facts.capacity import OnDemand, Reserved

pytestmark = pytest.mark.contract("gcp")

# The provider's own: where and under which name it makes the instance, and the state that it brings it to.
PROVIDER_ONLY = {"name", "project", "location", "desiredState"}
TYPES: dict[str, type | tuple[type, ...]] = {"string": str, "boolean": bool, "object": dict, "array": list}


@cache
def schemas() -> dict[str, Any]:
    document = files("googleapiclient.discovery_cache") / "documents" / "notebooks.v2.json"
    return dict(json.loads(document.read_text())["schemas"])


def request(inputs: dict[str, Any]) -> dict[str, Any]:
    """The body of instances.create that stands for the provider's inputs."""
    body = {key: value for key, value in inputs.items() if key not in PROVIDER_ONLY}
    setup = dict(body["gceSetup"])
    setup["dataDisks"] = [setup["dataDisks"]]  # the provider's block is one, the API's a list
    return {**body, "gceSetup": setup}


def complaints(shape: dict[str, Any], value: Any, path: str) -> Iterator[str]:
    if "$ref" in shape:
        shape = schemas()[shape["$ref"]]
    if not isinstance(value, TYPES[shape["type"]]):
        yield f"{path}: {value!r} is no {shape['type']}"
    elif isinstance(value, list):
        for item in value:
            yield from complaints(shape["items"], item, f"{path}[]")
    elif isinstance(value, dict):
        for key, item in value.items():
            field = shape.get("properties", {}).get(key, shape.get("additionalProperties"))
            if field is None or field.get("readOnly"):
                yield f"{path}.{key}: the API takes no such field"
            else:
                yield from complaints(field, item, f"{path}.{key}")
    elif value not in shape.get("enum", [value]):
        yield f"{path}: {value!r} is none of {shape['enum']}"


@pytest.mark.parametrize("capacity", [OnDemand(), Reserved(id="l4-week")], ids=["on-demand", "reserved"])
def test_every_field_with_every_option_on_is_what_workbench_takes(deploy, capacity) -> None:
    key = "projects/p-12345/locations/europe-west4/keyRings/r/cryptoKeys/k"
    args = replace(PLAIN, capacity=capacity, kms_key=key, access=("group:ml-research@acme.example",))
    inputs = deploy(lambda: Notebook(NAME, args)).one("workbench/instance:Instance").inputs
    assert list(complaints(schemas()["Instance"], request(inputs), "instance")) == []


def test_a_field_that_the_api_has_not_would_be_found() -> None:
    assert list(complaints(schemas()["Instance"], {"gceSetup": {"spot": True}}, "i")) == [
        "i.gceSetup.spot: the API takes no such field"
    ]
