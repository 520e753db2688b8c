"""The lease on the real engine: its whole life, and what each command of the CLI may and may not do to it."""

import pytest

from tests.provider.conftest import CLOUD_PROJECT, ZONE, Program

pytestmark = pytest.mark.engine
LEASE = "trainyard:index:Lease"
CHILD = "random:index/randomPet:RandomPet"


def test_up_writes_the_record_and_destroy_ends_it_with_a_certificate(program: Program) -> None:
    result = program.up()
    assert result.code == 0, result.text
    record = program.record()
    assert (record.ending, record.ended, record.scopes) == (None, None, (f"gcp:{CLOUD_PROJECT}",))
    state = program.state()
    assert state[CHILD]["parent"] == state[LEASE]["urn"]
    assert program.store.soft_end(program.id) == record.expiry.soft_end
    result = program.destroy()
    assert result.code == 0, result.text
    ended = program.record()
    assert ended.ended is not None
    assert ended.certificate is not None
    first, second = ended.certificate.looks
    assert (second.at - first.at).total_seconds() >= 60


def test_a_new_lease_after_an_ended_one_keeps_the_old_record(program: Program) -> None:
    program.begin()
    first = program.record()
    assert program.destroy().code == 0
    program.control("clock", seconds=3600)
    program.begin()
    second = program.record()
    assert second.terms.start > first.terms.start
    assert second.ended is None
    kept = program.store.ended(program.id, first.terms.start)
    assert kept is not None
    assert kept.certificate is not None


def test_an_hour_later_nothing_has_changed_and_neither_preview_nor_refresh_calls_a_cloud(program: Program) -> None:
    program.begin()
    program.control("clock", seconds=3600)
    program.break_list("refuse", code=403)
    preview = program.run("preview", "--expect-no-changes")
    assert preview.code == 0, preview.text
    refresh = program.run("refresh", "--yes", "--skip-preview")
    assert refresh.code == 0, refresh.text
    assert LEASE in program.state()


def test_a_first_preview_knows_the_times_and_writes_no_record(program: Program) -> None:
    result = program.run("preview")
    assert result.code == 0, result.text
    assert "terms" in result.text
    assert "Z" in result.text.partition("terms")[2]
    assert not program.record_file.exists()


def test_a_longer_ttl_is_an_update_that_moves_the_soft_end(program: Program) -> None:
    program.begin()
    program.write(ttl_minutes=1000)
    result = program.up()
    assert result.code == 0, result.text
    record = program.record()
    assert (record.expiry.soft_end - record.terms.start).total_seconds() == 1000 * 60
    assert program.store.soft_end(program.id) == record.expiry.soft_end


def test_a_planted_machine_makes_destroy_fail_with_its_name_and_price_and_the_way_out(program: Program) -> None:
    program.begin()
    program.plant("stray-1")
    result = program.destroy()
    assert result.code != 0
    assert f"machine stray-1 in {ZONE}" in result.text
    assert "USD/h" in result.text
    assert "guard" not in result.text  # what is not built is no way out
    assert "trainyard sandbox reset" in result.text
    assert program.record().ending is not None
    program.unplant("stray-1")
    assert program.destroy().code == 0
    assert program.record().ended is not None


def test_a_machine_of_another_lease_does_not_hold_this_one(program: Program) -> None:
    program.begin()
    program.plant("stray-2", labels={"trainyard-lease": "dev-lab-ffffffff"})
    result = program.destroy()
    assert result.code == 0, result.text
