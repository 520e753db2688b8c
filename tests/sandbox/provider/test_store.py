import sqlite3
import threading
from pathlib import Path

import pytest

from trainyard.sandbox.store import AlreadyThere, Store, StoreError, Thing
from trainyard.servicer import Secret


def thing(id: str = "a", **more: object) -> Thing:
    return Thing(**{"type": "t", "id": id, "package": "gcp", **more})  # type: ignore[arg-type]


def test_a_thing_comes_back_with_its_secrets(store: Store) -> None:
    made = store.add(thing(inputs={"key": Secret("s"), "list": [1, {"x": None}]}, labels={"a": "b"}))
    assert store.get("t", "a") == made
    assert made.created == made.changed > 0


def test_a_second_thing_of_the_same_id_is_refused_until_the_first_is_deleted(store: Store) -> None:
    store.add(thing())
    with pytest.raises(AlreadyThere):
        store.add(thing())
    assert store.delete("t", "a")
    store.add(thing())


def test_a_deleted_thing_is_remembered_but_not_listed(store: Store) -> None:
    store.add(thing())
    store.delete("t", "a")
    assert store.get("t", "a") is None
    assert store.list() == []
    remembered = store.recall("t", "a")
    assert remembered is not None
    assert remembered.status == "deleted"
    assert [found.id for found in store.list(deleted=True)] == ["a"]
    assert store.recall("t", "never") is None
    assert not store.delete("t", "a")


def test_what_a_thing_owns_is_deleted_with_it(store: Store) -> None:
    store.add(thing())
    store.add(thing("disk", owner="t a"))
    store.delete("t", "a")
    assert store.list() == []


def test_a_list_fits_everything_that_is_asked(store: Store) -> None:
    store.add(thing("a", project="p", place="z1", labels={"lease": "x"}))
    store.add(thing("b", project="p", place="z2", labels={"lease": "y"}))
    store.add(thing("c", project="q", place="z1", labels={"lease": "x"}))
    assert [found.id for found in store.list(project="p")] == ["a", "b"]
    assert [found.id for found in store.list(label=("lease", "x"))] == ["a", "c"]
    assert [found.id for found in store.list(project="p", place="z1", label=("lease", "x"))] == ["a"]


def test_the_clock_only_goes_forwards_and_is_kept(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "s")
    before = store.now()
    store.advance(3600)
    assert 3600 <= store.now() - before < 3660
    with pytest.raises(ValueError, match="forwards only"):
        store.advance(-1)
    store.close()
    again = Store.open(tmp_path / "s")
    assert again.now() - before >= 3600
    again.close()


def test_the_cloud_ends_what_is_due_when_anyone_looks(store: Store) -> None:
    now = store.now()
    store.add(thing("stops", ends=now + 100, end_action="STOP", outputs={"currentStatus": "RUNNING"}))
    store.add(thing("goes", ends=now + 100, end_action="DELETE"))
    store.add(thing("disk", owner="t goes"))
    store.add(thing("stays", ends=now + 9999, end_action="DELETE"))
    store.advance(101)
    assert [(found.id, found.status) for found in store.list()] == [("stays", "live"), ("stops", "stopped")]
    stopped = store.get("t", "stops")
    assert stopped is not None
    assert stopped.outputs["currentStatus"] == "TERMINATED"
    assert stopped.changed == pytest.approx(now + 100, abs=1)


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    store.add(thing("b"))

    def work() -> None:
        with store.transaction():
            store.add(thing("a"))
            store.add(thing("b"))

    with pytest.raises(AlreadyThere):
        work()
    assert store.delete("t", "b")
    assert store.list() == []


def test_two_stores_on_one_file_see_each_other(tmp_path: Path) -> None:
    one, two = Store.open(tmp_path / "s"), Store.open(tmp_path / "s")
    one.add(thing())
    one.advance(60)
    assert two.get("t", "a") is not None
    assert abs(two.now() - one.now()) < 1
    with pytest.raises(AlreadyThere):
        two.add(thing())
    one.close()
    two.close()


def test_many_threads_of_two_stores_add_once_each(tmp_path: Path) -> None:
    stores = [Store.open(tmp_path / "s") for _ in range(2)]
    won: list[int] = []

    def race(store: Store) -> None:
        for number in range(20):
            try:
                store.add(thing(str(number)))
                won.append(number)
            except AlreadyThere:
                continue

    threads = [threading.Thread(target=race, args=(store,)) for store in stores for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == list(range(20))
    for store in stores:
        store.close()


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be read as one" * 100, b"\x00" * 4096])
def test_a_damaged_file_is_an_error_that_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "s"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"cannot be read as the sandbox's store .*`trainyard sandbox reset`"):
        Store.open(path)


def test_another_schema_version_is_an_error_that_names_both(tmp_path: Path) -> None:
    path = tmp_path / "s"
    Store.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value='99' WHERE key='schema'")
    connection.close()
    with pytest.raises(StoreError, match=r"has schema version 99, this Trainyard reads 2; .*`trainyard sandbox reset`"):
        Store.open(path)


def test_a_database_of_something_else_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE other (x)")
    connection.close()
    with pytest.raises(StoreError, match="trainyard sandbox reset"):
        Store.open(path)


def test_a_disk_that_is_full_is_named_and_what_was_there_stays(store: Store) -> None:
    def thing(name: str, text: str = "") -> Thing:
        return Thing(type="aws:s3/bucket:Bucket", id=name, package="aws", name=name, inputs={"text": text})

    store.add(thing("before"))
    store._connection.execute("PRAGMA max_page_count=1")  # SQLite takes the present size as the limit
    with pytest.raises(StoreError, match=r"full.*free space on its disk"):
        store.add(thing("too-much", "x" * 1_000_000))
    assert [one.name for one in store.list()] == ["before"]
    store._connection.execute("PRAGMA max_page_count=100000")
    store.add(thing("after", "x" * 1_000_000))
    assert [one.name for one in store.list()] == ["after", "before"]
