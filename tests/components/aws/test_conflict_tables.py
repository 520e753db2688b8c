"""Two tables that know nothing of each other: what Trainyard's own facts of AWS allow, and what the sandbox refuses.

Whatever the facts accept must be taken as the components make it. Where the two differ, the difference stands below
with what settles it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from components.aws.gpu_group import GpuGroup
from components.aws.gpu_group_args import GpuGroupArgs
from components.aws.gpu_vm import GpuVm, market_options, reservation
from components.aws.gpu_vm_args import GpuVmArgs
from tests.components.aws.test_gpu_group import NAME as GROUP_NAME
from tests.components.aws.test_gpu_group import VPC
from tests.components.aws.test_gpu_vm import ENDS, NAME, RESERVATION, VM
from trainyard.facts import capacity as buying
from trainyard.facts.aws.conflicts import Asked, conflicts
from trainyard.facts.aws.images import default_image, resolve_image
from trainyard.facts.aws.machine import SHAPES, not_sold
from trainyard.facts.aws.machine_types import Shape
from trainyard.facts.capacity import Block, Capacity, OnDemand, Reserved, Spot
from trainyard.facts.offer import load_machine_offers
from trainyard.sandbox.conflicts.aws.facts import machine
from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.rules import check_rules
from trainyard.sandbox.schema import ResourceType

Deploy = Callable[[Callable[[], Any]], Any]
WAYS: Mapping[str, Capacity] = {
    "on-demand": OnDemand(),
    "spot": Spot(),
    "reserved": Reserved(id=RESERVATION),
    "block": Block(id=RESERVATION),
}
OFFERS = load_machine_offers("aws")
TYPES = [pytest.param(shape, id=shape.machine_type) for shape in SHAPES.values()]
TEMPLATE, INSTANCE = "aws:ec2/launchTemplate:LaunchTemplate", "aws:ec2/instance:Instance"
# (machine type, capacity) that the facts refuse and the sandbox takes; what settles it
STRICTER_ON_SALES: Mapping[tuple[str, str], str] = {}
# (machine type, what of its network): the facts' value, the sandbox's, and what settles it
OTHER_NETWORK: Mapping[tuple[str, str], tuple[int, int, str]] = {}


def of_type(shape: Shape, capacity: Capacity) -> GpuVmArgs:
    image = resolve_image("ami-0123456789abcdef0") if shape.gpu == "V100" else default_image(shape)
    offer = next(offer for offer in OFFERS if offer.machine_type == shape.machine_type)
    place: dict[str, Any] = {"region": offer.region, "zone_id": offer.zone, "ends": replace(ENDS, region=offer.region)}
    return replace(VM, machine_type=shape.machine_type, capacity=capacity, image=image, **place)


def refused(token: str, inputs: Mapping[str, Any]) -> list[str]:
    """What the sandbox says against it, without ids: those of things that a test only declares are none of Amazon's."""
    found = check_rules(ResourceType(installed()["aws"], token), inputs, {})
    told = [f"{problem.path}: {problem.reason}" for problem in found]
    return [text for text in told if "Invalid id" not in text]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shape", TYPES)
def test_what_the_facts_sell_is_taken_as_the_components_make_it(deploy: Deploy, shape: Shape, way: str) -> None:
    if not_sold(shape.machine_type, way):
        return
    args = of_type(shape, WAYS[way])
    made = deploy(lambda: GpuVm(NAME, args))
    assert refused(INSTANCE, made.one("ec2/instance:Instance").inputs) == []
    group = GpuGroupArgs(node=args, nodes=2, fabric=shape.fabric, vpc_id=VPC)
    many = deploy(lambda: GpuGroup(GROUP_NAME, group))
    assert refused(TEMPLATE, many.one("ec2/launchTemplate:LaunchTemplate").inputs) == []
    assert refused("aws:autoscaling/group:Group", many.one("autoscaling/group:Group").inputs) == []


@pytest.mark.parametrize("shape", TYPES)
def test_a_capacity_that_the_facts_do_not_sell_is_refused_or_listed(shape: Shape) -> None:
    differ = {
        (shape.machine_type, way) for way in WAYS if not_sold(shape.machine_type, way) and not _refuses(shape, way)
    }
    assert differ == {key for key in STRICTER_ON_SALES if key[0] == shape.machine_type}


@pytest.mark.parametrize("shape", TYPES)
def test_both_know_the_same_network_and_accelerators(shape: Shape) -> None:
    theirs = machine(shape.machine_type)
    assert theirs is not None
    mine = {"cards": shape.cards, "efas": shape.efas, "gpus": shape.gpus}
    told = {"cards": theirs.cards, "efas": theirs.efa, "gpus": theirs.gpus}
    if shape.efas:
        mine["efa_from"], told["efa_from"] = shape.efa_from, theirs.efa_from
    differ = {(shape.machine_type, key): (mine[key], told[key]) for key in mine if mine[key] != told[key]}
    listed = {key: value[:2] for key, value in OTHER_NETWORK.items() if key[0] == shape.machine_type}
    assert differ == listed


P5, G6 = SHAPES["p5.48xlarge"], SHAPES["g6.xlarge"]
PRIMARY = {"deviceIndex": 0, "networkCardIndex": 0, "associatePublicIpAddress": "true"}
EFA = {"deviceIndex": 1, "networkCardIndex": 0, "interfaceType": "efa-only"}
Case = tuple[Asked, dict[str, Any] | str]
# row of the facts' table: what holds it, and what the sandbox refuses of the same, or what settles that it does not
ROWS: Mapping[str, Case] = {
    "nodes-without-a-fabric": (
        Asked(machine=G6, capacity="on-demand", nodes=2),
        "Trainyard's own: a group without a fabric works, and is written fabric: none",
    ),
    "efa-with-a-public-address": (
        Asked(machine=P5, capacity="on-demand", nodes=2, public_address=True),
        {"networkInterfaces": [PRIMARY, EFA]},
    ),
    "two-placement-groups": (
        Asked(machine=P5, capacity="on-demand", nodes=2, placement_groups=2),
        "a template's placement has room for one name: no request can hold two",
    ),
    "a-block-is-placed-already": (
        Asked(machine=P5, capacity="block", nodes=2, placement_groups=1),
        "the facts are stricter: no page says that EC2 refuses it, and another placement may keep machines away",
    ),
    "no-machine-ends-with-a-reservation": (
        Asked(machine=P5, capacity="reserved", bound=True),
        "EC2 has no such word: no request can ask for it",
    ),
    "a-volume-has-one-machine": (
        Asked(machine=P5, capacity="on-demand", nodes=2, volumes=1),
        "tests/sandbox/references refuse a second attachment: a template cannot name a volume that is there",
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_every_row_of_the_facts_is_refused_by_the_sandbox_or_settled(name: str) -> None:
    asked, case = ROWS[name]
    assert name in {row.name for row in conflicts(asked)}
    if isinstance(case, str):
        return
    given = {"name": "one", "imageId": "ami-0123456789abcdef0", "instanceType": asked.machine.machine_type}
    assert refused(TEMPLATE, given) == []
    assert refused(TEMPLATE, {**given, **case}) != []


def test_every_row_of_the_facts_is_here() -> None:
    everything = Asked(
        machine=G6, capacity="block", nodes=2, bound=True, public_address=True, placement_groups=2, volumes=1
    )
    joined = replace(everything, machine=P5)
    assert {row.name for asked in (everything, joined) for row in conflicts(asked)} == set(ROWS)


def test_every_way_that_the_component_builds_is_held_against_the_sandbox() -> None:
    sold = {way for shape in SHAPES.values() for way in shape.capacities}
    assert {buying.name(way) for way in WAYS.values()} == sold


def _refuses(shape: Shape, way: str) -> bool:
    args = of_type(shape, OnDemand())
    object.__setattr__(args, "capacity", WAYS[way])  # the component's own arguments refuse it
    given = {
        "ami": args.ami,
        "instanceType": shape.machine_type,
        "instanceMarketOptions": _wire(market_options(args)),
        "capacityReservationSpecification": _wire(reservation(args)),
    }
    return bool(refused(INSTANCE, {key: value for key, value in given.items() if value}))


def _wire(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {
        "".join([key.split("_")[0], *(w.title() for w in key.split("_")[1:])]): _wire(v) for key, v in value.items()
    }
