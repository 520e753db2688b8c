"""The one store of lease records: read, write on condition, keep what has ended."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from trainyard.facts.expiry import format_time, parse_time
from trainyard.lease.bucket import Always, Blob, Bucket, New, Replacing
from trainyard.lease.codec import from_json, to_json
from trainyard.lease.errors import Conflict, RecordMissingError
from trainyard.lease.files import FileBucket
from trainyard.lease.place import parse
from trainyard.lease.record import Record

_TRIES = 12


@dataclass(frozen=True)
class Absent:
    """The store answered: there is no such record."""


@dataclass(frozen=True)
class Damaged:
    """Something lies at the record's key that is no record; `text` says why."""

    text: str
    version: str


@dataclass(frozen=True)
class Held:
    """A record, and the version that a replace needs."""

    record: Record
    version: str


Reading = Absent | Damaged | Held


class Store:
    """Objects per lease: `<id>/record.json`, `<id>/soft-end` for nodes, `<id>/ended/…` and `<id>/damaged/…`."""

    def __init__(self, url: str, bucket: Bucket) -> None:
        self.url = url
        self._bucket = bucket

    def read(self, lease_id: str) -> Reading:
        """What lies under the id; StoreUnreachable when that is not known, RecordTooNewError for a later version's."""
        blob = self._bucket.get(_key(lease_id))
        if blob is None:
            return Absent()
        try:
            record = from_json(blob.body)
        except (ValueError, TypeError) as error:
            return Damaged(f"the record of lease {lease_id} in {self.url} is damaged: {error}", blob.version)
        return Held(record, blob.version)

    def create(self, record: Record) -> str:
        """Write a record where none is, return its version; Conflict when there is one."""
        return self._bucket.put(_key(record.id), to_json(record), New())

    def replace(self, record: Record, version: str) -> str:
        """Write over that version, return the new one; Conflict when another is there."""
        return self._bucket.put(_key(record.id), to_json(record), Replacing(version))

    def update(self, lease_id: str, change: Callable[[Record], Record]) -> Record:
        """Apply one writer's change; on a conflict read again and apply it to what is there then."""
        for attempt in range(_TRIES):
            match self.read(lease_id):
                case Held(record, version):
                    changed = change(record)
                    if changed == record:
                        return record
                    try:
                        self.replace(changed, version)
                    except Conflict:
                        time.sleep(random.uniform(0, 0.02 * 2 ** min(attempt, 5)))  # noqa: S311 - a pause, no secret
                        continue
                    return changed
                case Damaged(text):
                    message = f"{text}; run `pulumi up`, which writes it again from the state."
                    raise RecordMissingError(message)
                case Absent():
                    message = f"lease {lease_id} has no record in {self.url}; run `pulumi up`, which writes it again."
                    raise RecordMissingError(message)
        message = f"the record of lease {lease_id} changed {_TRIES} times while we wrote; run again."
        raise Conflict(message)

    def archive(self, lease_id: str) -> None:
        """Keep what lies at the record's key before it is written over: budgets sum over ended records."""
        blob = self._bucket.get(_key(lease_id))
        if blob is None:
            return
        try:
            record = from_json(blob.body)
            key = f"{lease_id}/ended/{format_time(record.terms.start)}.json"
        except (ValueError, TypeError):
            key = f"{lease_id}/damaged/{format_time(blob.written)}.json"
        self._bucket.put(key, blob.body, Always())

    def take_back(self, lease_id: str, version: str) -> bool:
        """Delete the record that we just created; False when somebody has written since."""
        return self._bucket.delete(_key(lease_id), version)

    def written(self, lease_id: str) -> datetime | None:
        """When the record was last written, by the store's own clock."""
        blob = self._bucket.get(_key(lease_id))
        return blob.written if blob else None

    def ended(self, lease_id: str, start: datetime) -> Record | None:
        """An archived record, by the start of its lease."""
        blob: Blob | None = self._bucket.get(f"{lease_id}/ended/{format_time(start)}.json")
        return from_json(blob.body) if blob else None

    def archived(self, lease_id: str) -> tuple[Record, ...]:
        """All earlier leases of that id, the oldest first; what lies there and is no record is left out."""
        found = []
        for key in self._bucket.keys(f"{lease_id}/ended"):
            blob = self._bucket.get(key)
            if blob is None:
                continue
            try:
                found.append(from_json(blob.body))
            except (ValueError, TypeError):
                continue
        return tuple(found)

    def list_ids(self) -> tuple[str, ...]:
        """All leases that the store knows, living and ended, sorted."""
        return tuple(name for name in self._bucket.folders() if not name.startswith("."))

    def publish_soft_end(self, lease_id: str, when: datetime) -> None:
        """Write the object that the lease's nodes read once a minute; they may read nothing else."""
        self._bucket.put(f"{lease_id}/soft-end", f"{format_time(when)}\n".encode(), Always())

    def soft_end(self, lease_id: str) -> datetime | None:
        """What the nodes read."""
        blob = self._bucket.get(f"{lease_id}/soft-end")
        return parse_time(blob.body.decode().strip()) if blob else None


def open_store(url: str) -> Store:
    """The store that a URL names (file, gs, s3, az); StoreUrlError for any other; nothing is called yet."""
    place = parse(url)
    if place.scheme == "file":
        return Store(url, FileBucket(place.folder))
    from trainyard.lease.objects import ObjectBucket  # the library costs start-up time, and a folder needs none of it

    return Store(url, ObjectBucket(place))


def _key(lease_id: str) -> str:
    return f"{lease_id}/record.json"
