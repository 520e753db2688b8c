"""The world file: what is on the clouds and in no stack."""

from pathlib import Path

import pytest

from trainyard.sandbox import listing, world_file
from trainyard.sandbox.folder import SandboxError
from trainyard.sandbox.store import Store

CHECKOUT = Path(__file__).parents[2]
SHARED = """
- type: gcp:compute/network:Network
  project: host
  name: shared
  autoCreateSubnetworks: false
- type: gcp.compute.Subnetwork
  project: host
  region: us-central1
  name: inner
  network: shared
  ip_cidr_range: 10.64.0.0/20
"""
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"


def write(folder: Path, text: str) -> Path:
    file = folder / "world.yaml"
    file.write_text(text)
    return file


def test_declared_things_are_there_and_in_no_listing(tmp_path: Path, store: Store) -> None:
    world_file.load(store, write(tmp_path, SHARED))
    assert store.get(SUBNETWORK, "projects/host/regions/us-central1/subnetworks/inner") is not None
    assert [thing.name for thing in world_file.declared(store)] == ["shared", "inner"]
    assert listing.rows(store) == ()


def test_a_file_takes_the_place_of_the_one_before(tmp_path: Path, store: Store) -> None:
    file = write(tmp_path, SHARED)
    world_file.load(store, file)
    world_file.load(store, file)
    assert len(world_file.declared(store)) == 2
    assert world_file.clear(store) == 2
    assert store.list(deleted=True) == []


def test_ids_of_amazon_stay_when_a_file_is_read_again_and_can_be_given(tmp_path: Path, store: Store) -> None:
    text = """
- type: aws:ec2:Vpc
  region: us-east-1
  cidrBlock: 10.0.0.0/16
  tags: {Name: main}
  id: vpc-0123456789abcdef0
"""
    for _ in range(2):
        (vpc,) = world_file.load(store, write(tmp_path, text))
        assert vpc.id == "vpc-0123456789abcdef0"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a: b", 1, "a list of things is expected"),
        ("- name: n", 1, "an entry is a mapping with `type`"),
        ("- name: n\n  type: gcp:compute:Netwrk", 2, 'did you mean "gcp:compute:Network"?'),
        ("- type: gcp:compute:Subnetwork\n  name: s\n  region: us-centrall1", 3, "Unknown region"),
        ("- type: gcp:compute:Network", 1, "a thing that is there already has a name"),
        ("- type: [", 1, "is no YAML"),
        (SHARED.replace("network: shared", "network: other"), 6, "'projects/host/global/networks/other' was not found"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_nothing_is_loaded(
    tmp_path: Path, store: Store, text: str, line: int, reason: str
) -> None:
    file = write(tmp_path, text)
    with pytest.raises(SandboxError) as raised:
        world_file.load(store, file)
    assert f"{file}:{line}: " in str(raised.value)
    assert reason in str(raised.value)
    assert store.list() == []


def test_the_checkout_s_own_file_holds_every_network_that_a_base_stack_names_by_id(store: Store) -> None:
    made = {thing.id for thing in world_file.load(store, CHECKOUT / "stacks" / "world.yaml")}
    base = (CHECKOUT / "stacks" / "Pulumi.prod-base.yaml").read_text()
    named = {word.rstrip("}") for word in base.split() if word.startswith("projects/")}
    assert named
    assert made >= {f"projects/trainyard-sandbox-copy-of-{id.removeprefix('projects/')}" for id in named}
