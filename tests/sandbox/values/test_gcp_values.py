"""What Google's own descriptions refuse, read from them here, and that nothing of the SDK's examples is refused."""

import json
import re
from functools import cache
from typing import Any

import pytest
from googleapiclient.discovery_cache import get_static_doc

from tests.sandbox.values.fixtures.sdk_examples import examples_of
from trainyard.sandbox.packages import installed
from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.values import check_values, described
from trainyard.sandbox.values.description import DATA
from trainyard.sandbox.values.extract.google import extract
from trainyard.sandbox.values.extract.writing import text_of
from trainyard.servicer.values import UNKNOWN

PACKAGE = installed()["gcp"]
MODULES = sorted({token.split(":")[1].split("/")[0] for token in described("gcp")})
# Names that the documentation's generator makes up, such as tf-test_1234, which no cloud takes.
MADE_UP = ("name", "projectId", "accountId", "shortName")
PLACEHOLDERS = {("config.softwareConfig.imageVersion", "example-image-version")}
CASES = [
    ("compute/instance:Instance", "scheduling.provisioningModel", "compute.v1 Scheduling"),
    ("compute/instanceTemplate:InstanceTemplate", "scheduling.onHostMaintenance", "compute.v1 Scheduling"),
    ("compute/firewall:Firewall", "direction", "compute.v1 Firewall"),
    ("sql/databaseInstance:DatabaseInstance", "databaseVersion", "sqladmin.v1 DatabaseInstance"),
    ("container/nodePool:NodePool", "nodeConfig.taints[].effect", "container.v1 NodeTaint"),
    ("filestore/instance:Instance", "tier", "file.v1 Instance"),
    ("kms/cryptoKey:CryptoKey", "purpose", "cloudkms.v1 CryptoKey"),
]


@pytest.mark.parametrize("module", MODULES)
def test_nothing_in_the_examples_of_the_sdk_is_refused(module: str) -> None:
    refused = [
        (example.token, problem.path, problem.reason)
        for token in sorted(PACKAGE.types)
        if token.split(":")[1].split("/")[0] == module
        for example in examples_of("gcp", token)
        for problem in check_values(ResourceType(PACKAGE, example.token), example.inputs)
        if problem.path not in MADE_UP
        and not any(problem.path == path and f"'{text}'" in problem.reason for path, text in PLACEHOLDERS)
    ]
    assert refused == []


@pytest.mark.parametrize(("type", "path", "schema"), CASES)
def test_what_the_discovery_document_lists_is_taken_and_what_it_does_not_is_refused(
    type: str, path: str, schema: str
) -> None:
    document, _, name = schema.partition(" ")
    choices = api(*document.split("."))[name]["properties"][path.rpartition(".")[2]]["enum"]
    likely = [one for one in choices if "UNSPECIFIED" not in one]
    assert [one for one in likely if problems(type, path, one)] == []
    (problem,) = problems(type, path, "NOT_A_CHOICE_OF_ANYONE")
    assert problem.path == re.sub(r"\[\]", "[0]", path)
    assert "Allowed: " in problem.reason


def test_a_value_that_the_document_marks_as_unused_is_refused() -> None:
    field = api("compute", "v1")["Scheduling"]["properties"]["instanceTerminationAction"]
    assert (
        "unused"
        in dict(zip(field["enum"], field["enumDescriptions"], strict=True))["INSTANCE_TERMINATION_ACTION_UNSPECIFIED"]
    )
    assert problems(
        "compute/instance:Instance", "scheduling.instanceTerminationAction", "INSTANCE_TERMINATION_ACTION_UNSPECIFIED"
    )


@pytest.mark.parametrize(
    ("type", "path", "right", "wrong"),
    [
        ("storage/bucket:Bucket", "name", "acme-data", "Acme_Data"),
        ("storage/bucket:Bucket", "name", "data.acme.com", "google-data"),
        ("storage/bucket:Bucket", "name", "abc", "ab"),
        ("serviceaccount/account:Account", "accountId", "trainer-1", "train"),
        ("pubsub/topic:Topic", "name", "jobs", "goog-jobs"),
        ("artifactregistry/repository:Repository", "repositoryId", "images", "Images"),
        ("kms/keyRing:KeyRing", "name", "Ring_1", "ring 1"),
        ("kms/cryptoKey:CryptoKey", "rotationPeriod", "86400s", "3600s"),
        ("secretmanager/secret:Secret", "secretId", "wandb-key", "wandb.key"),
        ("container/cluster:Cluster", "name", "c" * 40, "c" * 41),
        ("organizations/project:Project", "projectId", "acme-ml-dev", "acme_ml"),
        ("compute/firewall:Firewall", "sourceRanges[]", "10.0.0.0/8", "10.0.0.0/33"),
        ("compute/firewall:Firewall", "allows[].ports[]", "8000-9000", "70000"),
        ("compute/firewall:Firewall", "allows[].protocol", "tcp", "http"),
        ("compute/subnetwork:Subnetwork", "ipCidrRange", "10.0.0.0/24", "10.0.0.0"),
        ("compute/subnetwork:Subnetwork", "secondaryIpRanges[].ipCidrRange", "10.1.0.0/16", "10.1.0.0/99"),
        ("compute/instance:Instance", "tags[]", "web", "Web"),
        ("compute/instance:Instance", "bootDisk.initializeParams.image", "debian-cloud/debian-12", "debian 12"),
        ("cloudscheduler/job:Job", "schedule", "*/8 * * * *", "61 * * * *"),
        ("cloudscheduler/job:Job", "schedule", "every 5 minutes", "* * * *"),
        ("projects/iAMMember:IAMMember", "member", "user:jo@example.com", "jo@example.com"),
        ("projects/iAMMember:IAMMember", "role", "roles/storage.admin", "storage.admin"),
    ],
)
def test_a_text_of_the_wrong_form_is_refused(type: str, path: str, right: str, wrong: str) -> None:
    assert problems(type, path, right) == []
    assert [problem.path for problem in problems(type, path, wrong)] == [re.sub(r"\[\]", "[0]", path)]


def test_a_number_beyond_the_api_is_refused() -> None:
    assert problems("compute/firewall:Firewall", "priority", 65535) == []
    assert problems("compute/firewall:Firewall", "priority", 65536)
    assert problems("compute/instance:Instance", "guestAccelerators[].count", 2**31)


@pytest.mark.parametrize(
    ("type", "path", "value"),
    [
        ("compute/instance:Instance", "networkInterfaces[].ipv6AccessType", "EXTERNAL"),
        ("compute/instanceTemplate:InstanceTemplate", "networkInterfaces[].name", "nic0"),
        ("container/cluster:Cluster", "privateClusterConfig.privateEndpoint", "10.0.0.2"),
        ("cloudfunctionsv2/function:Function", "serviceConfig.uri", "https://example.com"),
    ],
)
def test_what_the_provider_computes_within_a_block_is_none_of_a_program(type: str, path: str, value: str) -> None:
    (problem,) = problems(type, path, value)
    assert "Value for unconfigurable attribute" in problem.reason
    assert problems(type, path, UNKNOWN) == []


@pytest.mark.parametrize("module", ["compute/instance", "storage/", "pubsub/", "tpu/"])
def test_the_data_is_what_a_fresh_extraction_gives(module: str) -> None:
    tokens = frozenset(token for token in described("gcp") if token.startswith(f"gcp:{module}"))
    kept = json.loads((DATA / "gcp.json").read_text(encoding="utf-8"))
    fresh = json.loads(text_of(extract(tokens)))
    assert fresh["source"] == kept["source"]
    assert fresh["types"] == {token: kept["types"][token] for token in tokens}


@cache
def api(service: str, version: str) -> dict[str, Any]:
    document = json.loads(get_static_doc(service, version))
    schemas: dict[str, Any] = document["schemas"]
    return schemas


def problems(type: str, path: str, value: Any) -> list[Any]:
    given = value
    for step in reversed(path.split(".")):
        name, *lists = step.split("[]")
        for _ in lists:
            given = [given]
        given = {name: given}
    return list(check_values(ResourceType(PACKAGE, f"gcp:{type}"), given))
