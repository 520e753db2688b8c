"""Records in object storage (Google Cloud Storage, S3, Azure Blob), through obstore."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import AzureStore, GCSStore, S3Store

from trainyard.lease.bucket import Blob, Condition, New, Replacing
from trainyard.lease.errors import Conflict, StoreUnreachable
from trainyard.lease.google_login import GoogleLogin
from trainyard.lease.place import Place

if TYPE_CHECKING:
    from obstore.store import ClientConfig, GCSCredential, RetryConfig

# Together at most 15 seconds: the last try may begin just before the retry time is over.
_RETRY: RetryConfig = {
    "max_retries": 4,
    "retry_timeout": timedelta(seconds=10),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=3), "base": 2},
}
_TIMEOUTS: ClientConfig = {"timeout": "5s", "connect_timeout": "3s"}
_LOOPBACK_KEYS = {"access_key_id": "loopback", "secret_access_key": "loopback"}  # servers there take any, but want one
_LOGIN = {
    "gs": "gcloud auth application-default login",
    "s3": 'eval "$(aws configure export-credentials --format env)"',
    "az": "az login, with AZURE_USE_AZURE_CLI=true in the environment",
}


class ObjectBucket:
    """A bucket or container, or a prefix in one."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._store = _open(place)

    def get(self, key: str) -> Blob | None:
        with self._named_errors():
            try:
                found = obstore.get(self._store, key)
            except FileNotFoundError:
                # A missing bucket answers the same: only a list tells that there is a place without the object.
                obstore.list_with_delimiter(self._store, "")
                return None
            meta = found.meta
            return Blob(body=bytes(found.bytes()), version=_version(meta), written=meta["last_modified"])

    def put(self, key: str, body: bytes, condition: Condition) -> str:
        mode: Any = "overwrite"
        match condition:
            case New():
                mode = "create"
            case Replacing(version):
                mode = json.loads(version)
        with self._named_errors():
            try:
                return _version(obstore.put(self._store, key, body, mode=mode))
            except (AlreadyExistsError, PreconditionError) as error:
                # A first try may have arrived although its answer was lost; then what lies there is ours.
                found = self.get(key)
                if found is not None and found.body == body:
                    return found.version
                message = f"{self._place.url}: {key} was written by somebody else meanwhile; read it again."
                raise Conflict(message) from error

    def delete(self, key: str, version: str) -> bool:
        # No object store deletes on condition through obstore; the time between is some milliseconds.
        found = self.get(key)
        if found is None or found.version != version:
            return False
        with self._named_errors():
            obstore.delete(self._store, key)
        return True

    def folders(self) -> tuple[str, ...]:
        with self._named_errors():
            listed = obstore.list_with_delimiter(self._store)
        prefixes = (str(prefix).rstrip("/").rpartition("/")[2] for prefix in listed["common_prefixes"])
        return tuple(sorted(prefixes))

    def keys(self, folder: str) -> tuple[str, ...]:
        with self._named_errors():
            pages = obstore.list(self._store, f"{folder}/")
            return tuple(sorted(str(found["path"]) for page in pages for found in page))

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError, ValueError) as error:
            raise StoreUnreachable(self._explain(error)) from error

    def _explain(self, error: Exception) -> str:
        what = str(error).partition("\n\nDebug source")[0].strip()
        place = self._place
        return (
            f"the store of lease records {place.url} cannot be used: {what}. Nothing is known about the record. See "
            f"that the bucket exists, that this machine reaches it, and log in ({_LOGIN[place.scheme]}); run again."
        )


def _version(result: Any) -> str:
    found = {key: result[key] for key in ("e_tag", "version") if result.get(key)}
    return json.dumps(found, sort_keys=True)


def _loopback_token() -> GCSCredential:
    # Not skip_signature: with it obstore still asks the machine's metadata server for a token before it writes.
    return {"token": "loopback", "expires_at": None}


def _open(place: Place) -> GCSStore | S3Store | AzureStore:
    shared: dict[str, Any] = {
        "prefix": place.prefix or None,
        "client_options": {**_TIMEOUTS, "allow_http": place.endpoint is not None},
        "retry_config": _RETRY,
    }
    match place.scheme:
        case "gs" if place.endpoint is not None:
            return GCSStore(place.bucket, base_url=place.endpoint, credential_provider=_loopback_token, **shared)
        case "gs":
            return GCSStore(place.bucket, credential_provider=GoogleLogin(), **shared)
        case "s3":
            if place.endpoint:
                shared |= {"endpoint": place.endpoint, **_LOOPBACK_KEYS}
            if place.region or place.endpoint:
                shared |= {"region": place.region or "us-east-1"}
            return S3Store(place.bucket, conditional_put="etag", **shared)
        case _:
            if place.endpoint:
                shared |= {"endpoint": f"{place.endpoint}/{place.account}", "skip_signature": True}
            return AzureStore(place.bucket, account_name=place.account or "", **shared)
