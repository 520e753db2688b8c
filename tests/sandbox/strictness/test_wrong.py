"""What a cloud refuses, the sandbox refuses: right resources with one value broken, each told at its own place."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from functools import cache

import pytest

from tests.sandbox.strictness.conftest import CLOUDS, Site, plain_inputs
from tests.sandbox.strictness.fixtures.wrong import Wrong, wrong_of

pytestmark = pytest.mark.engine
EACH = 20  # wrong ones of one resource at most
ON_THE_ENGINE = 10  # of each cloud


@cache
def all_wrong(site: Site, cloud: str) -> tuple[Wrong, ...]:
    found: list[Wrong] = []
    for thing in site.walked(cloud).made:
        found += list(wrong_of(CLOUDS[cloud], thing.type, plain_inputs(thing)))[:EACH]
    return tuple(found)


@pytest.mark.parametrize("cloud", CLOUDS)
def test_what_went_up_is_right_for_check_as_well(site: Site, cloud: str) -> None:
    connection = site.connection(cloud)
    for thing in site.walked(cloud).made:
        assert connection.failures(thing.type, plain_inputs(thing)) == {}, thing.type


@pytest.mark.parametrize("cloud", CLOUDS)
def test_every_broken_value_is_refused_at_its_own_place(site: Site, cloud: str) -> None:
    connection = site.connection(cloud)
    taken, elsewhere = [], []
    for wrong in all_wrong(site, cloud):
        failures = connection.failures(wrong.token, wrong.inputs)
        if not failures:
            taken.append(f"{wrong.token} {wrong.path}: {wrong.value!r} was taken, {wrong.says} is allowed")
        elif not any(path == wrong.path or path.startswith(wrong.path) for path in failures):
            elsewhere.append(f"{wrong.token} {wrong.path}: {failures}")
    assert taken == []
    assert elsewhere == []


def test_over_three_clouds_at_least_three_hundred_values_were_broken(
    site: Site, record_property: Callable[[str, object], None]
) -> None:
    shares = Counter({cloud: len(all_wrong(site, cloud)) for cloud in CLOUDS})
    record_property("wrong inputs, each refused at its place", dict(shares))
    assert shares.total() >= 300
    assert min(shares.values()) >= 50


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_engine_refuses_wrong_resources_too_and_names_the_property(site: Site, cloud: str) -> None:
    chosen = list({wrong.token: wrong for wrong in all_wrong(site, cloud)}.values())[:ON_THE_ENGINE]
    assert len(chosen) == ON_THE_ENGINE
    project = site.project(cloud, f"wrong-{cloud}")
    for wrong in chosen:
        project.write(_program(wrong))
        code, text = project.pulumi("preview")
        assert code != 0, f"{wrong.token} {wrong.path} was taken"
        assert wrong.path.partition(".")[0].partition("[")[0] in text, text


def _program(wrong: Wrong) -> str:
    """The wrong resource by itself, as the engine gets it from any SDK."""
    return (
        "import json, pulumi\n"
        f"inputs = json.loads({json.dumps(json.dumps(wrong.inputs, default=str))})\n"
        "class Any(pulumi.CustomResource):\n"
        "    pass\n"
        f"Any({wrong.token!r}, 'wrong', inputs)\n"
    )
