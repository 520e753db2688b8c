"""What exists in the sandbox, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the store loads Pulumi's protocol, which takes half a second
    from trainyard.sandbox.store import Store, Thing

_LEASE, _WORKLOAD = "trainyard-lease", "trainyard-workload"


@dataclass(frozen=True, kw_only=True)
class Row:
    package: str
    kind: str  # the type's token
    name: str
    id: str
    project: str
    place: str
    status: str  # "RUNNING", "TERMINATED", else "live", "stopped" or "deleting"
    lease: str
    workload: str
    labels: Mapping[str, str]
    since: str  # RFC 3339, simulated time


def rows(store: Store) -> tuple[Row, ...]:
    """Everything that lives, by package, kind, place and name; what a world file declares is in no stack."""
    declared = set(store.rows("SELECT type, id FROM refs WHERE to_type='world file'"))
    found = (_row(thing) for thing in store.list() if (thing.type, thing.id) not in declared)
    return tuple(sorted(found, key=lambda row: (row.package, row.kind, row.place, row.name)))


def as_json(found: Iterable[Row]) -> list[dict[str, Any]]:
    """The rows as plain values."""
    return [asdict(row) for row in found]


def cells(row: Row) -> Sequence[str]:
    """The row as the table shows it: kind, name, place, status, lease, workload, since."""
    module, _, kind = row.kind.rpartition(":")
    short = f"{module.partition('/')[0]}:{kind}".replace(":index:", ":")
    return (short, row.name, row.place or "-", row.status, row.lease or "-", row.workload or "-", row.since)


def _row(thing: Thing) -> Row:
    shown = thing.status if thing.status == "deleting" else str(thing.outputs.get("currentStatus") or thing.status)
    return Row(
        package=thing.package,
        kind=thing.type,
        name=thing.name or thing.id,
        id=thing.id,
        project=thing.project,
        place=thing.place,
        status=shown,
        lease=thing.labels.get(_LEASE, ""),
        workload=thing.labels.get(_WORKLOAD, ""),
        labels=dict(thing.labels),
        since=datetime.fromtimestamp(int(thing.created), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
