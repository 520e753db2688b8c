"""What bills under a lease's label and is in no state."""

from typing import Any

import pytest

from trainyard.cli.outside_state import is_of, names_in
from trainyard.facts.billable import Billable
from trainyard.facts.price import Unknown

LEASE = "dev-lab-1a2b3c4d"
STATE: list[dict[str, Any]] = [
    {"urn": "lease", "id": LEASE, "outputs": {"name": LEASE}},
    {"urn": "vm", "id": f"projects/p/zones/z/instances/{LEASE}-bench-0", "outputs": {"name": f"{LEASE}-bench-0"}},
    {"urn": "group", "id": "arn", "outputs": {"name": "dev-lab-pair"}},
]


def thing(name: str, **labels: str) -> Billable:
    return Billable(
        cloud="gcp",
        scope="gcp:p",
        kind="machine",
        name=name,
        place="z",
        status="RUNNING",
        labels=labels,
        price=Unknown("not asked"),
        billing=True,
    )


@pytest.mark.parametrize(
    "name", [f"{LEASE}-bench-0", f"{LEASE}-bench-0_OsDisk_1", "dev-lab-pair-003", f"projects/p/x/{LEASE}-bench-0"]
)
def test_what_the_state_holds_and_its_parts_are_known(name: str) -> None:
    assert is_of(thing(name), names_in(STATE, LEASE))


@pytest.mark.parametrize("name", ["stray-1", f"{LEASE}-bench-1", f"{LEASE}-bench-01", LEASE])
def test_another_machine_is_outside_though_it_bears_the_leases_name(name: str) -> None:
    assert not is_of(thing(name), names_in(STATE, LEASE))


def test_a_machine_of_an_auto_scaling_group_is_known_by_amazons_own_tag() -> None:
    assert is_of(thing("i-0abc", **{"aws:autoscaling:groupName": "dev-lab-pair"}), names_in(STATE, LEASE))
