"""What `trainyard show` says of a stack's ends: who holds each, and what nobody ends."""

from typing import Any

from trainyard.cli.show import _lines

LEASE = {"cap_usd": "100", "at_limit": "stop", "soft_end": "2026-11-24T15:49:00Z", "hard_end": "2026-11-25T03:49:00Z"}


def shown(**workloads: dict[str, Any]) -> list[str]:
    return _lines({"lease": LEASE, "workloads": workloads, "remove": "pulumi destroy"})


def test_a_machine_ends_by_itself_and_by_the_cloud() -> None:
    lines = shown(trainer={"ends": ["node", "cloud"], "login": "gcloud compute ssh trainer"})
    assert lines[1].endswith("(the node itself; the guard is not built yet)")
    assert lines[2].endswith("(the cloud itself)")
    assert "log in    gcloud compute ssh trainer" in lines


def test_what_the_cloud_does_not_end_is_named() -> None:
    lines = shown(trainer={"ends": ["node", "cloud"]}, lab={"ends": ["node"]})
    assert lines[2].endswith("(the cloud itself, but not lab: destroy in time)")


def test_a_stack_that_nothing_ends_says_so() -> None:
    lines = shown(pod={"ends": [], "state": "ACCEPTED"})
    assert lines[2].endswith("(no end by the cloud: destroy the stack in time)")
    assert "state     ACCEPTED" in lines


def test_an_end_that_may_come_late_says_why() -> None:
    lines = shown(tune={"ends": ["cloud"], "late_end": "it counts from when it runs"}, lab={"ends": ["node"]})
    assert "late      tune: it counts from when it runs" in lines
