"""The lease's faults on the real engine, by their numbers in the lease's contract (L1 to L20)."""

import signal
import time
from datetime import timedelta

import pytest

from tests.lease.conftest import BucketServer
from tests.provider.conftest import CLOUD_PROJECT, ZONE, Program
from trainyard.facts.expiry import format_time, to_minute
from trainyard.facts.origin import now

pytestmark = pytest.mark.engine
LEASE = "trainyard:index:Lease"
CHILD = "random:index/randomPet:RandomPet"
SCOPE = f"gcp:{CLOUD_PROJECT}"


def test_l1_a_lost_answer_is_adopted_with_the_same_times(program: Program) -> None:
    program.lose_the_answer_of("Create", "up")
    first = program.record()
    assert LEASE not in program.state()
    program.control("clock", seconds=3600)
    result = program.up()
    assert result.code == 0, result.text
    second = program.record()
    assert second.terms == first.terms
    assert second.holder != first.holder
    assert program.destroy().code == 0


def test_l2_a_store_that_is_down_builds_nothing(program: Program) -> None:
    program.write(store="gs://leases?endpoint=http://127.0.0.1:1")
    result = program.up()
    assert result.code != 0
    assert "the store of lease records gs://leases?endpoint=http://127.0.0.1:1 cannot be used" in result.text
    assert not {LEASE, CHILD} & set(program.state())


@pytest.mark.parametrize("damage", ["deleted", "cut"])
def test_l3_a_lost_record_is_warned_of_and_written_again_with_the_old_times(program: Program, damage: str) -> None:
    program.begin()
    before = program.record()
    if damage == "deleted":
        program.record_file.unlink()
    else:
        program.record_file.write_bytes(program.record_file.read_bytes()[:200])
    program.control("clock", seconds=3600)
    refresh = program.run("refresh", "--yes", "--skip-preview")
    assert refresh.code == 0, refresh.text
    assert "writes it again from the state" in refresh.text
    assert LEASE in program.state()
    result = program.up()
    assert result.code == 0, result.text
    assert program.record().terms == before.terms
    assert program.run("preview", "--expect-no-changes").code == 0


def test_l3_destroy_without_a_record_still_looks(program: Program) -> None:
    program.begin()
    program.plant("stray-3")
    program.record_file.unlink()
    result = program.destroy()
    assert result.code != 0
    assert "machine stray-3" in result.text
    assert program.record().ending is not None


@pytest.mark.parametrize("way", ["replace", "taint"])
def test_l4_a_replaced_lease_is_taken_over_and_the_old_holder_does_nothing(program: Program, way: str) -> None:
    program.begin()
    program.plant("lab-4")
    before = program.record()
    urn = program.state()[LEASE]["urn"]
    if way == "replace":
        result = program.up("--replace", urn)
    else:
        assert program.run("state", "taint", urn, "--yes").code == 0
        result = program.up()
    assert result.code == 0, result.text
    after = program.record()
    assert after.ending is None
    assert after.holder != before.holder
    assert after.holder_in_state
    assert after.terms == before.terms
    assert program.destroy().code != 0
    program.unplant("lab-4")
    assert program.destroy().code == 0


def test_l4_a_replace_whose_answer_was_lost_does_not_let_destroy_end_green(program: Program) -> None:
    program.begin()
    program.plant("lab-5")
    program.lose_the_answer_of("Create", "up", "--replace", program.state()[LEASE]["urn"])
    result = program.destroy()
    assert result.code != 0
    assert "machine lab-5" in result.text
    program.unplant("lab-5")
    assert program.destroy().code == 0


def test_l5_an_excluded_lease_builds_nothing(program: Program) -> None:
    urn = f"urn:pulumi:{program.stack}::{program.name}::{LEASE}::lease"
    result = program.up("--exclude", urn)
    assert result.code != 0
    assert "the lease was left out of this run" in result.text
    assert CHILD not in program.state()
    assert not program.record_file.exists()


def test_l6_a_lost_state_is_adopted_and_what_bills_is_named(program: Program) -> None:
    program.begin()
    before = program.record()
    program.plant("lab-6")
    assert program.run("stack", "rm", "--force", "--yes", "--preserve-config").code == 0
    assert program.run("stack", "init", program.stack).code == 0
    program.control("clock", seconds=3600)
    result = program.up()
    assert result.code == 0, result.text
    assert "was taken over" in result.text
    assert f"machine lab-6 in {ZONE}" in result.text
    assert program.record().terms == before.terms


def test_l7_up_after_a_refused_destroy_is_refused_and_makes_nothing(program: Program) -> None:
    program.begin()
    program.plant("lab-7")
    assert program.destroy().code != 0
    result = program.up()
    assert result.code != 0
    assert f"lease {program.id} is ending" in result.text
    assert CHILD not in program.state()


def test_l8_a_renamed_stack_is_stopped_before_any_child_and_goes_on_when_renamed_back(program: Program) -> None:
    program.begin()
    assert program.run("stack", "rename", "dev-other").code == 0
    result = program.up()
    assert result.code != 0
    assert "pulumi stack rename dev-lab" in result.text
    assert program.run("stack", "rename", "dev-lab").code == 0
    assert program.run("preview", "--expect-no-changes").code == 0


def test_l9_the_same_stack_in_a_second_backend_is_refused_until_the_first_has_ended(program: Program) -> None:
    program.begin()
    second = program.sandbox.folder / "backend" / "second"
    second.mkdir(exist_ok=True)
    other = {"PULUMI_BACKEND_URL": second.as_uri()}
    assert program.run("stack", "init", program.stack, **other).code == 0
    result = program.up(**other)
    assert result.code != 0
    assert "is held by a state in another backend" in result.text
    assert str(second) in result.text
    assert program.destroy().code == 0
    result = program.up(**other)
    assert result.code == 0, result.text


def test_l12_a_lease_cannot_be_imported(program: Program) -> None:
    result = program.run("import", LEASE, "lease", program.id, "--yes", "--generate-code=false")
    assert result.code != 0
    assert "a lease cannot be imported" in result.text


def test_l12_a_running_machine_is_imported_under_the_lease_and_destroyed_with_it(program: Program) -> None:
    machine = f"projects/{CLOUD_PROJECT}/zones/{ZONE}/instances/lab-12"
    arguments = ("gcp:compute/instance:Instance", "lab", machine, "--yes", "--protect=false", "--generate-code=false")
    urn = f"urn:pulumi:{program.stack}::{program.name}::{LEASE}::lease"
    program.plant("lab-12")
    assert program.run("import", *arguments, "--parent", f"lease={urn}").code != 0
    program.begin()
    result = program.run("import", *arguments, "--parent", f"lease={urn}")
    assert result.code == 0, result.text
    assert program.destroy().code == 0


def test_l13_a_program_whose_clock_runs_ahead_leaves_no_record(program: Program) -> None:
    start = to_minute(now(program.sandbox)).timestamp() + 3600
    ahead = [
        format_time(to_minute(now(program.sandbox)).fromtimestamp(start + more).astimezone()) for more in (0, 86400)
    ]
    program.write(start=ahead[0], hard_end=ahead[1])
    result = program.up()
    assert result.code != 0
    assert "over 5 minutes apart" in result.text
    assert not program.record_file.exists()


@pytest.mark.parametrize("hours", [1, -1])
def test_l13_a_store_whose_clock_is_another_takes_the_record_back(program: Program, hours: int) -> None:
    server = BucketServer()
    server.clock_off = timedelta(hours=hours)
    program.write(store=f"gs://leases?endpoint={server.url}")
    result = program.up()
    assert result.code != 0
    assert "over 5 minutes apart" in result.text
    assert server.objects == {}
    server.shutdown()
    server.server_close()


def test_without_the_right_to_list_there_is_no_lease(program: Program) -> None:
    program.break_list("refuse", code=403, message="Required 'compute.instances.list' permission")
    result = program.up()
    assert result.code != 0
    assert f"{SCOPE} cannot be listed: 403" in result.text
    assert "No right to list, no lease" in result.text
    assert not program.record_file.exists()
    assert not {LEASE, CHILD} & set(program.state())


def test_l17_expired_credentials_at_destroy_name_the_scope_and_leave_the_lease_ending(program: Program) -> None:
    program.begin()
    program.break_list("expired-credentials")
    result = program.destroy()
    assert result.code != 0
    assert f"{SCOPE} cannot be listed: no valid login" in result.text
    assert program.record().ending is not None
    assert LEASE in program.state()
    program.control("faults", faults=[])
    assert program.destroy().code == 0


def test_l18_a_disk_that_was_left_bills_and_holds_the_lease(program: Program) -> None:
    program.begin()
    labels = {"trainyard-lease": program.id}
    disk = {"name": "left-18", "sizeGb": "100", "labels": labels}
    program.google().disks().insert(project=CLOUD_PROJECT, zone=ZONE, body=disk).execute()
    result = program.destroy()
    assert result.code != 0
    assert f"disk left-18 in {ZONE}" in result.text
    assert "price unknown" in result.text


def test_l19_a_machine_that_the_first_list_omits_is_seen_by_the_second(program: Program) -> None:
    program.begin()
    program.plant("late-19")
    program.break_list("lag", seconds=60)
    result = program.destroy()
    assert result.code != 0
    assert "machine late-19" in result.text
    assert program.record().ended is None


def test_l19_an_interrupted_wait_ends_at_once_and_can_be_resumed(program: Program) -> None:
    program.begin()
    program.control("clock", waits="real")
    process = program.start("destroy", "--yes", "--skip-preview", "--non-interactive")
    deadline = time.monotonic() + 60
    while program.record().ending is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(2)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    text, _ = process.communicate(timeout=60)
    assert time.monotonic() - began < 20
    assert process.returncode != 0
    assert "interrupted between the two looks" in text
    assert LEASE in program.state()
    program.control("clock", waits="instant")
    result = program.destroy()
    assert result.code == 0, result.text


def test_l20_delete_again_after_the_last_look_is_clean_and_keeps_the_certificate(program: Program) -> None:
    program.begin()
    program.lose_the_answer_of("Delete", "destroy")
    certificate = program.record().certificate
    assert certificate is not None
    assert LEASE in program.state()
    result = program.destroy()
    assert result.code == 0, result.text
    assert program.record().certificate == certificate
    assert LEASE not in program.state()
