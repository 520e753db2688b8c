"""A token for Cloud Storage: Google's library knows every login, a pipeline's federated one too; obstore few."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import google.auth
import google.auth.exceptions
import google_auth_httplib2  # type: ignore[import-untyped]  # ships no types
import httplib2  # type: ignore[import-untyped]  # ships no types

if TYPE_CHECKING:
    from obstore.store import GCSCredential

_SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"
_SECONDS = 5


class GoogleLogin:
    """Application Default Credentials, asked for when the first call is made; OSError when there are none."""

    def __call__(self) -> GCSCredential:
        try:
            credentials, _ = google.auth.default(scopes=[_SCOPE])
            credentials.refresh(google_auth_httplib2.Request(httplib2.Http(timeout=_SECONDS)))
        except google.auth.exceptions.GoogleAuthError as error:
            raise OSError(str(error)) from error
        expiry: datetime | None = credentials.expiry
        return {"token": credentials.token, "expires_at": expiry.replace(tzinfo=UTC) if expiry else None}
