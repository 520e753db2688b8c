"""Azure: a subscription that a world file tells of takes nothing of a service that it is not registered for."""

from pathlib import Path

import grpc
import pytest

from tests.sandbox.provider.conftest import Cloud, Clouds
from trainyard.sandbox import registered, world_file
from trainyard.sandbox.folder import SandboxError

SUBSCRIPTION = "00000000-0000-0000-9b5d-ab8dfbbd4bed"
GROUP = "azure-native:resources:ResourceGroup"
REGISTRY = "azure-native:containerregistry:Registry"
FEATURE = "azure-native:features:SubscriptionFeatureRegistration"
MACHINE = "azure-native:compute:VirtualMachine"
IMAGES = {"resourceGroupName": "g", "registryName": "acmeimages", "location": "eastus", "sku": {"name": "Premium"}}
ENCRYPTED = {
    "resourceGroupName": "g",
    "vmName": "lab",
    "location": "eastus",
    "hardwareProfile": {"vmSize": "Standard_D4s_v5"},
    "securityProfile": {"encryptionAtHost": True},
}


def declare(clouds: Clouds, folder: Path, text: str) -> None:
    file = folder / "world.yaml"
    file.write_text(text)
    world_file.load(clouds.store, file)


@pytest.fixture
def azure(clouds: Clouds, tmp_path: Path) -> Cloud:
    """A subscription that is registered for machines and nothing else."""
    declare(clouds, tmp_path, f"- {{subscription: {SUBSCRIPTION}, registered: [microsoft.compute]}}")
    connection = clouds.connect("azure-native", subscriptionId=SUBSCRIPTION)
    connection.create(GROUP, {"resourceGroupName": "g", "location": "eastus"})  # registered by default
    return connection


def refusal(azure: Cloud, token: str, inputs: dict[str, object]) -> str:
    with pytest.raises(grpc.RpcError) as raised:
        azure.create(token, inputs)
    return str(raised.value.details())


def test_a_service_that_it_is_not_registered_for_is_refused_with_the_command(azure: Cloud) -> None:
    text = refusal(azure, REGISTRY, IMAGES)
    assert 'Code="MissingSubscriptionRegistration"' in text
    assert "The subscription is not registered to use namespace 'Microsoft.ContainerRegistry'." in text
    assert f"az provider register --namespace Microsoft.ContainerRegistry --wait --subscription {SUBSCRIPTION}" in text


def test_once_registered_it_is_taken(clouds: Clouds, azure: Cloud) -> None:
    registered.register(clouds.store, SUBSCRIPTION, "Microsoft.ContainerRegistry")
    assert azure.create(REGISTRY, IMAGES)[0].endswith("/registries/acmeimages")


def test_a_preview_asks_nothing_of_the_subscription(azure: Cloud) -> None:
    azure.create(REGISTRY, IMAGES, preview=True)


def test_a_subscription_that_no_file_tells_of_is_registered_as_it_goes(clouds: Clouds, azure: Cloud) -> None:
    other = clouds.connect("azure-native", subscriptionId=SUBSCRIPTION.replace("4bed", "4bee"))
    other.create(GROUP, {"resourceGroupName": "g", "location": "eastus"})
    other.create(REGISTRY, IMAGES)


def test_a_file_that_tells_nothing_more_takes_it_back(clouds: Clouds, azure: Cloud, tmp_path: Path) -> None:
    declare(clouds, tmp_path, "# nothing\n")
    azure.create(REGISTRY, IMAGES)


def test_encryption_at_host_needs_its_feature(azure: Cloud) -> None:
    text = refusal(azure, MACHINE, ENCRYPTED)
    assert "the 'Microsoft.Compute/EncryptionAtHost' feature is not enabled for this subscription" in text
    azure.create(FEATURE, {"providerNamespace": "Microsoft.Compute", "featureName": "EncryptionAtHost"})
    assert azure.create(MACHINE, ENCRYPTED)[0].endswith("/virtualMachines/lab")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{subscription: mine, registered: []}", "'mine' is no subscription's id in lower case"),
        (f"{{subscription: {SUBSCRIPTION}, registered: Microsoft.Compute}}", "a list of namespaces and features"),
        (f"{{subscription: {SUBSCRIPTION}, registered: [compute]}}", "a list of namespaces and features"),
        (f"{{subscription: {SUBSCRIPTION}, registered: [], type: x}}", "has subscription and registered, and nothing"),
    ],
)
def test_a_mistake_is_told_with_its_line(clouds: Clouds, tmp_path: Path, entry: str, said: str) -> None:
    with pytest.raises(SandboxError, match=f"world.yaml:2: .*{said}"):
        declare(clouds, tmp_path, f"# a comment\n- {entry}\n")
