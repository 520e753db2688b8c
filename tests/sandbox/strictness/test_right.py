"""What a cloud takes, the sandbox takes: it goes up, stays as it is, and comes down without a rest."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sandbox.strictness.conftest import CLOUDS, STEPS, Site

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("step", STEPS)
def test_a_right_program_takes_every_step(site: Site, cloud: str, step: str) -> None:
    walked = site.walked(cloud)
    assert walked.codes[step] == 0, walked.texts[step]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_nothing_is_left_of_a_right_program(site: Site, cloud: str) -> None:
    assert [thing.id for thing in site.walked(cloud).left] == []


def test_over_three_clouds_at_least_sixty_right_resources_went_up(
    site: Site, record_property: Callable[[str, object], None]
) -> None:
    shares = {cloud: len(site.walked(cloud).made) for cloud in CLOUDS}
    record_property("right resources, up and down again", shares)
    assert sum(shares.values()) >= 60
    assert min(shares.values()) >= 20
