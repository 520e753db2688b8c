"""Records in a folder of this machine or of a shared file system; obstore's local store cannot write on condition."""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from trainyard.lease.bucket import Always, Blob, Condition, New, Replacing
from trainyard.lease.errors import Conflict, StoreUnreachable

_LOCK_SECONDS = 10.0
_LOCK = ".lock"


class FileBucket:
    """A folder; every write is whole (rename) and durable (fsync), under one lock for all processes."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def get(self, key: str) -> Blob | None:
        path = self._root / key
        with self._named_errors(path):
            try:
                with path.open("rb") as file:
                    body = file.read()
                    written = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
            except FileNotFoundError:
                return None
        return Blob(body=body, version=_version(body), written=written)

    def put(self, key: str, body: bytes, condition: Condition) -> str:
        path = self._root / key
        with self._named_errors(path), self._locked():
            _check(path, condition)
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, body)
        return _version(body)

    def delete(self, key: str, version: str) -> bool:
        path = self._root / key
        with self._named_errors(path), self._locked():
            if not path.exists() or _version(path.read_bytes()) != version:
                return False
            path.unlink()
        return True

    def folders(self) -> tuple[str, ...]:
        with self._named_errors(self._root):
            if not self._root.exists():
                return ()
            return tuple(sorted(entry.name for entry in self._root.iterdir() if entry.is_dir()))

    def keys(self, folder: str) -> tuple[str, ...]:
        with self._named_errors(self._root):
            found = (path for path in (self._root / folder).rglob("*") if path.is_file())
            # What begins with a dot is a write that is not done.
            return tuple(sorted(path.relative_to(self._root).as_posix() for path in found if path.name[0] != "."))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / _LOCK).open("wb") as lock:
            deadline = time.monotonic() + _LOCK_SECONDS
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        message = (
                            f"the store {self._root} has been locked for {_LOCK_SECONDS:.0f} seconds by another "
                            f"process; see who it is with `fuser {self._root / _LOCK}`, and run again."
                        )
                        raise StoreUnreachable(message) from None
                    time.sleep(0.01)
            yield

    @contextmanager
    def _named_errors(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            message = (
                f"the store of lease records {self._root.as_uri()} cannot be used: {path}: {error.strerror}. Nothing "
                f"is known about the record; make the folder readable and writable for you, and run again."
            )
            raise StoreUnreachable(message) from error


def _version(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _check(path: Path, condition: Condition) -> None:
    match condition:
        case Always():
            return
        case New():
            holds = not path.exists()
        case Replacing(version):
            holds = path.exists() and _version(path.read_bytes()) == version
    if not holds:
        message = f"{path} was written by somebody else meanwhile; read it again."
        raise Conflict(message)


def _write(path: Path, body: bytes) -> None:
    with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        try:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except OSError:
            Path(file.name).unlink(missing_ok=True)
            raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
