"""Whatever a program gives is answered with failures, never with a crash of the provider."""

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainyard.sandbox.check import check_inputs
from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.diff import difference
from trainyard.sandbox.provider.names import Wish, name_inputs
from trainyard.sandbox.provider.rules import check_rules
from trainyard.sandbox.schema import Listing, Named, Object, ResourceType
from trainyard.servicer import UNKNOWN, Asset, Secret, decode, encode

TOKENS = (
    "gcp:compute/instance:Instance",
    "gcp:compute/subnetwork:Subnetwork",
    "aws:ec2/instance:Instance",
    "azure-native:compute:VirtualMachine",
    "kubernetes:core/v1:Pod",
)


@cache
def loaded(token: str) -> ResourceType:
    return ResourceType(installed()[token.partition(":")[0]], token)


def names_in(type: ResourceType) -> list[str]:
    """Property names of the type and of what lies one level down."""
    found = set(type.inputs)
    for field in type.inputs.values():
        kind = field.kind
        while isinstance(kind, Listing | Named):
            kind = kind.item
        found |= set(kind.fields) if isinstance(kind, Object) else set()
    return sorted(found)


def values(type: ResourceType) -> st.SearchStrategy[Any]:
    keys = st.sampled_from(names_in(type)) | st.text(max_size=5)
    leaves = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8) | st.just(UNKNOWN)
    return st.recursive(
        leaves | st.just(Asset(text="x")),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4) | inner.map(Secret),
        max_leaves=12,
    )


@pytest.mark.parametrize("token", TOKENS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_input_is_checked_named_and_compared_without_a_crash(token: str, data: st.DataObject) -> None:
    type = loaded(token)
    bags = st.dictionaries(st.sampled_from(sorted(type.inputs)) | st.text(max_size=5), values(type), max_size=6)
    inputs, old = data.draw(bags), data.draw(bags)
    problems = list(check_inputs(type, inputs))
    name_inputs(type, inputs, old, "thing", Wish(seed=b"s"))
    problems += check_rules(type, inputs, {"zone": "us-central1-a", "region": "us-east-1"})
    assert all(problem.reason for problem in problems)
    difference(type, "thing", old, inputs, [])
    assert decode(encode(inputs)) == inputs
