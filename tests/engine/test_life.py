"""A compute stack's life on the real engine: up, unchanged for hours, ended with proof."""

import pytest

from tests.engine.conftest import Stack
from trainyard.facts.origin import Origin
from trainyard.lease.record import State

pytestmark = pytest.mark.engine


def test_a_stack_file_becomes_a_machine_that_stays_unchanged_and_goes_with_proof(stack: Stack) -> None:
    stack.begin()
    [name] = stack.machines()
    machine = stack.yard.instances()[name]
    assert machine["labels"]["trainyard-workload"] == "workbench"
    assert machine["scheduling"]["instanceTerminationAction"] == "DELETE"
    assert not machine["networkInterfaces"][0].get("accessConfigs")

    unchanged = stack.preview("--expect-no-changes")
    assert unchanged.code == 0, unchanged.text
    stack.yard.forward(hours=1)
    later = stack.preview("--expect-no-changes")
    assert later.code == 0, later.text
    refreshed = stack.yard.pulumi("refresh", "--yes", "--expect-no-changes", "--stack", stack.name)
    assert refreshed.code == 0, refreshed.text

    gone = stack.destroy()
    assert gone.code == 0, gone.text
    assert stack.machines() == []
    record = stack.record()
    assert record.ended is not None
    assert record.certificate is not None
    assert record.certificate.origin is Origin.SANDBOX
    assert len(record.certificate.looks) == 2
    assert record.certificate.looks[0].at < record.certificate.looks[1].at


def test_a_new_lease_begins_after_the_last_one_ended(stack: Stack) -> None:
    stack.begin()
    first = stack.record().terms.start
    assert stack.destroy().code == 0
    stack.yard.forward(hours=0.5)
    stack.begin()
    assert stack.record().terms.start > first
    assert stack.record().ended is None


def test_past_the_soft_end_preview_says_so_and_up_is_refused_with_the_ways_on(stack: Stack) -> None:
    stack.begin()
    stack.yard.forward(hours=13)
    preview = stack.preview()
    assert preview.code == 0, preview.text
    [first] = [line for line in preview.text.splitlines() if "warning:" in line][:1]
    assert "expired: the lease's soft end was" in first
    up = stack.up()
    assert up.code != 0
    assert f"pulumi destroy --stack {stack.name}" in up.text
    assert "raise lease.ttl" in up.text

    stack.settings({"lease.ttl": "20h"})
    longer = stack.up()
    assert longer.code == 0, longer.text
    assert stack.record().state(stack.record().terms.start) is State.LIVING
    assert len(stack.machines()) == 1


def test_past_the_hard_end_the_cloud_itself_has_deleted_the_machine(stack: Stack) -> None:
    stack.begin()
    stack.yard.forward(hours=25)
    assert stack.machines() == []
    refreshed = stack.yard.pulumi("refresh", "--yes", "--stack", stack.name)
    assert refreshed.code == 0, refreshed.text
    gone = stack.destroy()
    assert gone.code == 0, gone.text


def test_another_machine_family_shows_a_replace(stack: Stack) -> None:
    stack.begin()
    stack.settings({"workloads.workbench.accelerator": "L4:1", "workloads.workbench.memory_gib": None})
    preview = stack.preview("--diff")
    assert preview.code == 0, preview.text
    assert "+-gcp:compute/instance:Instance: (replace)" in preview.text
    assert "to replace" in preview.text


def test_a_higher_cap_changes_the_lease_and_no_machine(stack: Stack) -> None:
    stack.begin()
    stack.settings({"lease.cap_usd": 150})
    result = stack.up()
    assert result.code == 0, result.text
    assert "1 updated" in result.text
    assert str(stack.record().terms.cap_usd) == "150"


def test_a_machine_behind_the_state_makes_destroy_fail_with_its_name_and_price(stack: Stack) -> None:
    stack.begin()
    stack.plant("forgotten")
    refused = stack.destroy()
    assert refused.code != 0
    assert "forgotten" in refused.text
    assert "50.61 USD/h" in refused.text
    assert stack.machines() == ["forgotten"]

    again = stack.up()  # L7
    assert again.code != 0
    assert "ending: a destroy of this stack began" in again.text
    assert stack.machines() == ["forgotten"]

    stack.unplant("forgotten")
    gone = stack.destroy()
    assert gone.code == 0, gone.text


def test_the_doctor_lists_a_machine_that_bills_outside_of_the_state(stack: Stack) -> None:
    stack.begin()
    well = stack.yard.run("trainyard", "doctor", stack.name)
    assert well.code == 0, well.text
    stack.plant("stray-1")
    ill = stack.yard.run("trainyard", "doctor", stack.name)
    assert ill.code == 1
    assert "outside of the state, and bills: machine stray-1 in us-central1-a" in ill.text
    assert "gcloud compute instances delete stray-1" in ill.text
    stack.unplant("stray-1")
    assert stack.destroy().code == 0
