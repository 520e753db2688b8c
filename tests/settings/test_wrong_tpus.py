"""Wrong TPU nodes, one at a time, and every line that is said about each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Said = Callable[..., list[str]]

GPU = "        kind: gpu-vm\n        accelerator: A100:1\n"
CAPACITY = "        capacity: [spot, on-demand]\n"
REGIONS = "            regions: [europe-west4, us-central1]\n"
AT = "workloads.bench."


@pytest.fixture
def said(complaints: Callable[..., list[str]], folder: Path) -> Callable[..., list[str]]:
    """What is said of a workload of these keys, without file, line and place."""
    for file in ("env.dev.yaml", "Pulumi.dev-base.yaml"):
        path = folder / file
        text = path.read_text().replace("regions: [europe, us-central1]", "regions: [europe, us-central1, us-central2]")
        path.write_text(text.replace("10.20.16.0/20\n", "10.20.16.0/20\n            us-central2: 10.20.32.0/20\n"))

    def said(
        tpu: str, *keys: str, capacity: str = "on-demand", regions: str = "europe-west4, us-central1"
    ) -> list[str]:
        own = "".join(f"        {key}\n" for key in keys)
        edits = {
            GPU: f"        kind: tpu-node\n        accelerator: {tpu}\n{own}",
            CAPACITY: f"        capacity: [{capacity}]\n",
            REGIONS: f"            regions: [{regions}]\n",
            "cap_usd: 100": "cap_usd: 20000",
        }
        return [line.split(f": {AT}", 1)[1] for line in complaints(edits)]

    return said


@pytest.mark.parametrize(
    ("tpu", "keys", "more"),
    [
        ("v6e:4", (), {}),
        ("v6e:8", ("topology: 2x4", "machine_type: ct6e-standard-4t"), {"capacity": "spot, flex-start"}),
        ("v5p:8", ("topology: 2x2x2", "boot_disk: { gib: 300, kind: pd-ssd }"), {}),
        ("v5e:8", ("runtime_version: v2-alpha-tpuv5-lite",), {}),
        ("v4:512", ("topology: 4x8x16",), {"regions": "us-central2"}),
        ("v6e:4", ("runtime_version: v2-alpha-tpuv6e",), {"capacity": "{ kind: queued, valid_until: 6h, spot: true }"}),
        ("tpu7x:4", (), {"regions": "us-central1", "capacity": "{ kind: on-demand, usd_hour: 48 }"}),
    ],
)
def test_a_right_tpu_is_taken(said: Said, tpu: str, keys: tuple[str, ...], more: dict[str, str]) -> None:
    assert said(tpu, *keys, **more) == []


@pytest.mark.parametrize(
    ("tpu", "keys", "more", "lines"),
    [
        (
            "H100:8",
            (),
            {},
            ['accelerator: "H100" is no TPU, which a tpu-node has; use kind gpu-vm for GPUs.'],
        ),
        (
            "v6e:6",
            (),
            {},
            ["accelerator: no v6e slice has 6 chips; the nearest have 1, 4, 8; give one of these."],
        ),
        (
            "v5p:8",
            ("topology: 2x2x3",),
            {},
            ["topology: v5p has no topology 2x2x3; the nearest are 2x2x2, 2x2x4, 2x2x1; give one of these."],
        ),
        (
            "v5p:8",
            ("topology: 2x2x4",),
            {},
            [
                "topology: topology 2x2x4 has 16 chips, but v5p:8 asks for 8; give v5p:16, or a topology of 8: 2x2x2.",
            ],
        ),
        (
            "v6e:4",
            ("machine_type: ct6e-standard-8t",),
            {},
            [
                "machine_type: v6e:4 is not made of ct6e-standard-8t: one such machine is v6e:8, and slices of "
                "several hosts have 4 chips on each; leave machine_type out.",
            ],
        ),
        (
            "v4:8",
            (),
            {},
            [
                "where[0]: v4 with 8 v4 is not offered in europe-west4, us-central1; it is in us-central2-b; give "
                "one of these.",
            ],
        ),
        (
            "v5e:8",
            ("runtime_version: v2-alpha-tpuv6e",),
            {},
            [
                'runtime_version: runtime version "v2-alpha-tpuv6e" is of v6e; v5e takes "v2-alpha-tpuv5-lite"; '
                "give that, or leave it out.",
            ],
        ),
        (
            "v6e:4",
            ("runtime_version: v2-alpha-tpuv6e",),
            {},
            [
                "runtime_version: v6e bought as on-demand is a machine of Compute Engine; give image instead.",
            ],
        ),
        (
            "v6e:4",
            ("image: ubuntu-2404-nvidia-580",),
            {},
            [
                'image: image "ubuntu-2404-nvidia-580" carries NVIDIA\'s driver and does not fit v6e; leave it out '
                "for ubuntu-os-accelerator-images/ubuntu-accel-2204-amd64-tpu-v5e-v5p-v6e.",
            ],
        ),
        (
            "v5e:8",
            (
                "image: projects/acme-ml-dev/global/images/mine",
                "boot_disk: { gib: 100 }",
                "machine_type: ct5lp-hightpu-8t",
            ),
            {},
            [
                "image: v5e bought as on-demand is a node of the Cloud TPU API, which takes no image; leave it out.",
                "boot_disk: v5e bought as on-demand is a node of the Cloud TPU API, which takes no boot_disk; leave "
                "it out.",
                "machine_type: v5e bought as on-demand is a node of the Cloud TPU API, which takes no machine_type; "
                "leave it out.",
            ],
        ),
        (
            "v5e:8",
            ('access: ["group:ml-research@acme.example"]',),
            {},
            [
                "access: v5e bought as on-demand is a node of the Cloud TPU API, which grants a login on one node "
                "to nobody; leave access out, and grant roles/tpu.admin or roles/tpu.viewer with OS Login in the "
                "project.",
            ],
        ),
        (
            "v6e:4",
            ("boot_disk: { kind: pd-ssd }",),
            {},
            ['boot_disk.kind: v6e cannot boot from "pd-ssd"; allowed are hyperdisk-balanced.'],
        ),
        (
            "v5e:8",
            (),
            {"capacity": "flex-start"},
            [
                "capacity: v5e with 8 v5e is not sold as flex-start; it is as on-demand, spot, reserved, queued; "
                "give one of these under capacity.",
            ],
        ),
        (
            "v6e:4",
            (),
            {"capacity": "{ kind: flex-start, max_wait: 1h }"},
            [
                "capacity[0]: Google's provider cannot set how long a flex-start TPU waits, so the cloud's own "
                "time holds; leave max_wait out.",
            ],
        ),
        (
            "v6e:4",
            (),
            {"capacity": "{ kind: queued, valid_until: 12h }"},
            [
                "capacity[0]: valid_until 12h leaves nothing of lease.ttl 12h, for waiting counts; give it below 12h.",
            ],
        ),
        (
            "v6e:4",
            (),
            {"capacity": "{ kind: queued, valid_until: soon }"},
            [
                'capacity[0]: "soon" is no duration: give a whole number with its unit, for example "30m", "12h" or '
                '"14d".'
            ],
        ),
        (
            "v6e:4",
            (),
            {"capacity": "{ kind: queued, valid_until: 6h, spot: true, reservation: week }"},
            ['capacity[0]: reservation "week" is no name, or stands beside spot; give a name, and no spot.'],
        ),
        (
            "v6e:4",
            (),
            {"capacity": "{ kind: queued, valid_until: 6h, id: week }"},
            [
                'capacity[0]: "id" is no key of queued; allowed are kind, valid_until, spot, reservation. Did you mean '
                '"kind"?'
            ],
        ),
        (
            "tpu7x:4",
            (),
            {"regions": "us-central1", "capacity": "{ kind: queued, valid_until: 6h }"},
            [
                "capacity: tpu7x with 4 tpu7x is not sold as queued; it is as on-demand, spot, flex-start, "
                "reserved; give one of these under capacity.",
            ],
        ),
    ],
)
def test_a_wrong_tpu_is_named_with_what_is_allowed(
    said: Said, tpu: str, keys: tuple[str, ...], more: dict[str, str], lines: list[str]
) -> None:
    assert said(tpu, *keys, **more) == lines


def test_flex_start_runs_seven_days_at_most(complaints: Callable[..., list[str]]) -> None:
    edits = {
        GPU: "        kind: tpu-node\n        accelerator: v6e:4\n",
        CAPACITY: "        capacity: [flex-start]\n",
        "extend_to: 24h": "extend_to: 8d",
    }
    [line] = complaints(edits)
    assert "flex-start machines on gcp run at most 7d, and lease.extend_to is 8d" in line


def test_another_cloud_has_no_tpus(complaints: Callable[..., list[str]]) -> None:
    edits = {
        GPU: "        kind: tpu-node\n        accelerator: v6e:4\n",
        "cloud: gcp": "cloud: aws",
        REGIONS: "            regions: [us-east-1]\n",
    }
    assert "where[0].cloud: aws has no TPUs; give cloud: gcp, or another kind." in complaints(edits)[0]
