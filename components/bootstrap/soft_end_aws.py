"""Where a node on AWS reads its lease's soft end: an object of S3, by the AWS CLI that its image brings."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True)
class SoftEndObject:
    """Object `path` of `bucket`."""

    bucket: str
    path: str

    @property
    def arn(self) -> str:
        """The name that a policy has for it."""
        return f"arn:aws:s3:::{self.bucket}/{self.path}"

    @property
    def values(self) -> Mapping[str, str]:
        """What `node_end.sh` reads of it."""
        return {"soft-end-s3": f"s3://{self.bucket}/{self.path}"}


def soft_end_object(store_url: str, lease_id: str) -> SoftEndObject | None:
    """`<lease id>/soft-end` in an s3:// store; None for others, which a node on AWS may not read."""
    store = urlsplit(store_url)
    if store.scheme != "s3":
        return None
    if not store.netloc:
        message = f"The store {store_url!r} names no bucket; write for example s3://acme-ml-dev-leases."
        raise ValueError(message)
    folder = store.path.strip("/")
    return SoftEndObject(bucket=store.netloc, path="/".join(part for part in (folder, lease_id, "soft-end") if part))
