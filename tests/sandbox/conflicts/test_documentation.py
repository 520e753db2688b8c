"""The examples in the SDK's own descriptions: nothing that they show may be refused."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from trainyard.sandbox.conflicts import check_conflicts
from trainyard.sandbox.packages import installed
from trainyard.sandbox.schema import Field, Kind, Listing, Named, Object, ResourceType
from trainyard.servicer.values import UNKNOWN

_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
# what the SDK shows and the cloud refuses, each with why
WRONG: Mapping[tuple[str, str], str] = {
    (
        "gcp:container/cluster:Cluster",
        "location",
    ): "an Autopilot cluster in a zone; the provider's test expects a refusal",
    ("gcp:vertex/aiEndpoint:AiEndpoint", "name"): "a name; the property's own words ask for a number",
    ("gcp:vertex/aiEndpoint:AiEndpoint", "encryptionSpec.kmsKeyName"): "a placeholder, no key",
    ("gcp:vertex/aiTensorboard:AiTensorboard", "encryptionSpec.kmsKeyName"): "a placeholder, no key",
    ("gcp:artifactregistry/repository:Repository", "kmsKeyName"): "a placeholder, no key",
}
COVERED = (
    *(f"compute/{name}" for name in ("instance", "instanceTemplate", "regionInstanceTemplate", "instanceGroupManager")),
    *(f"compute/{name}" for name in ("regionInstanceGroupManager", "resizeRequest", "resourcePolicy", "reservation")),
    *(f"compute/{name}" for name in ("futureReservation", "disk", "regionDisk", "snapshot", "image", "address")),
    *(f"compute/{name}" for name in ("globalAddress", "network", "subnetwork", "router", "routerNat", "firewall")),
    *(f"compute/{name}" for name in ("route", "networkAttachment", "instanceFromTemplate", "healthCheck")),
    *("tpu/v2Vm", "tpu/v2QueuedResource", "vertex/aiPersistentResource", "vertex/aiTensorboard", "vertex/aiEndpoint"),
    *("workbench/instance", "filestore/instance", "lustre/instance", "storage/bucket", "storage/bucketObject"),
    *("artifactregistry/repository", "serviceaccount/account", "projects/service", "kms/keyRing", "kms/cryptoKey"),
    *("billing/budget", "pubsub/topic", "pubsub/subscription", "container/cluster", "container/nodePool"),
    *(
        "cloudscheduler/job",
        "secretmanager/secret",
        "cloudrun/service",
        "cloudrunv2/service",
        "cloudfunctions/function",
    ),
    *("cloudfunctionsv2/function", "sql/databaseInstance", "servicenetworking/connection"),
)


@pytest.mark.parametrize("name", COVERED)
def test_no_example_of_the_sdk_is_refused(name: str) -> None:
    refused = [
        f"{title}: {problem.path}: {problem.reason}"
        for title, token, inputs in examples(name)
        for problem in check_conflicts(_type(token), inputs, {})
        if (token, problem.path) not in WRONG
    ]
    assert refused == []


def examples(name: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(variable, token, inputs) of every resource in the examples of a type; what is no literal is not known yet."""
    source = inspect.getsource(installed()["gcp"].load(_token(name)))
    for block in dict.fromkeys(map(textwrap.dedent, _BLOCK.findall(source))):  # each overload says the same
        try:
            tree = ast.parse(block)
        except SyntaxError:  # a few are no Python
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (token := _called(node.func)) is not None:
                fields = _type(token).inputs
                by_python = {field.python: field for field in fields.values()}
                given = {
                    by_python[word.arg].wire: _value(word.value, by_python[word.arg].kind)
                    for word in node.keywords
                    if word.arg in by_python
                }
                title = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else "?"
                yield str(title), token, given


def _value(node: ast.expr, kind: Kind) -> Any:
    match node, kind:
        case ast.Constant(), _:
            return node.value
        case ast.List(), Listing():
            return [_value(item, kind.item) for item in node.elts]
        case ast.List(), _:
            return [_value(item, kind) for item in node.elts]
        case ast.Dict(), Object():
            return dict(_entries(node, {field.python: field for field in kind.fields.values()}))
        case ast.Dict(), _:
            item = kind.item if isinstance(kind, Named) else kind
            return {key.value: _value(value, item) for key, value in _literal_keys(node)}
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)), _:
            return -number
        case _:
            return UNKNOWN


def _entries(node: ast.Dict, fields: Mapping[str, Field]) -> Iterator[tuple[str, Any]]:
    for key, value in _literal_keys(node):
        field = fields.get(str(key.value))
        if field is not None:
            yield field.wire, _value(value, field.kind)


def _literal_keys(node: ast.Dict) -> Iterator[tuple[ast.Constant, ast.expr]]:
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant):
            yield key, value


def _called(function: ast.expr) -> str | None:
    text = ast.unparse(function).split(".")
    if text[0] != "gcp" or len(text) != 3:
        return None
    name = f"{text[1]}/{text[2][0].lower()}{text[2][1:]}"
    return _token(name) if _token(name) in installed()["gcp"].types else None


def _token(name: str) -> str:
    word = name.partition("/")[2]
    return f"gcp:{name}:{word[0].upper()}{word[1:]}"


_types: dict[str, ResourceType] = {}


def _type(token: str) -> ResourceType:
    if token not in _types:
        _types[token] = ResourceType(installed()["gcp"], token)
    return _types[token]
