"""Where a store lies: its URL, taken apart and checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from trainyard.lease.errors import StoreUrlError

_SCHEMES = ("file", "gs", "s3", "az")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_QUERY = {"file": (), "gs": ("endpoint",), "s3": ("endpoint", "region"), "az": ("endpoint", "account")}
_EXAMPLES = (
    '"gs://acme-ml-dev-leases", "s3://BUCKET?region=eu-west-1", "az://CONTAINER?account=NAME" or "file:///srv/leases"'
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A folder, or a prefix in a bucket."""

    url: str
    scheme: str  # "file", "gs", "s3", "az"
    bucket: str  # empty for a folder
    prefix: str  # path in the bucket, or the folder's absolute path
    endpoint: str | None = None  # a server on loopback that stands in for the cloud's
    region: str | None = None
    account: str | None = None

    @property
    def folder(self) -> Path:
        """The folder of a file:// store."""
        return Path(self.prefix)


def parse(url: str) -> Place:
    """The place that a URL names; StoreUrlError with examples otherwise."""
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        raise _no_place(url, f"its scheme is none of {', '.join(_SCHEMES)}")
    query = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    if unknown := sorted(set(query) - set(_QUERY[parts.scheme])):
        allowed = ", ".join(_QUERY[parts.scheme]) or "none"
        raise _no_place(url, f'"{unknown[0]}" is no key here, allowed after "?": {allowed}')
    path = unquote(parts.path)
    if ".." in path.split("/"):
        raise _no_place(url, 'its path holds ".."')
    if parts.scheme == "file":
        if parts.netloc not in ("", "localhost") or not path.startswith("/") or path == "/":
            raise _no_place(url, "a file store needs an absolute folder on this machine, with three slashes")
        return Place(url=url, scheme="file", bucket="", prefix=path.rstrip("/"))
    if not parts.netloc:
        raise _no_place(url, "it names no bucket")
    endpoint = query.get("endpoint")
    if endpoint is not None and urlsplit(endpoint).hostname not in _LOOPBACK:
        raise _no_place(url, f'endpoint "{endpoint}" is not on this machine; only 127.0.0.1 is allowed there')
    if parts.scheme == "az" and not query.get("account"):
        raise _no_place(url, "a container lies in a storage account: add ?account=NAME")
    return Place(
        url=url,
        scheme=parts.scheme,
        bucket=parts.netloc,
        prefix=path.strip("/"),
        endpoint=endpoint.rstrip("/") if endpoint else None,
        region=query.get("region"),
        account=query.get("account"),
    )


def _no_place(url: str, reason: str) -> StoreUrlError:
    return StoreUrlError(f'leases: "{url}" names no store of records: {reason}. Give for example {_EXAMPLES}.')
