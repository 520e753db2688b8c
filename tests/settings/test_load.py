"""Loading right files, files that are not there, and what the facts say no, by key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pydantic
import pytest

from trainyard.facts.capacity import FlexStart, OnDemand, Reserved, Spot
from trainyard.settings import ExistingNetwork, MadeNetwork, SettingsError, load

Complaints = Callable[..., list[str]]


def test_a_compute_stack_comes_with_its_environment_and_its_base(folder: Path) -> None:
    settings = load(folder, "dev")
    assert settings.file == "stacks/Pulumi.dev.yaml"
    assert settings.stack.layer == "compute"
    assert settings.environment.gcp is not None
    assert settings.environment.gcp.price_factor == Decimal("0.9")
    assert settings.environment.limits.max_ttl == timedelta(days=14)
    assert settings.base is None
    assert settings.base_settings is not None
    assert settings.base_settings.gcp is not None
    assert settings.base_settings.gcp.regions == ("europe-west4", "us-central1")


def test_a_lease_has_its_times_its_cap_and_the_design_s_defaults(folder: Path) -> None:
    lease = load(folder, "dev").lease
    assert lease is not None
    assert (lease.ttl, lease.extend_to) == (timedelta(hours=12), timedelta(hours=24))
    assert (lease.cap_usd, lease.at_limit, lease.grace) == (Decimal(100), "stop", timedelta(hours=24))


def test_a_workload_has_its_accelerator_parsed_and_on_demand_alone_by_default(
    folder: Path, complaints: Complaints
) -> None:
    assert not complaints({"        capacity: [spot, on-demand]\n": ""})
    machine = load(folder, "dev").workloads["bench"]
    assert (machine.accelerator.name, machine.accelerator.count) == ("A100", 1)
    assert machine.capacity == (OnDemand(),)
    assert machine.nodes == 1


def test_capacities_are_read_in_order_with_what_they_need(folder: Path, complaints: Complaints) -> None:
    ways = "[{ kind: reserved, id: r-1 }, { kind: flex-start, max_wait: 90m }, flex-start, spot]"
    assert not complaints({"[spot, on-demand]": ways})
    machine = load(folder, "dev").workloads["bench"]
    assert machine.capacity == (Reserved(id="r-1"), FlexStart(max_wait=timedelta(minutes=90)), FlexStart(), Spot())
    assert machine.reservation == "r-1"


def test_cents_are_exact(folder: Path, complaints: Complaints) -> None:
    assert not complaints({"cap_usd: 100": "cap_usd: 100.10"})
    lease = load(folder, "dev").lease
    assert lease is not None
    assert lease.cap_usd == Decimal("100.10")


def test_a_base_stack_has_no_lease_and_no_base_below_it(folder: Path) -> None:
    settings = load(folder, "dev-base")
    assert settings.lease is None
    assert settings.base_settings is None
    assert settings.base is not None
    assert settings.base.gcp is not None
    assert isinstance(settings.base.gcp.network, MadeNetwork)


def test_a_shared_network_names_its_host_project(folder: Path, complaints: Complaints) -> None:
    shared = (
        "          id: projects/acme-net/global/networks/shared\n"
        "          subnetworks:\n"
        "            europe-west4: projects/acme-net/regions/europe-west4/subnetworks/ml\n"
    )
    made = "          regions:\n            europe-west4: 10.20.0.0/20\n            us-central1: 10.20.16.0/20\n"
    assert not complaints({made: shared}, file="Pulumi.dev-base.yaml", stack="dev-base")
    base = load(folder, "dev-base").base
    assert base is not None
    assert base.gcp is not None
    assert isinstance(base.gcp.network, ExistingNetwork)
    assert base.gcp.network.host_project == "acme-net"


def test_settings_do_not_change(folder: Path) -> None:
    settings = load(folder, "dev")
    with pytest.raises(pydantic.ValidationError):
        settings.stack.owner = "me"


def test_what_the_cli_writes_beside_config_is_left_alone(complaints: Complaints) -> None:
    assert not complaints({"config:\n": "encryptionsalt: v1:a:b\nconfig:\n  pulumi:tags: {}\n"})


@pytest.mark.parametrize("stack", ["prod", "../dev", "", "a/b", "dev\n", "organization/trainyard/dev"])
def test_a_stack_without_file_is_told_which_there_are(folder: Path, stack: str) -> None:
    with pytest.raises(SettingsError, match="there is no such file; stacks are dev, dev-base"):
        load(folder, stack)


def test_a_folder_that_is_not_there_has_no_stacks(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="stacks are none"):
        load(tmp_path / "nowhere", "dev")


def test_a_file_that_is_not_utf8_is_refused(folder: Path) -> None:
    (folder / "Pulumi.dev.yaml").write_bytes(b"a: \xff\xfe")
    with pytest.raises(SettingsError, match=r"is not UTF-8 text \(byte 3\); save it as UTF-8."):
        load(folder, "dev")


def test_a_byte_order_mark_is_no_matter(folder: Path) -> None:
    path = folder / "Pulumi.dev.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load(folder, "dev").lease is not None


def test_errors_of_stack_environment_and_base_come_at_once(folder: Path, complaints: Complaints) -> None:
    for name in ("env.dev.yaml", "Pulumi.dev-base.yaml"):
        path = folder / name
        path.write_text(path.read_text().replace("soft: 0.8", "soft: 8").replace("10.20.16.0/20", "10.20.16.0"))
    said = complaints({"cap_usd: 100": "cap_usd: ten"})
    assert [line.split(": ")[0] for line in said] == [
        "stacks/Pulumi.dev-base.yaml:9",
        "stacks/Pulumi.dev.yaml:12",
        "stacks/env.dev.yaml:9",
    ]


def test_a_second_base_in_an_environment_is_refused(folder: Path) -> None:
    (folder / "Pulumi.other.yaml").write_text((folder / "Pulumi.dev-base.yaml").read_text())
    with pytest.raises(SettingsError, match=r"stacks/Pulumi\.other\.yaml is a base stack of this environment too"):
        load(folder, "other")


def test_standard_and_spot_machines_run_at_most_120_days(folder: Path, complaints: Complaints) -> None:
    environment = folder / "env.dev.yaml"
    environment.write_text(environment.read_text().replace("max_ttl: 14d", "max_ttl: 200d"))
    assert not complaints({"extend_to: 24h": "extend_to: 120d"})
    way_on = "give extend_to of at most 120d, or another capacity."
    assert complaints({"extend_to: 120d": "extend_to: 121d"}) == [
        f"stacks/Pulumi.dev.yaml:20: workloads.bench.capacity[{index}]: {way} machines on gcp run at most 120d, and "
        f"lease.extend_to is 121d; {way_on}"
        for index, way in enumerate(("spot", "on-demand"))
    ]


def test_a_region_that_lacks_the_machine_is_said_at_its_place(complaints: Complaints, folder: Path) -> None:
    base = folder / "Pulumi.dev-base.yaml"
    base.write_text(base.read_text().replace("us-central1", "europe-west2"))
    (said,) = complaints({"[europe-west4, us-central1]": "[europe-west2]"})
    assert said.startswith("stacks/Pulumi.dev.yaml:18: workloads.bench.where[0]: ")
    assert "is not offered in" in said


_ACCELERATOR = "accelerator: A100:1"
_TYPED = "accelerator: A100:1\n        machine_type: {}"


@pytest.mark.parametrize(
    ("edits", "key", "given", "allowed"),
    [
        ({_ACCELERATOR: "accelerator: H1000:8"}, "accelerator", '"H1000"', "H100"),
        ({_ACCELERATOR: "accelerator: A100:3"}, "accelerator", "3 A100", "1, 2, 4, 8, 16"),
        ({_ACCELERATOR: "accelerator: A100:many"}, "accelerator", '"many"', "A100:8"),
        ({_ACCELERATOR: "accelerator: v5e:4"}, "accelerator", '"v5e"', "tpu-node"),
        ({_ACCELERATOR: "accelerator: GB200:4"}, "accelerator", "A4X", "take a4-highgpu-8g"),
        (
            {_ACCELERATOR: "accelerator: A100-80GB:1\n        memory_gib: 40"},
            "accelerator",
            "40",
            "memory_gib 80",
        ),
        ({_ACCELERATOR: "accelerator: A100:1\n        memory_gib: 60"}, "accelerator", "60", "80"),
        ({_ACCELERATOR: _TYPED.format("a2-highgpu-1")}, "machine_type", '"a2-highgpu-1"', "a2-highgpu-1g"),
        ({_ACCELERATOR: _TYPED.format("g2-standard-8")}, "machine_type", "g2-standard-8", "a2-highgpu-1g"),
        (
            {
                _ACCELERATOR: _TYPED.format("a2-highgpu-1g"),
                "regions: [europe-west4, us-central1]": "zones: [europe-west4-a, europe-west4-c]",
            },
            "where[0].zones[1]",
            "europe-west4-c",
            "europe-west4-a",
        ),
        (
            {_ACCELERATOR: "accelerator: H100:1", "[spot, on-demand]": "[on-demand]"},
            "capacity",
            "on-demand",
            "spot",
        ),
        ({_ACCELERATOR: _ACCELERATOR + "\n        local_ssd: 3"}, "local_ssd", "3", "0, 1, 2, 4, 8"),
        (
            {_ACCELERATOR: _ACCELERATOR + "\n        boot_disk: { kind: hyperdisk-balanced }"},
            "boot_disk.kind",
            "hyperdisk-balanced",
            "pd-ssd",
        ),
        (
            {_ACCELERATOR: _ACCELERATOR + "\n        image: ubuntu-2404-nvidia-58"},
            "image",
            '"ubuntu-2404-nvidia-58"',
            '"ubuntu-2404-nvidia-580"',
        ),
        (
            {_ACCELERATOR: _ACCELERATOR + "\n        image: europe-docker.pkg.dev/acme/train@sha256:01"},
            "image",
            "europe-docker.pkg.dev",
            "container",
        ),
    ],
)
def test_what_the_facts_refuse_is_said_at_its_key(
    complaints: Complaints, edits: dict[str, str], key: str, given: str, allowed: str
) -> None:
    said = complaints(edits)
    assert len(said) == 1
    _, at, message = said[0].split(": ", 2)
    assert at == f"workloads.bench.{key}"
    assert given in message
    assert allowed in message
