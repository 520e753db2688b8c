"""A base's networks between GPU machines: what cannot be is told at its line."""

from collections.abc import Callable

import pytest

HEAD = "    base:\n      gcp:\n"


def fabrics(*lines: str) -> dict[str, str]:
    return {HEAD: HEAD + "        fabrics:\n" + "".join(f"          - {line}\n" for line in lines)}


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "a fabric of a name that is none": (
        fabrics("{ kind: infiniband, place: us-central1, range: 10.128.0.0/16 }"),
        'fabrics[0].kind: "infiniband" is not allowed; expected gpudirect-tcpx, gpudirect-tcpxo or roce',
    ),
    "a regional fabric in a zone": (
        fabrics("{ kind: gpudirect-tcpxo, place: us-central1-a, range: 10.128.0.0/16 }"),
        'fabrics[0].place: gpudirect-tcpxo serves a region: "us-central1-a" is a zone; give its region, us-central1',
    ),
    "a zonal fabric in a region": (
        fabrics("{ kind: roce, place: us-central1, range: 10.128.0.0/16 }"),
        'fabrics[0].place: "us-central1" is no zone; roce is bound to one, such as us-central1-b. Its zones are',
    ),
    "a range too small to be cut into sixteen": (
        fabrics("{ kind: roce, place: us-central1-b, range: 10.128.0.0/26 }"),
        "fabrics[0].range: 10.128.0.0/26 is too small; give /25 or larger, for it is cut into 16",
    ),
    "a fabric that stands twice": (
        fabrics(
            "{ kind: roce, place: us-central1-b, range: 10.128.0.0/16 }",
            "{ kind: roce, place: us-central1-b, range: 10.129.0.0/16 }",
        ),
        "fabrics[1].place: roce in us-central1-b stands twice, as fabrics[0] too; keep one",
    ),
    "too few subnetworks": (
        fabrics(
            "{ kind: gpudirect-tcpx, place: us-central1, "
            "subnetworks: [projects/acme-net-host/regions/us-central1/subnetworks/gpu-0] }"
        ),
        "fabrics[0].subnetworks: gpudirect-tcpx has 4 further interfaces, 1 ids are here; give 4",
    ),
    "a subnetwork of another region": (
        fabrics(
            "{ kind: gpudirect-tcpx, place: us-central1, "
            "subnetworks: [projects/acme-net-host/regions/europe-west4/subnetworks/gpu-0] }"
        ),
        "lies in europe-west4; give one of us-central1",
    ),
    "a region that the environment does not allow": (
        fabrics("{ kind: gpudirect-tcpx, place: asia-southeast1, range: 10.128.0.0/16 }"),
        "fabrics[0].place: asia-southeast1 is not in limits.regions of stacks/env.dev.yaml",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_fabric_is_told_at_its_line(complaints: Callable[..., list[str]], what: str) -> None:
    edits, said = WRONG[what]
    found = complaints(edits, file="Pulumi.dev-base.yaml", stack="dev-base")
    assert any(said in line for line in found), found
    assert all(line.startswith("stacks/Pulumi.dev-base.yaml:") for line in found)


def test_right_fabrics_are_taken(complaints: Callable[..., list[str]]) -> None:
    right = fabrics(
        "{ kind: gpudirect-tcpxo, place: us-central1, range: 10.128.0.0/16 }",
        "{ kind: roce, place: us-central1-b, range: 10.130.0.0/16 }",
    )
    assert complaints(right, file="Pulumi.dev-base.yaml", stack="dev-base") == []
