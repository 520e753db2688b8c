"""What a gpu-vm on AWS cannot be at once: each row stands alone, with its way out and its source."""

from dataclasses import replace

import pytest

from trainyard.facts.aws.conflicts import Asked, conflicts
from trainyard.facts.aws.machine import SHAPES

GROUP = Asked(machine=SHAPES["p5.48xlarge"], capacity="on-demand", nodes=4)
ONE = Asked(machine=SHAPES["g6.xlarge"], capacity="spot")


@pytest.mark.parametrize(
    ("asked", "row", "way_out"),
    [
        (replace(GROUP, machine=SHAPES["g6.xlarge"]), "nodes-without-a-fabric", "give fabric: none"),
        (replace(GROUP, public_address=True), "efa-with-a-public-address", "Session Manager"),
        (replace(GROUP, placement_groups=2), "two-placement-groups", "name one, or none"),
        (
            replace(GROUP, capacity="block", placement_groups=1),
            "a-block-is-placed-already",
            "leave the placement group",
        ),
        (replace(ONE, capacity="reserved", bound=True), "no-machine-ends-with-a-reservation", "kind: block"),
        (replace(GROUP, volumes=1), "a-volume-has-one-machine", "use a bucket or FSx"),
    ],
)
def test_a_row_stands_alone_with_its_way_out_and_its_source(asked: Asked, row: str, way_out: str) -> None:
    [found] = conflicts(asked)
    assert found.name == row
    assert way_out in found.text
    assert found.text.endswith(".")
    assert "read 2026-11-24" in found.source


@pytest.mark.parametrize(
    "asked",
    [
        ONE,
        GROUP,
        replace(ONE, volumes=1),
        replace(GROUP, machine=SHAPES["g6.xlarge"], wanted_fabric="none"),
        replace(GROUP, placement_groups=1),
        replace(GROUP, capacity="block"),
    ],
)
def test_nothing_stands_against_what_amazon_sells(asked: Asked) -> None:
    assert list(conflicts(asked)) == []
