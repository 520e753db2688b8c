"""What Azure's descriptions allow, against Microsoft's own client models, which are read here."""

import importlib
import json
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from typing import Any

import pytest

from trainyard.sandbox.check import nearest
from trainyard.sandbox.packages import installed
from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.values import Description, check_values, described, description_of
from trainyard.sandbox.values.check import refusal
from trainyard.sandbox.values.description import DATA
from trainyard.servicer.values import UNKNOWN, Secret

CLIENTS = ("compute", "network", "storage", "consumption", "automation", "devtestlab")
TOKENS = sorted(described("azure-native"))
# Enums of the models that are no limit: sizes, versions, policies by date, and bypasses that are combined.
NOT_LIMITS = {"VirtualMachineSizeTypes", "NetworkApiVersion", "ApplicationGatewaySslPolicyName", "Bypass"}
# just outside a bound
STEPS = {"min": -1, "max": 1}


def description(token: str) -> Description:
    found = description_of("azure-native", token)
    assert found is not None
    return found


def found_at(token: str, path: str, value: Any) -> list[str]:
    """Paths of problems when only one property is given."""
    inputs = nested(path.replace("[]", ".[]").replace("{}", ".{}").split("."), value)
    return [problem.path for problem in check_values(ResourceType(installed()["azure-native"], token), inputs)]


def nested(steps: list[str], value: Any) -> Any:
    if not steps:
        return value
    inner = nested(steps[1:], value)
    return [inner] if steps[0] == "[]" else {"key" if steps[0] == "{}" else steps[0]: inner}


def told(path: str) -> str:
    return path.replace("[]", "[0]").replace("{}", ".key")


@cache
def models(token: str) -> Any:
    name = token.split(":")[1].replace("devtestlab", "devtestlabs")
    return importlib.import_module(f"azure.mgmt.{name}.models")


def enum_of(token: str, api: str) -> type[Enum] | None:
    """The enum that a model of Microsoft's client has where an entry says to lie: "OSDisk.caching"."""
    name, _, wire = api.partition(".")
    if wire == "provisioningState":  # told by the service, whatever is given
        return None
    python = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", wire).lower()
    hint = str(getattr(getattr(models(token), name, None), "__annotations__", {}).get(python, ""))
    named = re.search(r"_models\.(\w+)", hint)
    enum = getattr(models(token), named.group(1), None) if named and "str" in hint else None
    return enum if isinstance(enum, type) and issubclass(enum, Enum) and enum.__name__ not in NOT_LIMITS else None


def with_enums(token: str) -> Iterator[tuple[str, type[Enum]]]:
    for path, said in description(token).properties.items():
        enum = enum_of(token, said.api) if re.fullmatch(r"\w+\.\w+", said.api) else None
        if enum is not None:
            yield (f"{path}[]" if f"{path}[]" in description(token).properties else path), enum


@pytest.mark.parametrize("token", [token for token in TOKENS if token.split(":")[1] in CLIENTS])
def test_a_model_s_enum_is_the_limit_in_any_case(token: str) -> None:
    for path, enum in with_enums(token):
        for member in enum:
            assert found_at(token, path, member.value) == [], (path, member.value)
            assert found_at(token, path, member.value.swapcase()) == [], (path, member.value)
            assert found_at(token, path, f"{member.value}-not") == [told(path)], (path, member.value)


def test_the_models_enums_are_found_by_the_hundred() -> None:
    found = [path for token in TOKENS if token.split(":")[1] in CLIENTS for path, _ in with_enums(token)]
    assert len(found) > 250


@pytest.mark.parametrize("token", TOKENS)
def test_the_nearest_right_value_is_told_for_a_wrong_one(token: str) -> None:
    type = ResourceType(installed()["azure-native"], token)
    for path, said in description(token).properties.items():
        if said.enum and isinstance(said.enum[0], str) and len(said.enum[0]) > 5:
            wrong = said.enum[0][:-1] + "q"
            near = nearest(wrong, [str(one) for one in said.enum])
            steps = path.replace("[]", ".[]").replace("{}", ".{}").split(".")
            reasons = [problem.reason for problem in check_values(type, nested(steps, wrong))]
            assert len(reasons) == 1, path
            assert f'did you mean "{near}"?' in reasons[0]
            assert found_at(token, path, near) == [], path


@pytest.mark.parametrize("token", TOKENS)
def test_numbers_are_refused_just_outside_their_bounds(token: str) -> None:
    for path, said in description(token).properties.items():
        for name, step in STEPS.items():
            bound = getattr(said, name)
            if bound is not None and not said.enum:
                assert found_at(token, path, int(bound)) == [], path
                assert found_at(token, path, int(bound) + step) == [told(path)], path


@pytest.mark.parametrize("token", TOKENS)
def test_what_is_not_known_yet_is_right_at_every_path(token: str) -> None:
    for path in description(token).properties:
        assert found_at(token, path, UNKNOWN) == [], path


@pytest.mark.parametrize("token", TOKENS)
def test_every_path_is_one_of_the_sdk_s(token: str) -> None:
    inputs = ResourceType(installed()["azure-native"], token).inputs
    for path, said in description(token).properties.items():
        assert re.split(r"[.\[{]", path)[0] in inputs, path
        assert said.api, path


RIGHT_NAMES: Mapping[str, tuple[str, ...]] = {
    "storage:StorageAccount accountName": ("abc", "trainer0data"),
    "storage:BlobContainer containerName": ("$web", "run-1"),
    "keyvault:Vault vaultName": ("lab-vault-1",),
    "containerregistry:Registry registryName": ("Trainer5",),
    "compute:VirtualMachine vmName": ("vm_1.a", "a"),
    "network:VirtualNetwork virtualNetworkName": ("net_1", "n"),
    "network:Subnet virtualNetworkName": ("net",),
    "resources:ResourceGroup resourceGroupName": ("rg", "lab.a_b-(1)", "gruppe-ü"),
    "machinelearningservices:Workspace workspaceName": ("work_1",),
    "managedidentity:UserAssignedIdentity resourceName": ("id-1",),
    "consumption:Budget budgetName": ("lab_1",),
    "automation:AutomationAccount automationAccountName": ("account",),
}
WRONG_NAMES: Mapping[str, tuple[str, ...]] = {
    "storage:StorageAccount accountName": ("ab", "Trainer", "a-b-c", "a" * 25),
    "storage:BlobContainer containerName": ("Run", "a--b", "ab", "-ab"),
    "keyvault:Vault vaultName": ("1vault", "a--b", "v" * 25, "vault-"),
    "containerregistry:Registry registryName": ("abcd", "a-bcde"),
    "compute:VirtualMachine vmName": ("vm-", "a b", "v" * 81),
    "network:VirtualNetwork virtualNetworkName": ("net-", "a/b", "n" * 81),
    "network:Subnet virtualNetworkName": ("net-",),
    "resources:ResourceGroup resourceGroupName": ("lab.", "a/b", "g" * 91),
    "machinelearningservices:Workspace workspaceName": ("w", "-work", "w" * 34),
    "managedidentity:UserAssignedIdentity resourceName": ("id", "id.1"),
    "consumption:Budget budgetName": ("lab 1", "b" * 64),
    "automation:AutomationAccount automationAccountName": ("short", "account-"),
}


@pytest.mark.parametrize("where", RIGHT_NAMES)
def test_right_names_are_taken_and_wrong_ones_refused(where: str) -> None:
    kind, path = where.split(" ")
    token = f"azure-native:{kind}"
    for name in RIGHT_NAMES[where]:
        assert found_at(token, path, name) == [], name
    for name in WRONG_NAMES[where]:
        assert found_at(token, path, name) == [path], name


def test_identities_are_read_with_or_without_a_space() -> None:
    token, path = "azure-native:compute:VirtualMachine", "identity.type"
    assert found_at(token, path, "SystemAssigned, UserAssigned") == []
    assert found_at(token, path, "SystemAssigned,UserAssigned") == []
    assert found_at(token, path, "Assigned") == [path]


def test_a_hidden_value_is_checked_and_not_shown() -> None:
    type = ResourceType(installed()["azure-native"], "azure-native:compute:VirtualMachine")
    problem = next(iter(check_values(type, {"priority": Secret("Spto")})))
    assert "Spto" not in problem.reason


def test_vocabularies_that_grow_are_no_limit() -> None:
    assert found_at("azure-native:compute:VirtualMachine", "hardwareProfile.vmSize", "Standard_ND999_v9") == []
    assert found_at("azure-native:applicationinsights:Component", "flowType", "Redfield") == []
    assert found_at("azure-native:applicationinsights:Component", "requestSource", "IbizaAIExtension") == []


@pytest.mark.parametrize(
    ("token", "path", "right", "wrong"),
    [
        ("storage:StorageAccount", "kind", "storagev2", "StorageV3"),
        ("applicationinsights:Component", "applicationType", "Node.JS", "python"),
        ("compute:VirtualMachine", "networkProfile.networkApiVersion", "2023-05-01", "latest"),
        ("containerservice:AgentPool", "osSKU", "Mariner", "Debian"),
        ("cosmosdb:DatabaseAccount", "apiProperties.serverVersion", "7.0", "7.5"),
    ],
)
def test_a_vocabulary_that_the_service_itself_holds_is_a_limit(token: str, path: str, right: str, wrong: str) -> None:
    assert found_at(f"azure-native:{token}", path, right) == []
    assert found_at(f"azure-native:{token}", path, wrong) == [path]


def test_an_enum_is_open_only_in_the_module_that_is_named_for_it() -> None:
    mapping = json.loads((DATA.parent / "mapping" / "azure-native.json").read_text(encoding="utf-8"))
    modules = {token.split(":")[1] for token in mapping["types"]}
    assert {name.partition(".")[0] for name in mapping["open"]["enums"]} <= modules
    assert all(mapping["open"]["enums"].values())


def test_a_duration_is_one_of_iso_8601() -> None:
    said = description("azure-native:machinelearningservices:Job").properties["properties.limits.timeout"]
    assert refusal(said, "PT12H") is None
    assert refusal(said, "12 hours") is not None
