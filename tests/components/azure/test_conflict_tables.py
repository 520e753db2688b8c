"""Two tables that know nothing of each other: what Trainyard's own facts of Azure allow, and what the sandbox refuses.

Whatever the facts accept must be taken as the components make it. Where the two differ, the difference stands below
with what settles it.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from components.azure.gpu_group import GpuGroup
from components.azure.gpu_group_args import GpuGroupArgs
from components.azure.gpu_vm import GpuVm
from components.azure.gpu_vm_args import GpuVmArgs
from tests.components.azure.conftest import GROUP_ID
from tests.components.azure.test_gpu_group import NAME as GROUP_NAME
from tests.components.azure.test_gpu_vm import NAME, of_size
from tests.components.conftest import Registrations
from trainyard.facts import capacity as buying
from trainyard.facts.azure.conflicts import Asked, conflicts
from trainyard.facts.azure.machine_types import SIZES, Size
from trainyard.facts.capacity import Capacity, OnDemand, Reserved, Spot
from trainyard.facts.offer import load_machine_offers
from trainyard.sandbox.packages import installed
from trainyard.sandbox.provider.rules import check_rules
from trainyard.sandbox.schema import ResourceType

Deploy = Callable[[Callable[[], Any]], Registrations]
RESERVATION = f"{GROUP_ID}/providers/Microsoft.Compute/capacityReservationGroups/mine"
WAYS: Mapping[str, Capacity] = {"on-demand": OnDemand(), "spot": Spot(), "reserved": Reserved(id=RESERVATION)}
OFFERS = load_machine_offers("azure")
TYPES = [pytest.param(size, id=size.machine_type) for size in SIZES.values()]
JOINED = [pytest.param(size, id=size.machine_type) for size in SIZES.values() if size.infiniband]
MACHINE, SET = "azure-native:compute:VirtualMachine", "azure-native:compute:VirtualMachineScaleSet"


def sized(size: Size, capacity: Capacity) -> GpuVmArgs:
    """A machine where the size is offered."""
    offer = next(offer for offer in OFFERS if offer.machine_type == size.machine_type)
    return of_size(size.machine_type, capacity=capacity, location=offer.region)


def refused(token: str, inputs: Mapping[str, Any]) -> list[str]:
    found = check_rules(ResourceType(installed()["azure-native"], token), inputs, {})
    return [f"{problem.path}: {problem.reason}" for problem in found]


def group(deploy: Deploy, size: Size, capacity: Capacity, nodes: int = 2) -> dict[str, Any]:
    """The scale set as the component makes it, by its names on the wire."""
    args = GpuGroupArgs(node=sized(size, capacity), nodes=nodes)
    return deepcopy(dict(deploy(lambda: GpuGroup(GROUP_NAME, args)).one("VirtualMachineScaleSet").inputs))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("size", TYPES)
def test_what_the_facts_sell_is_taken_as_the_component_makes_it(deploy: Deploy, size: Size, way: str) -> None:
    if way not in size.capacities:
        return
    args = sized(size, WAYS[way])
    assert refused(MACHINE, deploy(lambda: GpuVm(NAME, args)).one("compute:VirtualMachine").inputs) == []


@pytest.mark.parametrize("way", ["on-demand", "spot"])
@pytest.mark.parametrize("size", JOINED)
def test_a_group_of_every_size_with_infiniband_is_taken_as_the_component_makes_it(
    deploy: Deploy, size: Size, way: str
) -> None:
    if way in size.capacities:
        assert refused(SET, group(deploy, size, WAYS[way], nodes=100)) == []


def test_every_way_that_the_component_builds_is_held_against_the_sandbox() -> None:
    sold = {way for size in SIZES.values() for way in size.capacities}
    assert {buying.name(way) for way in WAYS.values()} == sold


ND, T4 = SIZES["Standard_ND96isr_H100_v5"], SIZES["Standard_NC4as_T4_v3"]
RESERVED = {"virtualMachineProfile": {"capacityReservation": {"capacityReservationGroup": {"id": RESERVATION}}}}
Case = tuple[Asked, dict[str, Any] | str]
# row of the facts' table: what holds it, and what the sandbox refuses of the same, or what settles that it does not
ROWS: Mapping[str, Case] = {
    "nodes-that-want-no-fabric": (
        Asked(machine=ND, capacity="on-demand", nodes=2, wanted_fabric="none"),
        "Trainyard's own: it builds no group without InfiniBand, though Azure has scale sets of every size",
    ),
    "nodes-without-infiniband": (Asked(machine=T4, capacity="on-demand", nodes=2), "the same"),
    "one-placement-group-holds-100": (
        Asked(machine=ND, capacity="on-demand", nodes=101),
        {"sku": {"name": ND.machine_type, "tier": "Standard", "capacity": 101}},
    ),
    "a-single-placement-group-uses-no-reservation": (Asked(machine=ND, capacity="reserved", nodes=2), RESERVED),
    "no-machine-is-bound-to-its-reservation": (
        Asked(machine=ND, capacity="reserved", bound=True),
        "Azure has no such word: no request can ask for it",
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_every_row_of_the_facts_is_refused_by_the_sandbox_or_settled(deploy: Deploy, name: str) -> None:
    asked, case = ROWS[name]
    assert name in {row.name for row in conflicts(asked)}
    if isinstance(case, str):
        return
    given = group(deploy, ND, OnDemand())
    assert refused(SET, given) == []
    for key, value in case.items():
        given[key] = {**given[key], **value}
    assert refused(SET, given) != []


def test_every_row_of_the_facts_is_here() -> None:
    everything = Asked(machine=T4, capacity="reserved", nodes=101, wanted_fabric="none", bound=True)
    joined = replace(everything, machine=ND)
    assert {row.name for asked in (everything, joined) for row in conflicts(asked)} == set(ROWS)
