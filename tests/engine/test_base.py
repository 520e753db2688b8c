"""A base with one of everything on the real engine: up, unchanged, refreshed, changed, gone."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from tests.engine.conftest import Result, Yard, base_lab

pytestmark = pytest.mark.engine

NAME = "lab-base"
PROJECT = "trainyard-sandbox-copy-of-acme-ml-lab"
NETWORK = {"regions": {"europe-west4": "10.80.0.0/20"}, "private_services": "10.81.0.0/16"}
EVERYTHING: dict[str, Any] = {
    "services": ["compute.googleapis.com", "aiplatform.googleapis.com"],
    "network": NETWORK,
    "keys": {"europe-west4": {"rotation_days": 90}},
    "data": {
        "corpus": {"kind": "bucket", "location": "europe-west4"},
        "checkpoints": {"kind": "bucket", "location": "europe-west4", "hierarchical": True},
        "weights": {"kind": "disk", "zone": "europe-west4-a", "gib": 500, "type": "hyperdisk-ml"},
        "home": {"kind": "filestore", "location": "europe-west4-b", "gib": 2048},
        "fast": {"kind": "lustre", "zone": "europe-west4-a", "gib": 18000},
    },
    "registry": {"location": "europe-west4"},
    "tensorboard": {"region": "europe-west4"},
}
# What a change of the base does, by the engine's own words: data is replaced only where the cloud cannot do otherwise.
CHANGES: dict[str, tuple[Callable[[dict[str, Any]], object], dict[str, str]]] = {
    "more versions are kept": (
        lambda base: base["data"]["corpus"].update(keep_versions=5),
        {"gcp:storage/bucket:Bucket": "update"},
    ),
    "a file system grows": (
        lambda base: base["data"]["home"].update(gib=4096),
        {"gcp:filestore/instance:Instance": "update"},
    ),
    "a disk grows": (lambda base: base["data"]["weights"].update(gib=800), {"gcp:compute/disk:Disk": "update"}),
    "a Lustre grows": (
        lambda base: base["data"]["fast"].update(gib=27000),
        {"gcp:lustre/instance:Instance": "update"},
    ),
    "a key rotates more often": (
        lambda base: base["keys"]["europe-west4"].update(rotation_days=30),
        {"gcp:kms/cryptoKey:CryptoKey": "update"},
    ),
    "a bucket moves": (
        lambda base: base["data"]["corpus"].update(location="eu"),
        {"gcp:storage/bucket:Bucket": "replace"},
    ),
    "a file system moves": (
        lambda base: base["data"]["home"].update(location="europe-west4-a"),
        {"gcp:filestore/instance:Instance": "replace"},
    ),
}


def write(yard: Yard, base: dict[str, Any]) -> None:
    stack = {"schema": 1, "environment": "lab", "layer": "base", "owner": "ml-platform", "cost_center": "ml-platform"}
    settings = {"trainyard:settings": {"stack": stack, "base": {"gcp": base}}}
    text = yaml.safe_dump({"config": settings}, sort_keys=False)
    (yard.folder / "stacks" / f"Pulumi.{NAME}.yaml").write_text(text)


def run(yard: Yard, *arguments: str) -> Result:
    result = yard.pulumi(*arguments, "--stack", NAME)
    assert result.code == 0, result.text
    return result


@pytest.fixture(scope="module")
def lab(yard: Yard) -> Iterator[Yard]:
    """The yard with an environment of its own, whose base is up."""
    changes = {"gcp": {"project": "acme-ml-lab"}}
    with base_lab(yard, NAME, "lab", lambda told: told.update(changes), lambda: write(yard, EVERYTHING)) as up:
        yield up


def test_nothing_changes_by_itself(lab: Yard) -> None:
    write(lab, EVERYTHING)
    run(lab, "refresh", "--yes", "--expect-no-changes")
    run(lab, "preview", "--expect-no-changes")


def test_compute_stacks_get_ids_only(lab: Yard) -> None:
    outputs = json.loads(run(lab, "stack", "output", "--json").text)["gcp"]
    assert set(outputs) == {
        *("network_id", "subnetwork_ids", "keys", "data", "registry_id", "registry_address", "tensorboard_id"),
        "tensorboard_writer_id",
    }
    assert outputs["data"]["corpus"] == f"{PROJECT}-corpus"
    assert outputs["data"]["home"].endswith(":/share")
    assert outputs["data"]["weights"] == f"projects/{PROJECT}/zones/europe-west4-a/disks/{NAME}-weights"
    assert f"projects/{PROJECT}/locations/europe-west4/keyRings/" in outputs["keys"]["europe-west4"]


@pytest.mark.parametrize("change", CHANGES)
def test_which_change_updates_and_which_replaces(lab: Yard, change: str) -> None:
    edit, expected = CHANGES[change]
    base = json.loads(json.dumps(EVERYTHING))
    edit(base)
    write(lab, base)
    steps = json.loads(run(lab, "preview", "--json").text)["steps"]
    found = {
        step["newState"]["type"]: step["op"]
        for step in steps
        if step["op"] in ("update", "replace", "create", "delete") and step["newState"]["custom"]
    }
    assert found == expected
