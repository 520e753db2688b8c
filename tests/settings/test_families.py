"""A stack file for every GPU family of Google Cloud loads, and what no family sells is told at its key."""

from collections.abc import Callable

import pytest

OWN = "image: acme-images/own-family"
REGIONS = "regions: [europe-west4, us-central1]"
AGREED = "usd_hour: 5"

FAMILIES = {
    "N1 with a T4": ("T4:1", "[spot, on-demand]", ""),
    "N1 with four T4": ("T4:4", "[on-demand]", ""),
    "N1 with a P4": ("P4:1", "[on-demand]", OWN),
    "N1 with four P100": ("P100:4", "[spot]", OWN),
    "N1 with eight V100": ("V100:8", "[on-demand]", OWN),
    "G2": ("L4:8", "[flex-start, spot]", ""),
    "G4": ("RTX-PRO-6000:1", "[on-demand]", "zones: [us-central1-b]"),
    "a quarter of G4": ("RTX-PRO-6000:0.25", "[on-demand]", f"zones: [us-central1-b]; {OWN}"),
    "A2 Standard": ("A100:16", "[on-demand]", ""),
    "A2 Ultra": ("A100-80GB:8", "[{ kind: reserved, id: projects/acme-capacity/reservations/week }]", ""),
    "A3 High with one GPU": ("H100:1", "[spot, flex-start]", ""),
    "A3 High": ("H100:8", "[flex-start]", "fabric: gpudirect-tcpx"),
    "A3 Mega": ("H100:8", "[on-demand]", "fabric: gpudirect-tcpxo"),
    "A3 Mega out of the calendar": (
        "H100-MEGA-80GB:8",
        f"[{{ kind: reserved, id: week, bound: true, {AGREED} }}]",
        "",
    ),
    "A3 Ultra": ("H200:8", f"[{{ kind: spot, {AGREED} }}]", ""),
    "A4": ("B200:8", f"[{{ kind: reserved, id: b200-block, {AGREED} }}, {{ kind: flex-start, {AGREED} }}]", ""),
}


def edits(accelerator: str, capacity: str, more: str) -> dict[str, str]:
    changed = {"accelerator: A100:1": f"accelerator: {accelerator}", "[spot, on-demand]": capacity}
    for part in filter(None, more.split("; ")):
        if part.startswith("zones"):
            changed[REGIONS] = part
        else:
            changed["        kind: gpu-vm\n"] = f"        kind: gpu-vm\n        {part}\n"
    return changed


@pytest.mark.parametrize("family", FAMILIES)
def test_a_stack_of_every_family_loads(complaints: Callable[..., list[str]], family: str) -> None:
    assert complaints(edits(*FAMILIES[family])) == []


@pytest.mark.parametrize(
    ("accelerator", "capacity", "says"),
    [
        ("H200:8", "[on-demand]", "capacity: H200 with 8 H200 is not sold as on-demand; it is as spot, flex-start"),
        ("H100:1", "[on-demand]", "capacity: H100 with 1 H100 is not sold as on-demand; it is as spot, flex-start"),
        ("T4:1", "[flex-start]", "capacity: T4 with 1 T4 is not sold as flex-start; it is as on-demand, spot"),
        ("T4:3", "[spot]", "accelerator: no machine of gcp has 3 T4; counts: 1, 2, 4"),
        ("GB200:4", "[spot]", "accelerator: gcp: A4X (GB200) is arm64 with Grace CPUs"),
    ],
)
def test_what_no_family_sells_is_told_at_its_key(
    complaints: Callable[..., list[str]], accelerator: str, capacity: str, says: str
) -> None:
    [said] = complaints(edits(accelerator, capacity, ""))
    assert f"workloads.bench.{says}" in said
