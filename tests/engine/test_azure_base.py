"""A base on Azure on the real engine: up, unchanged, refreshed, changed, gone."""

import base64
import json
import sys
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from tests.engine.conftest import STORE, Result, Yard, base_lab, done_to_types
from trainyard.facts.lease_id import lease_id

pytestmark = pytest.mark.engine

NAME, LEASE = "azure-lab-base", "azure-lab-use"
ID = lease_id(STORE, "trainyard", LEASE)
REGION = "westeurope"
SUBSCRIPTION, REHEARSED = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed", "00000000-0000-0000-9b5d-ab8dfbbd4bed"
SHARED = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shared/providers"
BASE: dict[str, Any] = {
    "resource_group": {"region": REGION},
    "features": ["Microsoft.Compute/EncryptionAtHost"],
    "network": {"regions": {REGION: "10.60.0.0/16"}},
    "keys": {REGION: {"rotation_days": 180}},
    "registry": {"region": REGION},
    "data": {
        "corpus": {"kind": "bucket", "region": REGION, "delete_after_days": 90},
        "fast": {"kind": "lustre", "region": REGION, "zone": 1, "tib": 8},
        "work": {"kind": "disk", "region": REGION, "zone": 2, "gib": 512, "iops": 4000},
        "old": {"kind": "disk", "id": f"{SHARED}/Microsoft.Compute/disks/old", "region": REGION, "zone": 1},
        "wide": {
            "kind": "lustre",
            "id": f"{SHARED}/Microsoft.StorageCache/amlFilesystems/wide",
            "region": REGION,
            "address": "10.70.0.4",
        },
    },
}
CHANGES: dict[str, tuple[Callable[[dict[str, Any]], object], dict[str, str]]] = {
    "blobs live longer": (
        lambda base: base["data"]["corpus"].update(delete_after_days=120),
        {"azure-native:storage:ManagementPolicy": "update"},
    ),
    "a disk gets faster": (
        lambda base: base["data"]["work"].update(iops=6000),
        {"azure-native:compute:Disk": "update"},
    ),
    "a disk moves to another zone": (
        lambda base: base["data"]["work"].update(zone=3),
        {"azure-native:compute:Disk": "replace"},
    ),
    "a file system grows": (
        lambda base: base["data"]["fast"].update(tib=16),
        {"azure-native:storagecache:AmlFilesystem": "replace"},
    ),
    "a key rotates earlier": (
        lambda base: base["keys"][REGION].update(rotation_days=90),
        {"azure-native:keyvault:Key": "update"},
    ),
    "a registry of others takes its place": (
        lambda base: base.update(registry={"id": f"{SHARED}/Microsoft.ContainerRegistry/registries/Shared"}),
        {"azure-native:containerregistry:Registry": "delete"},
    ),
    "a key of others takes its place": (
        lambda base: base["keys"].update({REGION: {"id": f"{SHARED}/Microsoft.Compute/diskEncryptionSets/all"}}),
        {"azure-native:compute:DiskEncryptionSet": "delete", "azure-native:compute:Disk": "update"},
    ),
    "a data set moves": (
        lambda base: base["data"]["corpus"].update(region="northeurope"),
        {"azure-native:storage:StorageAccount": "replace"},
    ),
}


WORKLOADS: dict[str, Any] = {
    "bench": {
        "kind": "gpu-vm",
        "accelerator": "T4:1",
        "where": [{"cloud": "azure", "regions": [REGION]}],
        "data": {"fast": "write", "work": "write", "corpus": "read"},
    },
    "pair": {
        "kind": "gpu-vm",
        "accelerator": "H100:8",
        "nodes": 2,
        "where": [{"cloud": "azure", "regions": [REGION]}],
        "capacity": [{"kind": "on-demand", "usd_hour": 100}],
        "data": {"fast": "read", "wide": "read"},
    },
}


def stack(layer: str) -> dict[str, Any]:
    return {
        "schema": 1,
        "environment": "azure-lab",
        "layer": layer,
        "owner": "ml-platform",
        "cost_center": "ml-platform",
    }


def write(yard: Yard, base: dict[str, Any]) -> None:
    settings = {"trainyard:settings": {"stack": stack("base"), "base": {"azure": base}}}
    text = yaml.safe_dump({"config": settings}, sort_keys=False)
    (yard.folder / "stacks" / f"Pulumi.{NAME}.yaml").write_text(text)


def run(yard: Yard, *arguments: str, stack: str = NAME) -> Result:
    result = yard.pulumi(*arguments, "--stack", stack)
    assert result.code == 0, result.text
    return result


def azure_only(environment: dict[str, Any]) -> None:
    del environment["gcp"]
    environment["azure"] = {
        "subscription": SUBSCRIPTION,
        "tenant": "7e1c0d4a-4f5b-4c1e-9d52-0f6f5d3a2b1c",
        "resource_group": "acme-ml-lab",
    }
    environment["limits"] = {**environment["limits"], "regions": ["europe"], "max_cap_usd": 20000}


@pytest.fixture(scope="module")
def lab(yard: Yard) -> Iterator[Yard]:
    """The yard with an environment on Azure only, whose base is up."""
    with base_lab(yard, NAME, "azure-lab", azure_only, lambda: write(yard, BASE)) as up:
        yield up


def test_a_subscription_without_the_provider_registered_is_refused_with_the_way_out(lab: Yard) -> None:
    """What the world says of it, an owner changes by one command; then `up` goes on from there."""
    write(lab, BASE)
    world = lab.folder / "stacks" / "world.yaml"
    there = world.read_text()
    registered = ["Microsoft.Compute", "Microsoft.Network", "Microsoft.Storage", "Microsoft.KeyVault"]
    entry = [{"subscription": REHEARSED, "registered": registered}]
    base = json.loads(json.dumps(BASE))
    base["registry"]["region"] = "northeurope"  # which replaces it
    write(lab, base)
    declare(lab, there + yaml.safe_dump(entry))
    try:
        refused = lab.pulumi("up", "--yes", "--stack", NAME)
        assert refused.code != 0
        assert "MissingSubscriptionRegistration" in refused.text
        command = f"az provider register --namespace Microsoft.ContainerRegistry --wait --subscription {REHEARSED}"
        assert command in refused.text
        assert "the subscription must be registered for Microsoft.Compute, Microsoft.Network" in refused.text
        as_owner(lab, "POST", f"/subscriptions/{REHEARSED}/providers/Microsoft.ContainerRegistry/register")
        run(lab, "up", "--yes", "--skip-preview")
    finally:
        declare(lab, there)
        write(lab, BASE)
    run(lab, "up", "--yes", "--skip-preview")


def declare(yard: Yard, text: str) -> None:
    """Let a world file hold in the running sandbox."""
    file = yard.folder / "world-of-the-test.yaml"
    file.write_text(text)
    result = yard.run(sys.executable, "-m", "trainyard.cli", "sandbox", "world", str(file))
    assert result.code == 0, result.text


def as_owner(yard: Yard, method: str, path: str) -> None:
    """A call of Resource Manager, as `az` makes it."""
    request = urllib.request.Request(
        f"{yard.sandbox.api['azure']}{path}?api-version=2021-04-01",
        method=method,
        data=b"",
        headers={"Authorization": f"Bearer {yard.sandbox.token}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200


def outputs_of(yard: Yard) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(yard, "stack", "output", "--json").text)["azure"]
    return found


def resources(yard: Yard, stack: str) -> list[dict[str, Any]]:
    exported = json.loads(run(yard, "stack", "export", stack=stack).text)
    return [each for each in exported["deployment"]["resources"] if each.get("custom")]


def one(yard: Yard, stack: str, type_: str, words: str = "") -> dict[str, Any]:
    [found] = [each for each in resources(yard, stack) if each["type"] == type_ and words in each["urn"]]
    return {"id": found["id"], **found["outputs"]}


def files_of(custom_data: str) -> dict[str, str]:
    """The files that a node's user data writes, by path."""
    document = yaml.safe_load(base64.b64decode(custom_data))
    return {each["path"]: base64.b64decode(each["content"]).decode() for each in document["write_files"]}


def test_nothing_changes_by_itself(lab: Yard) -> None:
    write(lab, BASE)
    run(lab, "refresh", "--yes", "--expect-no-changes")
    run(lab, "preview", "--expect-no-changes")


def test_compute_stacks_get_ids_only(lab: Yard) -> None:
    outputs = outputs_of(lab)
    assert outputs["data"]["corpus"].endswith("/data")
    assert outputs["data"]["fast"].endswith("@tcp:/lustrefs")
    assert outputs["data"]["old"] == SHARED.replace(SUBSCRIPTION, REHEARSED) + "/Microsoft.Compute/disks/old"
    assert outputs["data"]["wide"] == "10.70.0.4@tcp:/lustrefs"
    assert outputs["data"]["work"].endswith(f"/Microsoft.Compute/disks/{NAME}-work")
    assert outputs["keys"][REGION].endswith(f"/Microsoft.Compute/diskEncryptionSets/{NAME}-{REGION}-disks")
    assert outputs["registry"]["id"].endswith(f"/registries/{outputs['registry']['address'].partition('.')[0]}")
    assert outputs["subnet_ids"][REGION].endswith(f"/virtualNetworks/{NAME}-{REGION}/subnets/nodes")


def test_the_key_encrypts_the_disks_and_the_feature_is_registered(lab: Yard) -> None:
    disk = one(lab, NAME, "azure-native:compute:Disk")
    assert disk["encryption"]["diskEncryptionSetId"] == outputs_of(lab)["keys"][REGION]
    assert disk["zones"] == ["2"]
    feature = one(lab, NAME, "azure-native:features:SubscriptionFeatureRegistration")
    assert feature["id"].endswith("/EncryptionAtHost")


@pytest.mark.parametrize("change", CHANGES)
def test_which_change_updates_and_which_replaces(lab: Yard, change: str) -> None:
    edit, expected = CHANGES[change]
    base = json.loads(json.dumps(BASE))
    edit(base)
    write(lab, base)
    found = done_to_types(run(lab, "preview", "--json").text)
    assert found.items() >= expected.items()


@pytest.fixture(scope="module")
def used(lab: Yard) -> Iterator[Yard]:
    """The base with a lease on it."""
    write(lab, BASE)
    lease = {"ttl": "1h", "extend_to": "2h", "cap_usd": 1000, "at_limit": "stop"}
    settings = {"stack": stack("compute"), "lease": lease, "workloads": WORKLOADS}
    file = lab.folder / "stacks" / f"Pulumi.{LEASE}.yaml"
    file.write_text(yaml.safe_dump({"config": {"trainyard:settings": settings}}, sort_keys=False))
    run(lab, "stack", "init", stack=LEASE)
    run(lab, "up", "--yes", "--skip-preview", stack=LEASE)
    yield lab
    run(lab, "destroy", "--yes", "--skip-preview", stack=LEASE)
    run(lab, "stack", "rm", "--yes", stack=LEASE)
    run(lab, "refresh", "--yes", "--expect-no-changes")  # the data is all there still


def test_a_machine_lies_where_its_disk_does_and_mounts_all_its_data(used: Yard) -> None:
    outputs = outputs_of(used)
    machine = one(used, LEASE, "azure-native:compute:VirtualMachine")
    assert machine["zones"] == ["2"]
    [attached] = machine["storageProfile"]["dataDisks"]
    assert (attached["lun"], attached["managedDisk"]["id"]) == (0, outputs["data"]["work"])
    assert attached["deleteOption"] == "Detach"
    os_disk = machine["storageProfile"]["osDisk"]["managedDisk"]
    assert os_disk["diskEncryptionSet"]["id"] == outputs["keys"][REGION]

    told = files_of(machine["osProfile"]["customData"])
    mounts = {name: told[f"/etc/trainyard/data-mounts/set-{name}"].split() for name in ("fast", "work", "corpus")}
    assert mounts == {
        "fast": ["lustre", "rw", outputs["data"]["fast"]],
        "work": ["disk", "rw", "0"],
        "corpus": ["blob", "ro", outputs["data"]["corpus"]],
    }
    assert told["/etc/trainyard/container-runtime/registries"] == f"{outputs['registry']['address']}\n"
    assert "/usr/local/bin/docker-credential-trainyard-acr" in told


def test_a_group_mounts_the_file_system_and_starts_by_the_key(used: Yard) -> None:
    outputs = outputs_of(used)
    profile = one(used, LEASE, "azure-native:compute:VirtualMachineScaleSet")["virtualMachineProfile"]
    told = files_of(profile["osProfile"]["customData"])
    assert told["/etc/trainyard/data-mounts/set-fast"].split() == ["lustre", "ro", outputs["data"]["fast"]]
    os_disk = profile["storageProfile"]["osDisk"]["managedDisk"]
    assert os_disk["diskEncryptionSet"]["id"] == outputs["keys"][REGION]


def test_nodes_may_pull_images_and_read_containers_and_nothing_else(used: Yard) -> None:
    outputs = outputs_of(used)
    granted = {
        each["urn"].rpartition("::")[2].removeprefix(f"{ID}-"): each["outputs"]["scope"]
        for each in resources(used, LEASE)
        if each["type"].endswith(":RoleAssignment") and "Grants" in each["urn"]
    }
    account, _, container = outputs["data"]["corpus"].partition("/")
    assert set(granted) == {"read-corpus", "pull-images"}
    assert granted["pull-images"] == outputs["registry"]["id"]
    assert granted["read-corpus"].endswith(f"/storageAccounts/{account}/blobServices/default/containers/{container}")


def test_nothing_of_the_lease_changes_by_itself(used: Yard) -> None:
    run(used, "refresh", "--yes", "--expect-no-changes", stack=LEASE)
    run(used, "preview", "--expect-no-changes", stack=LEASE)
