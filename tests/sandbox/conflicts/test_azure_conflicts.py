"""Azure's table: each entry with what it refuses, at its path, beside what it takes."""

import copy
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from trainyard.sandbox.check import Problem, check_inputs
from trainyard.sandbox.conflicts import check_conflicts, table
from trainyard.sandbox.packages import installed
from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.values import check_values
from trainyard.servicer.values import UNKNOWN

FIXTURES = Path(__file__).parent / "fixtures"
RIGHT: Mapping[str, Mapping[str, Any]] = yaml.safe_load((FIXTURES / "azure_right.yaml").read_text())
WRONG: list[tuple[str, str, Mapping[str, Any], str]] = yaml.safe_load((FIXTURES / "azure_wrong.yaml").read_text())
each_wrong = pytest.mark.parametrize(
    ("name", "kind", "changes", "path"), WRONG, ids=[f"{one[0]}:{one[3]}"[:90] for one in WRONG]
)
VM, NIC = "compute:VirtualMachine", "network:NetworkInterface"


def problems(kind: str, inputs: Mapping[str, Any]) -> list[Problem]:
    type = ResourceType(installed()["azure-native"], f"azure-native:{kind}")
    given = {"resourceGroupName": "lab", "location": "West Europe", **inputs}
    given = {name: value for name, value in given.items() if name in type.inputs}
    return [*check_inputs(type, given), *check_values(type, given), *check_conflicts(type, given, {})]


def changed(kind: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The right one with the values at paths put in; None takes one away."""
    inputs = copy.deepcopy(dict(RIGHT[kind]))
    for path, value in changes.items():
        *above, last = re.findall(r"\w+", path)
        at: Any = inputs
        for step in above:
            at = at[int(step)] if step.isdigit() else at.setdefault(step, {})
        if value is None:
            at.pop(last, None)
        else:
            at[last] = value
    return inputs


def test_every_entry_of_the_table_is_tested_here() -> None:
    assert {name for name, *_ in WRONG} == {entry.name for entry in table("azure-native")}


def test_every_entry_names_its_source_and_types_of_the_sdk() -> None:
    known = set(installed()["azure-native"].types)
    for entry in table("azure-native"):
        assert entry.source, entry.name
        assert entry.types, entry.name
        assert entry.types <= known, entry.name


@pytest.mark.parametrize("kind", RIGHT)
def test_what_azure_takes_is_taken(kind: str) -> None:
    assert problems(kind, RIGHT[kind]) == []


@each_wrong
def test_what_azure_refuses_is_refused_at_its_path(name: str, kind: str, changes: Mapping[str, Any], path: str) -> None:
    type = ResourceType(installed()["azure-native"], f"azure-native:{kind}")
    entry = next(entry for entry in table("azure-native") if entry.name == name)
    assert type.token in entry.types
    found = {problem.path: problem.reason for problem in problems(kind, changed(kind, changes))}
    assert path in found, found
    assert len(found[path]) > 20


@each_wrong
def test_what_is_not_known_yet_is_right(name: str, kind: str, changes: Mapping[str, Any], path: str) -> None:
    late = changed(kind, dict.fromkeys(changes, UNKNOWN))
    top = path.partition(".")[0].partition("[")[0]
    assert problems(kind, {**late, top: UNKNOWN}) == []


@pytest.mark.parametrize("licence", ["RHEL_BYOS", "RHEL_ELS_6", "SLES", "SLES_BYOS", "UBUNTU", "UBUNTU_PRO", "None"])
def test_a_licence_of_linux_goes_with_linux(licence: str) -> None:
    assert problems(VM, {**RIGHT[VM], "licenseType": licence}) == []


def test_at_most_50_tags_are_taken() -> None:
    tags = {f"tag-{number}": "x" for number in range(51)}
    assert [problem.path for problem in problems(VM, {**RIGHT[VM], "tags": tags})] == ["tags"]
    del tags["tag-0"]
    assert problems(VM, {**RIGHT[VM], "tags": tags}) == []


def test_the_portal_s_own_tags_hold_ids() -> None:
    assert problems(VM, {**RIGHT[VM], "tags": {"hidden-link:/subscriptions/x": "Resource"}}) == []


@pytest.mark.parametrize("name", ["westeurope", "West Europe", "WESTEUROPE", "swedencentral", "Global"])
def test_a_location_is_read_in_any_spelling(name: str) -> None:
    assert problems(VM, {**RIGHT[VM], "location": name}) == []


@pytest.mark.parametrize(
    "size", ["Standard_ND96isr_H100_v5", "Standard_DS2_v2", "Standard_NC24ads_A100_v4", "Standard_B2ms"]
)
def test_premium_disks_go_on_sizes_with_an_s(size: str) -> None:
    assert problems(VM, changed(VM, {"hardwareProfile.vmSize": size})) == []


@pytest.mark.parametrize("caching", ["ReadOnly", "readonly", "READONLY"])
def test_a_closed_enum_of_the_sdk_is_read_in_any_case_too(caching: str) -> None:
    assert problems(VM, changed(VM, {"storageProfile.osDisk.caching": caching})) == []
    path = "storageProfile.osDisk.caching"
    assert [problem.path for problem in problems(VM, changed(VM, {path: "ReadsOnly"}))][:1] == [path]


def test_a_spot_machine_says_how_it_ends_and_what_it_costs() -> None:
    spot = {"priority": "Spot", "evictionPolicy": "Delete", "billingProfile": {"maxPrice": -1}}
    assert problems(VM, changed(VM, spot)) == []


def test_an_interface_may_have_an_address_of_each_version_without_a_primary_one() -> None:
    both = {"ipConfigurations[0].primary": None, "ipConfigurations[1].privateIPAddressVersion": "IPv6"}
    assert problems(NIC, changed(NIC, both)) == []


def test_an_rsa_key_has_at_least_2048_bits() -> None:
    def key(bits: int) -> str:
        public = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
        return public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()

    kind = "compute:SshPublicKey"
    assert problems(kind, changed(kind, {"publicKey": key(2048)})) == []
    assert [problem.path for problem in problems(kind, changed(kind, {"publicKey": key(1024)}))] == ["publicKey"]
