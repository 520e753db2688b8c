"""Which regions are none because the data lies elsewhere, and what `egress: allowed` changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainyard.facts.selection import SelectionError
from trainyard.settings import load
from trainyard.settings.candidates import Accepted, accepted

CORPUS = "        data: { corpus: { kind: bucket, location: europe-west4 } }\n"


def found(folder: Path, lines: str, data: str = CORPUS) -> Accepted:
    stack, base = folder / "Pulumi.dev.yaml", folder / "Pulumi.dev-base.yaml"
    stack.write_text(
        stack.read_text().replace("        accelerator: A100:1\n", f"        accelerator: A100:1\n{lines}")
    )
    base.write_text(base.read_text() + data)
    [only] = accepted(load(folder, "dev"))
    return only


def regions(of: Accepted) -> set[str]:
    return {each.offer.region for each in of.candidates}


def test_a_region_that_would_read_its_data_from_another_one_is_none_and_says_so(folder: Path) -> None:
    only = found(folder, "        data: { corpus: read }\n")
    assert regions(only) == {"europe-west4"}
    assert only.left_out == ("us-central1 on gcp would read corpus from europe-west4",)


def test_where_egress_is_allowed_the_region_stays(folder: Path) -> None:
    only = found(folder, "        data: { corpus: read }\n        egress: allowed\n")
    assert regions(only) == {"europe-west4", "us-central1"}
    assert only.left_out == ()


def test_a_bucket_of_europe_is_at_hand_in_all_of_it_and_nowhere_else(folder: Path) -> None:
    data = CORPUS.replace("location: europe-west4", "location: eu")
    assert regions(found(folder, "        data: { corpus: read }\n", data)) == {"europe-west4"}


def test_a_bucket_of_others_whose_place_no_file_tells_removes_no_region(folder: Path) -> None:
    data = "        data: { corpus: { kind: bucket, id: acme-corpus } }\n"
    assert regions(found(folder, "        data: { corpus: read }\n", data)) == {"europe-west4", "us-central1"}


def test_a_workload_without_data_goes_everywhere(folder: Path) -> None:
    assert regions(found(folder, "")) == {"europe-west4", "us-central1"}


def test_no_region_left_is_an_error_that_names_both_ways_on(folder: Path) -> None:
    stack = folder / "Pulumi.dev.yaml"
    stack.write_text(stack.read_text().replace("[europe-west4, us-central1]", "[us-central1]"))
    with pytest.raises(SelectionError, match="give its data a copy there, or egress: allowed"):
        found(folder, "        data: { corpus: read }\n")
