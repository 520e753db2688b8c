"""Right resources of Amazon with one thing wrong, as a stranger would break them: each is refused at its place."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from trainyard.sandbox.check import check_inputs
from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.rules import check_rules
from trainyard.sandbox.schema import ResourceType

_WRONG = json.loads((Path(__file__).parent / "fixtures" / "aws_wrong.json").read_text(encoding="utf-8"))
_TYPES = sorted({token for token, _, _ in _WRONG})


@cache
def _type(token: str) -> ResourceType:
    return ResourceType(installed()["aws"], token)


def _taken(token: str) -> Iterator[str]:
    for one, inputs, path in _WRONG:
        if one == token and path not in _paths(token, inputs):
            yield f"{path} of {json.dumps(inputs)[:300]}"


def _paths(token: str, inputs: dict[str, Any]) -> set[str]:
    type = _type(token)
    problems = [*check_inputs(type, inputs), *check_rules(type, inputs, {"region": "us-east-1"})]
    return {problem.path for problem in problems}


@pytest.mark.parametrize("token", _TYPES)
def test_what_a_stranger_breaks_is_refused_at_its_place(token: str) -> None:
    assert list(_taken(token)) == []


def test_over_five_hundred_things_were_broken() -> None:
    assert len(_WRONG) > 500
