"""Names, addresses and fingerprints as Compute Engine gives them out."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, Final

from trainyard.sandbox.api.discovery import schemas
from trainyard.sandbox.api.google_error import GoogleError, invalid

ROOT: Final = "https://www.googleapis.com/compute/v1/"
_PACIFIC: Final = timezone(timedelta(hours=-8))
_NAME: Final = re.compile(r"(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)")


def url(path: str) -> str:
    """The full address of "projects/p/zones/z"."""
    return ROOT + path


def last(address: str) -> str:
    """The name at the end of an address or path."""
    return address.rsplit("/", 1)[-1]


def path_of(address: str) -> str:
    """ "projects/p/…" of any form in which an address is written."""
    found = re.search(r"projects/.*", address)
    return found.group() if found else address


def number(*parts: object) -> str:
    """A 64-bit id as decimal text, the same for the same parts."""
    digest = hashlib.blake2b("\n".join(map(str, parts)).encode(), digest_size=8).digest()
    return str(int.from_bytes(digest, "big") | 1 << 62)


def fingerprint(value: Mapping[str, Any]) -> str:
    """Eight bytes in base64 that change when the value does."""
    return _digest(repr(sorted(value.items())))


@lru_cache(maxsize=4096)
def _digest(text: str) -> str:
    return b64encode(hashlib.blake2b(text.encode(), digest_size=8).digest()).decode()


def moment(seconds: float) -> str:
    """A time as the API writes it: "2026-11-24T03:00:00.000-08:00"."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(_PACIFIC).isoformat(timespec="milliseconds")


def check_body(schema: str, body: Mapping[str, Any]) -> None:
    """GoogleError for a field that the schema does not know, or a name that Compute Engine does not take."""
    known = schemas()[schema]["properties"]
    for key in body:
        if key not in known:
            message = f'Invalid JSON payload received. Unknown name "{key}": Cannot find field.'
            raise GoogleError(400, message, "badRequest")
    name = body.get("name")
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        why = f"Must be a match of regex '{_NAME.pattern}'"
        raise invalid(field="resource.name", value=name or "", why=why)
