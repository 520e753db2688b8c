"""The simulated clouds' only truth: one SQLite file, safe for many threads and for a second process that reads."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from trainyard.sandbox import lives
from trainyard.servicer.codec import from_marked, to_marked

SCHEMA: Final = 2
# "deleting": the cloud took the delete and works on it; it is listed, it bills, and nothing may point at it any more.
Status = Literal["live", "stopped", "deleting", "deleted"]
EndAction = Literal["STOP", "DELETE"]

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS resources (
    type TEXT NOT NULL, id TEXT NOT NULL, package TEXT NOT NULL, project TEXT NOT NULL, place TEXT NOT NULL,
    name TEXT NOT NULL, labels TEXT NOT NULL, inputs TEXT NOT NULL, outputs TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'live', created REAL NOT NULL, changed REAL NOT NULL,
    ends REAL, end_action TEXT, owner TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (type, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS resources_ends ON resources (ends) WHERE ends IS NOT NULL;
CREATE INDEX IF NOT EXISTS resources_owner ON resources (owner) WHERE owner<>'';
CREATE INDEX IF NOT EXISTS resources_name ON resources (type, name);
CREATE INDEX IF NOT EXISTS resources_path ON resources (id COLLATE NOCASE) WHERE package='azure-native';
CREATE TABLE IF NOT EXISTS refs (  -- `references` writes and reads it
    type TEXT NOT NULL, id TEXT NOT NULL, path TEXT NOT NULL, to_type TEXT NOT NULL, to_id TEXT NOT NULL,
    PRIMARY KEY (type, id, path, to_type, to_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS refs_to ON refs (to_type, to_id);
CREATE TABLE IF NOT EXISTS lives (  -- `lives` writes and reads it
    type TEXT NOT NULL, id TEXT NOT NULL, at REAL NOT NULL, status TEXT NOT NULL, inputs TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS lives_of ON lives (type, id, at);
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_CLOCK: Final = "clock"
_COLUMNS: Final = (
    "type, id, package, project, place, name, labels, inputs, outputs, "
    "status, created, changed, ends, end_action, owner"
)
_INPUTS: Final = _COLUMNS.split(", ").index("inputs")
_PUT: Final = f"""
INSERT INTO resources ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT (type, id) DO UPDATE SET
    package=excluded.package, project=excluded.project, place=excluded.place, name=excluded.name,
    labels=excluded.labels, inputs=excluded.inputs, outputs=excluded.outputs, status=excluded.status,
    created=excluded.created, changed=excluded.changed, ends=excluded.ends, end_action=excluded.end_action,
    owner=excluded.owner
"""  # noqa: S608  column names of this file, no value of a caller


class StoreError(Exception):
    """The store's file is not what it should be; the text says what to do."""


def _unwritable(error: sqlite3.OperationalError, path: str) -> StoreError:
    if "locked" in str(error):
        return StoreError(f"{path} is held by another process ({error}): let it end, then try again")
    msg = (
        f"{path} cannot be read or written ({error}): free space on its disk, or mend its owner and mode, then try "
        "again; what it held before is whole"
    )
    return StoreError(msg)


@contextmanager
def _written() -> Iterator[None]:
    """Turns what a full or broken disk answers into a StoreError."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise _unwritable(error, "the sandbox's store") from error


class AlreadyThere(Exception):  # noqa: N818  what a cloud answers, not a mistake
    """A thing of this type and id lives already."""


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One thing that a simulated cloud gave out; a deleted one stays, so that its id is known."""

    type: str
    id: str
    package: str
    project: str = ""
    place: str = ""
    name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    status: Status = "live"
    created: float = 0.0  # seconds since 1970 on the simulated clock
    changed: float = 0.0
    ends: float | None = None  # when the cloud itself stops or deletes it
    end_action: EndAction | None = None
    owner: str = ""  # "<type> <id>" of the thing that it is deleted with


class Store:
    """Things, the simulated clock and small facts; every read first lets the cloud end what is due."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.RLock()
        self._here = threading.local()
        self._settling = False
        self._settled = -1  # the count of rows written when, in this transaction, the clouds had done all that was due
        self._read: tuple[int, dict[str, str | None]] = (-1, {})  # small facts read since that count of rows written
        self.settlers: list[Callable[[Store], None]] = []  # what the clouds do besides ending what is due
        self.watched: frozenset[str] = frozenset()  # types whose writes count in `touched`, as do those of owned things
        self.touched = 0

    @classmethod
    def open(cls, path: Path) -> Store:
        """Opens or makes the file; StoreError when it is damaged or of another schema version."""
        try:
            connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
            connection.execute("PRAGMA journal_mode=WAL")
            # Survives any end of a process; only a machine that loses its power can lose or damage it, and a rehearsal
            # can be emptied. Waiting for the disk was a quarter of what making a thing took.
            connection.execute("PRAGMA synchronous=OFF")
            cls._make_or_match(connection, path)
        except (sqlite3.DatabaseError, ValueError) as error:
            if isinstance(error, sqlite3.OperationalError) and "no such table" not in str(error):
                raise _unwritable(error, str(path)) from error
            msg = f"{path} cannot be read as the sandbox's store ({error}); empty it with `trainyard sandbox reset`"
            raise StoreError(msg) from error
        return cls(connection)

    @staticmethod
    def _make_or_match(connection: sqlite3.Connection, path: Path) -> None:
        if connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None:
            connection.executescript(_TABLES)
            connection.execute("INSERT OR IGNORE INTO meta VALUES ('schema', ?)", (str(SCHEMA),))
        found = connection.execute("SELECT value FROM meta WHERE key='schema'").fetchone()
        if found is None or found[0] != str(SCHEMA):
            given = "none" if found is None else found[0]
            msg = (
                f"{path} has schema version {given}, this Trainyard reads {SCHEMA}; "
                "use the Trainyard that made it, or empty it with `trainyard sandbox reset`"
            )
            raise StoreError(msg)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; other threads and processes wait."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            with _written():
                self._connection.execute("BEGIN IMMEDIATE")
                self._forget_what_was_seen()
                try:
                    yield
                    self._connection.execute("COMMIT")
                except BaseException:
                    if self._connection.in_transaction:  # a full disk may have ended it
                        self._connection.execute("ROLLBACK")
                    raise
                finally:
                    self._forget_what_was_seen()

    def _forget_what_was_seen(self) -> None:
        """Within a transaction nobody else writes, so what was read stands until the next row is written."""
        self._settled, self._read = -1, (-1, {})

    def now(self) -> float:
        """The simulated time, in seconds since 1970."""
        offset, speed, since = self._clock()
        real = time.time()
        return real + offset + (speed - 1) * (real - since)

    @property
    def speed(self) -> float:
        """How many simulated seconds pass in a real one."""
        return self._clock()[1]

    def set_speed(self, speed: float) -> None:
        """Lets simulated time pass at `speed` times the real one from now on; ValueError below 1."""
        if speed < 1:
            msg = f"the simulated clock cannot run slower than the real one; {speed:g} is under 1"
            raise ValueError(msg)
        with self.transaction():
            real = time.time()
            self.set_meta(_CLOCK, json.dumps([self.now() - real, speed, real]))

    def _clock(self) -> tuple[float, float, float]:
        """Seconds ahead of the real clock, speed, and since when the speed holds."""
        return _read_clock(self.meta(_CLOCK, "[0, 1, 0]"))

    def advance(self, seconds: float) -> None:
        """Moves the clock on; ValueError backwards, for a cloud's clock never goes back."""
        if seconds < 0:
            msg = f"the simulated clock goes forwards only; {seconds} seconds would turn it back"
            raise ValueError(msg)
        with self.transaction():
            offset, speed, since = self._clock()
            self.set_meta(_CLOCK, json.dumps([offset + seconds, speed, since]))
        self.settle()

    def written_elsewhere(self) -> int:
        """Another number after each write of another process."""
        version: int = self.rows("PRAGMA data_version")[0][0]
        return version

    def rows(self, sql: str, *values: object) -> Sequence[tuple[Any, ...]]:
        """What a query of the sandbox's own modules finds; no text of a caller may be in `sql`."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def run(self, sql: str, *values: object) -> None:
        """Changes a table of the sandbox's own modules; no text of a caller may be in `sql`."""
        with self._lock, _written():
            self.touched += " resources " in sql
            self._connection.execute(sql, values)

    def meta(self, key: str, default: str = "") -> str:
        with self._lock:
            if not self._connection.in_transaction:
                found = self._meta(key)
            else:
                if self._read[0] != self._connection.total_changes:
                    self._read = (self._connection.total_changes, {})
                read = self._read[1]
                found = read[key] if key in read else read.setdefault(key, self._meta(key))
        return default if found is None else found

    def _meta(self, key: str) -> str | None:
        found = self._connection.execute("SELECT value FROM meta WHERE key=?", (key,)).fetchone()
        return None if found is None else str(found[0])

    def set_meta(self, key: str, value: str) -> None:
        with self._lock, _written():
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def add(self, thing: Thing, *parts: Thing) -> Thing:
        """Puts a new thing and what comes along with it, with the present time; all or nothing.

        AlreadyThere when one of their types and ids lives; the thing as it was put.
        """
        with self.transaction():
            self.settle()
            now = self.now()
            for one in (made := self._dated(thing, now), *(self._dated(part, now) for part in parts)):
                found = self._found(one)
                if found is not None and found[0] != "deleted":
                    raise AlreadyThere(one.id)
                self._write(one, found, one.created)
        return made

    @staticmethod
    def _dated(thing: Thing, now: float) -> Thing:
        return replace(thing, created=thing.created or now, changed=now)

    def put(self, thing: Thing, when: float | None = None) -> Thing:
        """Writes a thing as given, over an older one; it changed at `when`, a time that is past, or now."""
        with self.transaction():
            now = self.now() if when is None else when
            written = self._dated(thing, now)
            found = self._found(thing)
            self._write(written, found, now if found else written.created)
        return written

    def _found(self, thing: Thing) -> tuple[str, str] | None:
        """Status and stored inputs of what lies under the thing's id, deleted or not."""
        found: tuple[str, str] | None = self._connection.execute(
            "SELECT status, inputs FROM resources WHERE type=? AND id=?", (thing.type, thing.id)
        ).fetchone()
        return found

    def _write(self, thing: Thing, found: tuple[str, str] | None, when: float) -> None:
        self.touched += bool(thing.owner) or thing.type in self.watched
        row = _row(thing)
        inputs = row[_INPUTS]
        if found is None:
            lives.begin(self._connection, thing.type, thing.id, when, thing.status)
        elif found != (thing.status, inputs):
            old = found[1] if found[1] != inputs else None
            lives.change(self._connection, thing.type, thing.id, when, thing.status, old)
        self._connection.execute(_PUT, row)

    def get(self, type: str, id: str) -> Thing | None:
        """The thing, or None when it was never given out or is deleted."""
        found = self.recall(type, id)
        return None if found is None or found.status == "deleted" else found

    def recall(self, type: str, id: str) -> Thing | None:
        """The thing, deleted or not; None when it was never given out."""
        self.settle()
        with self._lock:
            row = self._connection.execute(
                f"SELECT {_COLUMNS} FROM resources WHERE type=? AND id=?",  # noqa: S608  column names of this file
                (type, id),
            ).fetchone()
        return None if row is None else _thing(row)

    def delete(self, type: str, id: str) -> bool:
        """Marks the thing, and what it owns, as deleted; False when there is none that lives."""
        seconds = self.lingers
        with self.transaction():
            if seconds is None:
                return self._delete(type, id, self.now())
            found = self.get(type, id)
            if found is not None and found.status != "deleting":
                self.put(replace(found, status="deleting", ends=self.now() + seconds, end_action="DELETE"))
            return found is not None

    @property
    def lingers(self) -> float | None:
        """How long what this thread deletes is only being deleted, where a fault says so."""
        seconds: float | None = getattr(self._here, "lingers", None)
        return seconds

    @contextmanager
    def lingering(self, seconds: float) -> Iterator[None]:
        """What this thread deletes meanwhile is only being deleted, for so many simulated seconds."""
        self._here.lingers = seconds
        try:
            yield
        finally:
            self._here.lingers = None

    def _delete(self, type: str, id: str, when: float) -> bool:
        living = "FROM resources WHERE status<>'deleted' AND"
        going = self._connection.execute(
            f"SELECT type, id, owner<>'' {living} type=? AND id=? UNION ALL SELECT type, id, 1 {living} owner=?",
            (type, id, f"{type} {id}"),
        ).fetchall()
        self.touched += any(owned or kind in self.watched for kind, _, owned in going)
        for *gone, _ in going:
            self._connection.execute(
                "UPDATE resources SET status='deleted', changed=?, ends=NULL WHERE type=? AND id=?", (when, *gone)
            )
            lives.change(self._connection, gone[0], gone[1], when, "deleted", None)
            if gone != [type, id]:
                self._delete(gone[0], gone[1], when)
        return any((kind, own) == (type, id) for kind, own, _ in going)

    def list(
        self,
        *,
        type: str | None = None,
        package: str | None = None,
        project: str | None = None,
        place: str | None = None,
        name: str | None = None,
        label: tuple[str, str] | None = None,
        deleted: bool = False,
    ) -> Sequence[Thing]:
        """Things that fit all that is given, by type and id; deleted ones only when asked for."""
        self.settle()
        asked = {"type": type, "package": package, "project": project, "place": place, "name": name}
        given = {key: value for key, value in asked.items() if value is not None}
        where = " AND ".join([*(f"{key}=?" for key in given), *(() if deleted else ("status<>'deleted'",))]) or "1"
        with self._lock:
            rows = self._connection.execute(
                f"SELECT {_COLUMNS} FROM resources WHERE {where} ORDER BY type, id",  # noqa: S608  keys of this file
                tuple(given.values()),
            ).fetchall()
        things = (_thing(row) for row in rows)
        return [thing for thing in things if label is None or thing.labels.get(label[0]) == label[1]]

    def owned(self, type: str, id: str) -> Sequence[tuple[str, str, Status, float, float]]:
        """What is or was deleted with a thing: type, id, status, created, changed; the oldest first."""
        return self.rows(
            "SELECT type, id, status, created, changed FROM resources WHERE owner=? AND owner<>'' ORDER BY created, id",
            f"{type} {id}",
        )

    def forget(self) -> None:
        """Empties the clouds: afterwards no id was ever given out; the clock stays."""
        with self.transaction():
            self.touched += 1
            for table in ("resources", "refs", "lives"):
                self._connection.execute(f"DELETE FROM {table}")  # noqa: S608  tables of this file

    def settle(self) -> None:
        """Lets the cloud do what it does by itself: stop or delete what has reached its end, and what settlers add."""
        with self._lock:
            if self._settling or self._settled == self._connection.total_changes:
                return
            self._settling = True
            try:
                self._end_what_is_due()
                for settler in self.settlers:
                    settler(self)
                    self._end_what_is_due()
            finally:
                self._settling = False
            if self._connection.in_transaction:
                self._settled = self._connection.total_changes

    def _end_what_is_due(self) -> None:
        with self._lock:
            now = self.now()
            due = self._connection.execute("SELECT 1 FROM resources WHERE ends<=? LIMIT 1", (now,)).fetchone()
            if due is None:
                return
            with self.transaction():
                rows = self._connection.execute(
                    f"SELECT {_COLUMNS} FROM resources WHERE ends<=?",  # noqa: S608  column names of this file
                    (now,),
                ).fetchall()
                for thing in map(_thing, rows):
                    if thing.end_action == "STOP":
                        stopped = _stopped(thing)
                        self._write(stopped, self._found(thing), stopped.changed)
                    else:
                        self._delete(thing.type, thing.id, thing.ends or now)


@lru_cache(maxsize=16)  # it is asked for at every look, and seldom moves
def _read_clock(text: str) -> tuple[float, float, float]:
    offset, speed, since = json.loads(text)
    return offset, speed, since


def _stopped(thing: Thing) -> Thing:
    status = {"currentStatus": "TERMINATED"} if "currentStatus" in thing.outputs else {}
    return replace(
        thing, status="stopped", outputs={**thing.outputs, **status}, changed=thing.ends or thing.changed, ends=None
    )


def _row(thing: Thing) -> tuple[Any, ...]:
    return (
        thing.type,
        thing.id,
        thing.package,
        thing.project,
        thing.place,
        thing.name,
        _dump(thing.labels),
        _dump(thing.inputs),
        _dump(thing.outputs),
        thing.status,
        thing.created,
        thing.changed,
        thing.ends,
        thing.end_action,
        thing.owner,
    )


def _thing(row: Sequence[Any]) -> Thing:
    values = dict(zip(_COLUMNS.split(", "), row, strict=True))
    for key in ("labels", "inputs", "outputs"):
        values[key] = json.loads(values[key], object_hook=from_marked)
    return Thing(**values)


def _dump(value: Mapping[str, Any]) -> str:
    return json.dumps(value, default=to_marked, separators=(",", ":"))
