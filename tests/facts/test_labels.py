import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainyard.facts.labels import HARD_END_KEY, LEASE_KEY, Tags, check_slug, decode, encode
from trainyard.facts.lease_id import lease_id, machine_name

SLUGS = st.from_regex(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True, alphabet=st.characters(max_codepoint=127))
TIMES = st.integers(0, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
TAGS = st.builds(Tags, lease=SLUGS, workload=SLUGS, owner=SLUGS, cost_center=SLUGS, hard_end=TIMES)
PLAIN = Tags(
    lease="dev-lab-1a2b3c4d",
    workload="lab",
    owner="ml-platform",
    cost_center="ml-research",
    hard_end=datetime(2026, 11, 24, 14, tzinfo=UTC),
)
# Google Cloud's rule for label keys and values, from its Labels overview.
GCP_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
GCP_VALUE = re.compile(r"[a-z0-9_-]{0,63}")


@given(tags=TAGS, cloud=st.sampled_from(["gcp", "aws", "azure", "coreweave", "lambda"]))
def test_labels_of_every_cloud_give_the_tags_back(tags: Tags, cloud: str) -> None:
    assert decode(cloud, encode(cloud, tags)) == tags


@given(tags=TAGS)
def test_google_cloud_can_hold_every_label(tags: Tags) -> None:
    for key, value in encode("gcp", tags).items():
        assert GCP_KEY.fullmatch(key)
        assert GCP_VALUE.fullmatch(value)


def test_the_hard_end_is_compact_on_google_cloud_and_plain_elsewhere() -> None:
    assert encode("gcp", PLAIN)[HARD_END_KEY] == "20261124t140000z"
    assert encode("aws", PLAIN)[HARD_END_KEY] == "2026-11-24T14:00:00Z"


def test_other_labels_of_a_machine_are_passed_over() -> None:
    assert decode("gcp", {"team": "x", **encode("gcp", PLAIN)}) == PLAIN


@pytest.mark.parametrize("labels", [{}, {LEASE_KEY: "x"}, {**encode("gcp", PLAIN), HARD_END_KEY: "soon"}])
def test_missing_or_damaged_labels_are_no_tags(labels: dict[str, str]) -> None:
    assert decode("gcp", labels) is None


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("ml-platform@acme.example", "ml-platform"),
        ("ML_Platform", "ml-platform"),
        ("2nd-team", "nd-team"),
        ("team-", "team"),
        ("", "ml-platform"),
        ("a" * 64, "a" * 63),
        ("équipe", "quipe"),
    ],
)
def test_an_owner_that_no_label_can_hold_is_refused_with_a_near_one(text: str, near: str) -> None:
    error = check_slug(text)
    assert error is not None
    assert f'"{text}" fits no label' in error
    assert f'for example "{near}"' in error


@given(text=SLUGS)
def test_a_slug_is_accepted(text: str) -> None:
    assert check_slug(text) is None


@given(text=st.text(max_size=80))
def test_what_an_error_suggests_is_itself_accepted(text: str) -> None:
    error = check_slug(text)
    if error is not None:
        suggestion = re.search(r'for example "([^"]+)"\.$', error)
        assert suggestion
        assert check_slug(suggestion[1]) is None


def test_tags_that_are_no_slugs_are_refused_before_any_cloud_sees_them() -> None:
    bad = Tags(lease="x", workload="a b", owner="o", cost_center="c", hard_end=PLAIN.hard_end)
    with pytest.raises(ValueError, match='trainyard-workload: "a b" fits no label'):
        encode("aws", bad)


def test_a_lease_id_is_the_stack_and_a_hash() -> None:
    assert re.fullmatch(r"sandbox-[0-9a-f]{8}", lease_id("gs://a", "trainyard", "sandbox"))


def test_the_same_stack_in_another_store_or_project_is_another_lease() -> None:
    ids = {
        lease_id("gs://a", "trainyard", "dev"),
        lease_id("gs://b", "trainyard", "dev"),
        lease_id("gs://a", "other", "dev"),
        lease_id("gs://a", "trainyard", "Dev"),
    }
    assert len(ids) == 4


@given(store=st.text(), project=st.text(), stack=st.text())
def test_a_lease_id_fits_every_label_and_leaves_room_for_a_name(store: str, project: str, stack: str) -> None:
    found = lease_id(store, project, stack)
    assert check_slug(found) is None
    assert len(found) <= 49


@given(stack=st.text(min_size=1), workload=SLUGS.filter(lambda slug: len(slug) <= 40), index=st.integers(0, 99))
def test_a_machine_name_fits_compute_engine_and_keeps_hash_and_workload(stack: str, workload: str, index: int) -> None:
    lease = lease_id("gs://a", "p", stack)
    found = machine_name(lease, workload, index)
    assert re.fullmatch(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", found)
    assert found.endswith(f"{lease[-9:]}-{workload}-{index}")


def test_a_short_machine_name_is_the_lease_the_workload_and_a_number() -> None:
    assert machine_name("sandbox-1a2b3c4d", "lab", 0) == "sandbox-1a2b3c4d-lab-0"


def test_a_workload_that_leaves_no_room_in_a_machine_name_is_refused() -> None:
    with pytest.raises(ValueError, match=r"it has 60 characters, at most 50 fit"):
        machine_name("sandbox-1a2b3c4d", "w" * 60, 0)
