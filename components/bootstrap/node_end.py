"""The node's own end: it shuts down at the soft end that it last saw in the store, and at the hard end always."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, urlsplit

from components.bootstrap.fragment import Fragment, script, unit, values
from components.instant import check_instant

NAME = "node-end"
# A program that a workload may put on the node; it gets the time-out to write its checkpoint.
CHECKPOINT_HOOK = "/etc/trainyard/hooks/checkpoint"
_GCP_TOKEN = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token"  # noqa: S105 - an address


class SoftEnd(Protocol):
    """Where a node reads its soft end, in its cloud's words."""

    @property
    def values(self) -> Mapping[str, str]:
        """What `node_end.sh` reads of it."""


@dataclass(frozen=True, kw_only=True)
class SoftEndObject:
    """Where a node on Google Cloud reads its soft end: object `path` of `bucket`."""

    bucket: str
    path: str

    @property
    def url(self) -> str:
        """Google's own address of the object's content."""
        bucket, path = quote(self.bucket, safe=""), quote(self.path, safe="")
        return f"https://storage.googleapis.com/storage/v1/b/{bucket}/o/{path}?alt=media"

    @property
    def values(self) -> Mapping[str, str]:
        """What `node_end.sh` reads of it."""
        return {"soft-end-url": self.url, "token-url": _GCP_TOKEN}

    @property
    def resource_name(self) -> str:
        """The name that an IAM condition sees."""
        return f"projects/_/buckets/{self.bucket}/objects/{self.path}"


def soft_end_object(store_url: str, lease_id: str) -> SoftEndObject | None:
    """`<lease id>/soft-end` in a gs:// store; None for others, which a node on Google Cloud may not read."""
    store = urlsplit(store_url)
    if store.scheme != "gs":
        return None
    if not store.netloc:
        message = f"The store {store_url!r} names no bucket; write for example gs://acme-ml-dev-leases."
        raise ValueError(message)
    folder = store.path.strip("/")
    return SoftEndObject(bucket=store.netloc, path="/".join(part for part in (folder, lease_id, "soft-end") if part))


def node_end(
    *,
    hard_end: str,
    soft_end: SoftEnd | None = None,
    checkpoint_seconds: int = 0,
    checkpoint_hook: str = CHECKPOINT_HOOK,
) -> Fragment:
    """`hard_end` is RFC 3339 in UTC; the hook runs with a time-out of 1 second or more; else ValueError."""
    check_instant("hard end", hard_end)
    if checkpoint_seconds < 0:
        message = f"node_end(checkpoint_seconds={checkpoint_seconds}): must be 0 (no hook) or more."
        raise ValueError(message)
    data = {"hard-end": hard_end, **(soft_end.values if soft_end else {})}
    if checkpoint_seconds:
        data |= {"hook": checkpoint_hook, "hook-seconds": str(checkpoint_seconds)}
    service, timer = f"trainyard-{NAME}.service", f"trainyard-{NAME}.timer"
    files = (*values(NAME, data), script("node_end.sh"), unit(service), unit(timer))
    return Fragment(name=NAME, files=files, start=(timer,))
