"""Amazon's machine types as EC2 itself describes them, and what is refused by name."""

import gzip
import json
from pathlib import Path
from typing import Any

import moto.ec2
import pytest

from trainyard.facts.aws.machine import SHAPES, cannot_stop, known_only, not_built, not_sold, shape, sold_as
from trainyard.facts.offer import load_machine_offers

RESOURCES = Path(moto.ec2.__file__).parent / "resources"
DESCRIBED = json.loads(gzip.decompress((RESOURCES / "instance_types.json.gz").read_bytes()))


def described(machine_type: str) -> dict[str, Any]:
    """What DescribeInstanceTypes says, in our row's words."""
    told = DESCRIBED[machine_type]
    network, disks = told["NetworkInfo"], told.get("InstanceStorageInfo", {}).get("Disks", [])
    efa = [card["NetworkCardIndex"] for card in network["NetworkCards"] if "efa-only" in card["InterfaceTypes"]]
    return {
        "gpus": sum(gpu["Count"] for gpu in told["GpuInfo"]["Gpus"]),
        "stores": sum(disk["Count"] for disk in disks),
        "store_gb": disks[0]["SizeInGB"] if disks else 0,
        "cards": network["MaximumNetworkCards"],
        "efas": network.get("EfaInfo", {}).get("MaximumEfaInterfaces", 0),
        "efa_from": min(efa, default=0),
        "architecture": told["ProcessorInfo"]["SupportedArchitectures"][0],
        "block": "capacity-block" in told["SupportedUsageClasses"],
        "spot": "spot" in told["SupportedUsageClasses"],
    }


def test_every_machine_type_of_the_offers_has_a_row_and_no_other() -> None:
    assert {one.machine_type for one in load_machine_offers("aws")} == set(SHAPES)


@pytest.mark.parametrize("machine_type", SHAPES)
def test_a_row_says_what_ec2_describes(machine_type: str) -> None:
    row, told = SHAPES[machine_type], described(machine_type)
    sold = {"block": "block" in row.capacities, "spot": "spot" in row.capacities}
    assert {**{key: getattr(row, key) for key in told if key not in sold}, **sold} == told


@pytest.mark.parametrize("machine_type", SHAPES)
def test_a_row_counts_the_gpus_and_the_fabric_as_the_catalogue_does(machine_type: str) -> None:
    row = SHAPES[machine_type]
    for one in load_machine_offers("aws"):
        if one.machine_type == machine_type:
            assert (row.gpus, row.gpu, row.fabric) == (
                one.accelerator_count,
                one.accelerator.chip,
                one.accelerator.fabric,
            )


@pytest.mark.parametrize(
    ("machine_type", "count", "first", "last"),
    [
        ("p4d.24xlarge", 4, (0, 1), (3, 0)),
        ("p5.48xlarge", 32, (0, 1), (31, 0)),
        ("p5en.48xlarge", 16, (0, 1), (15, 0)),
        ("p6-b300.48xlarge", 16, (1, 0), (16, 0)),  # its card 0 takes no EFA
        ("g6e.24xlarge", 2, (0, 1), (1, 0)),
        ("g5.8xlarge", 1, (0, 1), (0, 1)),
    ],
)
def test_efa_only_cards_lie_beside_the_primary_interface(
    machine_type: str, count: int, first: tuple[int, int], last: tuple[int, int]
) -> None:
    cards = SHAPES[machine_type].fabric_cards
    assert (len(cards), cards[0], cards[-1]) == (count, first, last)
    assert (0, 0) not in cards


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("p6e-gb200.36xlarge", "UltraServers"),
        ("trn2.48xlarge", "Neuron SDK"),
        ("g4ad.xlarge", "Radeon"),
        ("p3.2xlarge", "retires"),
        ("g7.48xlarge", "not in the catalogue"),
        ("g6f.xlarge", "vGPU"),
        ("ml.p5.48xlarge", 'give "p5.48xlarge"'),
        ("p5.99xlarge", "known are"),
    ],
)
def test_what_is_not_built_is_refused_by_name_with_a_way_out(word: str, reason: str) -> None:
    assert reason in str(not_built(word))
    with pytest.raises(ValueError, match=r"\.$"):
        shape(word)


def test_services_and_chips_that_are_not_offered_are_known_by_name() -> None:
    assert "gpu-vm with nodes" in str(known_only("hyperpod"))
    assert "block" in str(known_only("training-plan"))
    assert "UltraServers" in str(known_only("GB200"))
    assert known_only("p5.48xlarge") is None
    assert not_built("p5.48xlarge") is None


def test_only_what_ec2_sells_in_blocks_is_a_block() -> None:
    assert not_sold("g6.xlarge", "block") == "not sold as block, only as on-demand, spot, reserved"
    assert not_sold("p5.48xlarge", "block") is None
    assert not_sold("p5.48xlarge", "flex-start") is not None
    assert sold_as("m5.large") == ()
    assert not_sold("m5.large", "spot") is None


def test_a_machine_with_an_instance_store_cannot_be_stopped_without_loss() -> None:
    assert "8 disks" in str(cannot_stop("p5.48xlarge"))
    assert cannot_stop("g5g.xlarge") is None


def test_every_row_has_its_source() -> None:
    assert all(row.source for row in SHAPES.values())
