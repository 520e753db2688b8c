"""The loop of `trainyard up` without an engine: each class of failure, and what others do meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.deploy.conftest import (
    GOOD,
    LEASE,
    MIG,
    START,
    VM,
    Clouds,
    Lab,
    candidate,
    key,
    machine,
    refused,
    step,
)
from trainyard.deploy.engine import State
from trainyard.deploy.events import Done
from trainyard.deploy.failover import INTERRUPTED, StoppedError
from trainyard.deploy.inventory import LookError
from trainyard.facts.capacity import FlexStart, Spot
from trainyard.lease import Extension, with_ending, with_extension

A, B, C, FAR = (candidate(place) for place in ("eu-west4-a", "eu-west4-b", "eu-west4-c", "us-east1-b"))
FULL = "ZONE_RESOURCE_POOL_EXHAUSTED"
QUOTA = "Quota 'NVIDIA_A100_GPUS' exceeded.  Limit: 0.0 in region eu-west4. (QUOTA_EXCEEDED)"
GLOBAL = "Quota 'GPUS_ALL_REGIONS' exceeded.  Limit: 0.0 globally."
LOST = "error reading from server: EOF"
RATE = "429 SubscriptionRequestsThrottled: Please try again after '6' seconds."


def test_without_room_the_candidates_are_tried_in_order_and_each_attempt_is_recorded(lab: Lab) -> None:
    lab.engine.runs = [refused(FULL), refused(FULL), GOOD]
    lab.bring_up([A, B, C])
    assert lab.attempts == [("eu-west4-a", "capacity"), ("eu-west4-b", "capacity"), ("eu-west4-c", "got")]
    assert lab.place == key(C)
    assert lab.record.attempts[0].text == FULL
    assert lab.record.attempts[0].at >= START


def test_a_first_up_that_is_good_is_one_attempt_and_a_second_one_writes_nothing(lab: Lab) -> None:
    lab.engine.runs = [GOOD, Done(ok=True)]
    lab.bring_up([A])
    before = lab.record
    lab.bring_up([A])
    assert lab.record == before
    assert lab.attempts == [("eu-west4-a", "got")]


def test_it_goes_on_from_the_candidate_that_the_record_names_and_comes_round_to_the_first(lab: Lab) -> None:
    lab.engine.runs = [refused(FULL), GOOD]
    lab.bring_up([A, B])
    lab.engine.runs = [refused(FULL), GOOD]
    lab.bring_up([A, B])
    assert lab.attempts == [
        (place, end)
        for place, end in (
            ("eu-west4-a", "capacity"),
            ("eu-west4-b", "got"),
            ("eu-west4-b", "capacity"),
            ("eu-west4-a", "got"),
        )
    ]


def test_when_all_were_tried_it_says_so_and_the_next_one_begins_with_the_first(lab: Lab) -> None:
    lab.engine.runs = [refused(FULL), refused(FULL)]
    with pytest.raises(StoppedError, match="no candidate is left; 2 of 2 were tried") as stopped:
        lab.bring_up([A, B])
    assert stopped.value.code == 1
    assert lab.place == key(A)


def test_a_second_refusal_for_quota_shuts_the_region_and_another_region_is_tried(lab: Lab) -> None:
    lab.engine.runs = [refused(QUOTA), refused(QUOTA), GOOD]
    lab.bring_up([A, B, C, FAR])
    assert lab.attempts == [("eu-west4-a", "quota"), ("eu-west4-b", "quota"), ("us-east1-b", "got")]


def test_a_quota_counts_by_the_way_of_buying(lab: Lab) -> None:
    spot = candidate("eu-west4-c", Spot())
    lab.engine.runs = [refused(QUOTA), refused(QUOTA), GOOD]
    lab.bring_up([A, B, C, spot])
    assert lab.place == key(spot)


def test_a_quota_over_all_regions_shuts_the_cloud_with_its_second_refusal(lab: Lab) -> None:
    lab.engine.runs = [refused(GLOBAL), refused(GLOBAL)]
    with pytest.raises(StoppedError, match="1 more are in regions whose quota refused"):
        lab.bring_up([A, FAR, candidate("asia-east1-a")])
    assert [outcome for _, outcome in lab.attempts] == ["quota", "quota"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Required 'compute.instances.create' permission", "authorisation: .*next: log in again"),
        ("Error 400: Invalid value for field 'x'", "configuration: .*next: change what the text names"),
        ("the moon is in the way", "unknown: .*next: read the cloud's text"),
    ],
)
def test_what_no_other_place_helps_stops_at_once_with_the_next_step(lab: Lab, text: str, said: str) -> None:
    lab.engine.runs = [refused(text)]
    with pytest.raises(StoppedError) as stopped:
        lab.bring_up([A, B])
    assert re.search(said, str(stopped.value), re.S)
    assert len(lab.attempts) == 1
    assert lab.place is None


def test_a_throttle_waits_as_long_as_the_cloud_says_and_tries_the_same_place(lab: Lab) -> None:
    lab.engine.runs = [refused(RATE), refused("RequestLimitExceeded"), GOOD]
    lab.bring_up([A, B])
    assert lab.waited == [6, 30]
    assert lab.attempts == [("eu-west4-a", "got")]


def test_a_throttle_without_end_stops(lab: Lab) -> None:
    lab.engine.runs = [refused(RATE)] * 7
    with pytest.raises(StoppedError, match="refused 6 times as too much at once"):
        lab.bring_up([A, B])


def test_what_a_failed_attempt_left_is_ended_and_refreshed_away_before_it_moves_on(lab: Lab) -> None:
    """L22."""
    lab.clouds.there = [machine("eu-west4-a", name=f"{LEASE}-lab-001")]
    seen: list[tuple[list[str], int]] = []
    lab.engine.runs = [
        refused("timeout while waiting for state to become 'created'", MIG, name=f"{LEASE}-lab-group"),
        (GOOD, lambda: seen.append((list(lab.clouds.ended), lab.engine.refreshed))),
    ]
    lab.bring_up([A, B], nodes=2)
    assert seen == [([f"{LEASE}-lab-001"], 1)]
    assert lab.attempts == [("eu-west4-a", "capacity"), ("eu-west4-b", "got")]
    assert lab.record.attempts[0].text.startswith("1 of 2 machines came")


def test_another_workload_s_machine_is_never_ended(lab: Lab) -> None:
    other = machine("eu-west4-a", name=f"{LEASE}-other-0", labels={"trainyard-workload": "other"})
    lab.clouds.there = [other]
    lab.engine.runs = [refused(FULL), GOOD]
    lab.bring_up([A, B])
    assert lab.clouds.there == [other]


def test_a_group_that_runs_and_gets_no_more_machines_is_neither_ended_nor_moved(lab: Lab) -> None:
    lab.clouds.there = [machine("eu-west4-a", name=f"{LEASE}-lab-001")]
    lab.engine.runs = [refused(FULL, MIG, "update", f"{LEASE}-lab-group")]
    with pytest.raises(StoppedError, match="for a change of what runs already; nothing of it was ended"):
        lab.bring_up([A, B], nodes=2)
    assert lab.clouds.ended == []
    assert lab.place is None


def test_after_a_lost_answer_the_machine_that_came_is_taken_over_and_no_second_one_made(lab: Lab) -> None:
    lab.clouds.there = [machine("eu-west4-a")]
    lab.engine.runs = [refused(LOST), Done(ok=True)]
    lab.bring_up([A, B])
    assert lab.engine.taken == [f"projects/acme-ml-dev/zones/eu-west4-a/instances/{LEASE}-lab-0"]
    assert lab.attempts == [("eu-west4-a", "lost-response")]
    assert lab.record.attempts[0].text.startswith("taken over")


def test_of_two_machines_that_came_for_one_the_second_is_ended(lab: Lab) -> None:
    lab.clouds.there = [machine("eu-west4-a", name=name) for name in ("i-1", "i-2")]
    lab.engine.runs = [refused(LOST, "aws:ec2/instance:Instance"), Done(ok=True)]
    lab.bring_up([A])
    assert lab.engine.taken == ["i-1"]
    assert lab.clouds.ended == ["i-2"]


def test_what_cannot_be_imported_is_ended_and_made_anew_in_the_same_place(lab: Lab) -> None:
    lab.engine.importable = False
    lab.clouds.there = [machine("eu-west4-a")]
    lab.engine.runs = [refused(LOST), GOOD]
    lab.bring_up([A, B])
    assert lab.clouds.ended == [f"{LEASE}-lab-0"]
    assert lab.place is None  # where it stood


def test_lost_answers_after_which_nothing_is_there_are_asked_again_twice(lab: Lab) -> None:
    lab.engine.runs = [refused(LOST)] * 3
    with pytest.raises(StoppedError, match="the answer was lost 3 times"):
        lab.bring_up([A, B])
    assert lab.place is None


def test_more_time_that_is_granted_between_two_attempts_stays(lab: Lab) -> None:
    """L14."""
    more = Extension(span=timedelta(hours=1), granted=START, by="ml-platform")

    def extend() -> None:
        lab.store.update(LEASE, lambda held: with_extension(held, more))

    lab.engine.runs = [(refused(FULL), extend), GOOD]
    lab.bring_up([A, B])
    assert lab.record.extensions == (more,)
    assert len(lab.record.attempts) == 2


def test_a_destroy_that_begins_meanwhile_ends_it(lab: Lab) -> None:
    lab.engine.runs = [(refused(FULL), lambda: lab.store.update(LEASE, lambda held: with_ending(held, START)))]
    with pytest.raises(StoppedError, match="ending: a destroy of this stack began"):
        lab.bring_up([A, B])


def test_before_the_lease_there_is_no_record_to_write_and_the_text_is_told(lab: Lab) -> None:
    lab.store.take_back(LEASE, lab.store.read(LEASE).version)  # type: ignore[union-attr]
    lab._now = lambda: START  # type: ignore[method-assign]
    lab.engine.runs = [Done(ok=False, told=("the lease's record cannot be read",))]
    with pytest.raises(StoppedError, match="the lease's record cannot be read"):
        lab.bring_up([A, B])


def test_what_a_list_does_not_tell_stops_it_before_anything_else_is_made(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: object) -> None:
        message = "gcp:acme-ml-dev cannot be listed"
        raise LookError(message)

    monkeypatch.setattr(Clouds, "things", unreadable)
    lab.engine.runs = [refused(FULL)]
    with pytest.raises(StoppedError, match="cannot be listed"):
        lab.bring_up([A, B])
    assert lab.attempts == [("eu-west4-a", "capacity")]
    assert lab.place is None


@pytest.mark.parametrize("text", [FULL, LOST, RATE])
def test_one_interrupt_ends_it_after_the_run_with_the_record_whole(lab: Lab, text: str) -> None:
    lab.engine.runs = [(refused(text), lab.stopped.set)]
    with pytest.raises(StoppedError, match="goes on from here") as stopped:
        lab.bring_up([A, B])
    assert stopped.value.code == INTERRUPTED
    assert lab.place is None


def test_a_flex_start_that_silently_became_standard_is_an_error(lab: Lab) -> None:
    lab.clouds.there = [machine("eu-west4-a", bought="on-demand")]
    lab.engine.runs = [GOOD]
    with pytest.raises(StoppedError, match="was asked for as flex-start and is on-demand"):
        lab.bring_up([candidate("eu-west4-a", FlexStart())])


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ({"machine_type": "a2-highgpu-2g"}, "is a a2-highgpu-2g, asked for was a2-highgpu-1g"),
        ({"place": "eu-west4-b"}, "is in eu-west4-b, asked for was eu-west4-a"),
        ({"bought": "spot"}, "was asked for as on-demand and is spot"),
    ],
)
def test_another_machine_place_or_way_of_buying_is_an_error(lab: Lab, there: dict[str, str], said: str) -> None:
    lab.clouds.there = [machine(**{"place": "eu-west4-a", **there})]  # type: ignore[arg-type]
    lab.engine.runs = [GOOD]
    with pytest.raises(StoppedError, match=said):
        lab.bring_up([A])


def test_a_second_machine_is_an_error_with_both_names(lab: Lab) -> None:
    lab.clouds.there = [machine("eu-west4-a"), machine("eu-west4-a", name="twin")]
    lab.engine.runs = [GOOD]
    with pytest.raises(StoppedError, match=r"2 machines bill where 1 were asked for: .*twin"):
        lab.bring_up([A])


def test_a_create_that_a_killed_run_had_begun_is_taken_over_before_anything_is_made(lab: Lab) -> None:
    resource = {"urn": step().urn, "type": VM, "parent": "urn:above"}
    lab.engine.held = State(resources=(), pending=({"type": "creating", "resource": resource},))
    lab.clouds.there = [machine("eu-west4-a")]
    order: list[str] = []
    lab.engine.runs = [(Done(ok=True), lambda: order.extend(lab.engine.taken))]
    lab.bring_up([A])
    assert order == [f"projects/acme-ml-dev/zones/eu-west4-a/instances/{LEASE}-lab-0"]
    assert lab.engine.refreshed == 1


def test_with_a_policy_pack_the_next_candidate_is_previewed_and_may_be_refused(lab: Lab) -> None:
    lab.policies = True
    lab.engine.runs = [refused(FULL)]
    lab.engine.previews = [Done(ok=False, told=("policy: not in that region",))]
    with pytest.raises(StoppedError, match="refused by the preview:\npolicy: not in that region"):
        lab.bring_up([A, B])


def shared(text: str) -> Done:
    return refused(text, "gcp:serviceaccount/account:Account", name=f"{LEASE}-account")


def test_what_all_workloads_share_is_asked_again_only_after_a_lost_answer(lab: Lab) -> None:
    lab.engine.runs = [shared(LOST), GOOD]
    lab.bring_up([A])
    lab.engine.runs = [shared(FULL)]
    with pytest.raises(StoppedError, match="capacity"):
        lab.bring_up([A])


def test_what_is_there_already_under_the_lease_s_own_name_is_taken_over_and_no_other_s(lab: Lab) -> None:
    own = f"projects/p/serviceAccounts/ty-{LEASE}@p.iam.gserviceaccount.com"
    said = "googleapi: Error 409: The resource '{}' already exists, alreadyExists"
    lab.engine.runs = [shared(said.format(own)), GOOD]
    lab.bring_up([A])
    assert lab.engine.taken == [own]
    assert lab.waited == []

    lab.engine.runs = [shared(said.format("projects/p/serviceAccounts/prod@p.iam.gserviceaccount.com"))] * 7
    with pytest.raises(StoppedError, match="already exists"):
        lab.bring_up([A])
    assert lab.engine.taken == [own]


def test_a_loop_has_an_end(lab: Lab) -> None:
    endless: Callable[[], Done] = lambda: shared(LOST)  # noqa: E731
    lab.engine.runs = [endless() for _ in range(20)]
    with pytest.raises(StoppedError):
        lab.bring_up([A])
    assert lab.engine.runs
