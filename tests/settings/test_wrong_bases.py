"""Wrong base stacks, one at a time, and what is said about each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

END = "            us-central1: 10.20.16.0/20\n"
SERVICES = f"{END}          private_services: 10.40.0.0/16\n"
FILE = "stacks/Pulumi.dev-base.yaml"

WRONG: dict[str, tuple[dict[str, str], list[str]]] = {
    "services inside of a subnetwork": (
        {END: f"{END}          private_services: 10.20.0.0/16\n"},
        [
            f"{FILE}:10: base.gcp.network.private_services: 10.20.0.0/16 overlaps 10.20.0.0/20 of europe-west4; give a "
            "range of its own.",
            f"{FILE}:10: base.gcp.network.private_services: 10.20.0.0/16 overlaps 10.20.16.0/20 of us-central1; give a "
            "range of its own.",
        ],
    ),
    "a range for services that is too small": (
        {END: f"{END}          private_services: 10.40.0.0/28\n"},
        [
            f"{FILE}:10: base.gcp.network.private_services: 10.40.0.0/28 is too small for services; give a /24 or a "
            "larger range.",
        ],
    ),
    "data of a kind that is none": (
        {END: f"{END}        data: {{ home: {{ kind: nfs, location: europe-west4-b }} }}\n"},
        [
            f"{FILE}:10: base.gcp.data.home: a mapping is not allowed; expected an entry of a mapping of data set to "
            "its place, of kind bucket, disk, filestore or lustre: { checkpoints: { kind: bucket, location: "
            "europe-west4 } }.",
        ],
    ),
    "a bucket where the environment may not": (
        {END: f"{END}        data: {{ corpus: {{ kind: bucket, location: asia-east1 }} }}\n"},
        [
            f"{FILE}:10: base.gcp.data.corpus.location: is not in limits.regions of stacks/env.dev.yaml; allowed are "
            "europe, us-central1.",
        ],
    ),
    "a bucket with folders and versions": (
        {END: f"{END}        data: {{ c: {{ kind: bucket, location: eu, hierarchical: true, keep_versions: 2 }} }}\n"},
        [
            f"{FILE}:10: base.gcp.data.c.keep_versions: a bucket with folders (hierarchical) keeps no versions; leave "
            "one of them out.",
        ],
    ),
    "a file system without a way to it": (
        {END: f"{END}        data: {{ home: {{ kind: filestore, location: europe-west4-b, gib: 1024 }} }}\n"},
        [
            f"{FILE}:10: base.gcp.data.home.kind: Filestore is reached by private service access; give "
            "base.gcp.network.private_services: 10.40.0.0/16.",
        ],
    ),
    "a file system of a size that is no step": (
        {END: f"{SERVICES}        data: {{ fast: {{ kind: lustre, zone: europe-west4-a, gib: 10000 }} }}\n"},
        [
            f"{FILE}:11: base.gcp.data.fast.gib: with 1000 MB/s per TiB a Managed Lustre has a multiple of 9000 GiB "
            "up to 954000, 10000 were asked for; give 18000.",
        ],
    ),
    "a disk that is too big": (
        {END: f"{END}        data: {{ w: {{ kind: disk, zone: europe-west4-a, gib: 99999 }} }}\n"},
        [
            f"{FILE}:10: base.gcp.data.w.gib: hyperdisk-balanced has 4 to 65536 GiB, 99999 were asked for; give a size "
            "between.",
        ],
    ),
    "deleted objects kept for three days": (
        {END: f"{END}        data: {{ c: {{ kind: bucket, location: eu, soft_delete_days: 3 }} }}\n"},
        [
            f"{FILE}:10: base.gcp.data.c.soft_delete_days: deleted objects cannot be kept 3 days; give 7 to 90, or 0.",
        ],
    ),
    "a registry in a zone": (
        {END: f"{END}        registry: {{ location: europe-west4-a }}\n"},
        [
            f'{FILE}:10: base.gcp.registry.location: "europe-west4-a" is not allowed; expected a region, or europe, us '
            "or asia.",
        ],
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_base_is_told_at_its_line(complaints: Callable[..., list[str]], what: str) -> None:
    edits, said = WRONG[what]
    assert complaints(edits, file="Pulumi.dev-base.yaml", stack="dev-base") == said
