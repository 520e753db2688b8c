"""The folder store: whole writes on condition, also when many write at once, in threads and in processes."""

import multiprocessing
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from trainyard.lease import (
    Absent,
    Attempt,
    Conflict,
    Damaged,
    Extension,
    Held,
    Record,
    RecordMissingError,
    StoreUnreachable,
    open_store,
    with_attempt,
    with_extension,
)

MINUTE = timedelta(minutes=1)


def extend(url: str, lease_id: str, who: str, times: int) -> None:
    for number in range(times):
        open_store(url).update(
            lease_id,
            lambda held, number=number: with_extension(
                held, Extension(span=MINUTE, granted=held.terms.start, by=f"{who}-{number}")
            ),
        )


def attempt(url: str, lease_id: str, who: str, times: int) -> None:
    for number in range(times):
        open_store(url).update(
            lease_id,
            lambda held, number=number: with_attempt(
                held, Attempt(workload="lab", candidate=f"{who}-{number}", at=held.terms.start, outcome="tried")
            ),
        )


@pytest.fixture
def url(tmp_path: Path) -> str:
    return (tmp_path / "leases").as_uri()


def test_what_was_created_is_read_and_what_is_not_there_is_absent(url: str, record: Record) -> None:
    store = open_store(url)
    assert store.read(record.id) == Absent()
    version = store.create(record)
    assert store.read(record.id) == Held(record, version)
    assert store.list_ids() == (record.id,)


def test_a_second_create_is_a_conflict(url: str, record: Record) -> None:
    store = open_store(url)
    store.create(record)
    with pytest.raises(Conflict, match="written by somebody else"):
        store.create(record)


def test_a_replace_over_an_older_version_is_a_conflict(url: str, record: Record) -> None:
    store = open_store(url)
    version = store.create(record)
    extend(url, record.id, "ada", 1)
    with pytest.raises(Conflict):
        store.replace(record, version)


def test_exactly_one_of_many_creates_wins(url: str, record: Record) -> None:
    won: list[int] = []
    barrier = threading.Barrier(16)

    def create(number: int) -> None:
        barrier.wait()
        try:
            open_store(url).create(record)
        except Conflict:
            return
        won.append(number)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_two_writers_in_threads_lose_nothing_of_each_other(url: str, record: Record) -> None:
    open_store(url).create(record)
    writers = [
        threading.Thread(target=extend, args=(url, record.id, "guard", 20)),
        threading.Thread(target=attempt, args=(url, record.id, "up", 20)),
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    match open_store(url).read(record.id):
        case Held(held):
            assert (len(held.extensions), len(held.attempts)) == (20, 20)
        case other:
            pytest.fail(str(other))


def test_two_writers_in_processes_lose_nothing_of_each_other(url: str, record: Record) -> None:
    open_store(url).create(record)
    context = multiprocessing.get_context("fork")
    writers = [
        context.Process(target=extend, args=(url, record.id, "guard", 20)),
        context.Process(target=attempt, args=(url, record.id, "up", 20)),
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    match open_store(url).read(record.id):
        case Held(held):
            assert (len(held.extensions), len(held.attempts)) == (20, 20)
        case other:
            pytest.fail(str(other))


def test_a_cut_record_is_damaged_and_not_absent(url: str, record: Record, tmp_path: Path) -> None:
    store = open_store(url)
    store.create(record)
    file = tmp_path / "leases" / record.id / "record.json"
    file.write_bytes(file.read_bytes()[:100])
    reading = store.read(record.id)
    assert isinstance(reading, Damaged)
    assert f"the record of lease {record.id} in {url} is damaged" in reading.text
    with pytest.raises(RecordMissingError, match="run `pulumi up`"):
        store.update(record.id, lambda held: held)


def test_an_ended_record_is_kept_before_it_is_written_over(url: str, record: Record) -> None:
    store = open_store(url)
    store.create(record)
    store.archive(record.id)
    assert store.ended(record.id, record.terms.start) == record


def test_a_damaged_record_is_kept_aside(url: str, record: Record, tmp_path: Path) -> None:
    folder = tmp_path / "leases" / record.id
    folder.mkdir(parents=True)
    (folder / "record.json").write_bytes(b"{cut")
    open_store(url).archive(record.id)
    assert [path.read_bytes() for path in (folder / "damaged").iterdir()] == [b"{cut"]


def test_a_record_is_taken_back_only_in_the_version_that_we_wrote(url: str, record: Record) -> None:
    store = open_store(url)
    version = store.create(record)
    extend(url, record.id, "ada", 1)
    assert store.take_back(record.id, version) is False
    reading = store.read(record.id)
    assert isinstance(reading, Held)
    assert store.take_back(record.id, reading.version) is True
    assert store.read(record.id) == Absent()


def test_nodes_read_the_soft_end_from_an_object_of_their_own(url: str, record: Record, tmp_path: Path) -> None:
    store = open_store(url)
    assert store.soft_end(record.id) is None
    store.publish_soft_end(record.id, record.expiry.soft_end)
    assert store.soft_end(record.id) == record.expiry.soft_end
    assert (tmp_path / "leases" / record.id / "soft-end").read_text() == "2026-11-24T14:00:00Z\n"


def test_a_folder_that_cannot_be_used_is_unreachable_and_not_absent(tmp_path: Path, record: Record) -> None:
    (tmp_path / "leases").write_text("a file, no folder")
    store = open_store((tmp_path / "leases").as_uri())
    for call in (lambda: store.read(record.id), lambda: store.create(record), store.list_ids):
        with pytest.raises(StoreUnreachable, match="Nothing is known about the record"):
            call()


def test_a_crash_while_writing_leaves_the_old_record_whole(url: str, record: Record, tmp_path: Path) -> None:
    store = open_store(url)
    store.create(record)
    (tmp_path / "leases" / record.id / ".draft").write_bytes(b"{half")
    reading = store.read(record.id)
    assert isinstance(reading, Held)
    assert reading.record == record
