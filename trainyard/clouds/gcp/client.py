"""Google's API client for Compute Engine, pointed at the real API or, in a rehearsal, at the sandbox only."""

from __future__ import annotations

from typing import Any

import google.auth
import google_auth_httplib2  # type: ignore[import-untyped]  # ships no types
import httplib2  # type: ignore[import-untyped]  # ships no types
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build

from trainyard.facts.origin import Sandbox

_SECONDS = 20
_SCOPES = ("https://www.googleapis.com/auth/compute.readonly",)


def compute(sandbox: Sandbox | None) -> Any:
    """A Compute Engine v1 client; google.auth's errors when no login is found."""
    http = httplib2.Http(timeout=_SECONDS, proxy_info=None) if sandbox else httplib2.Http(timeout=_SECONDS)
    if sandbox is None:
        credentials, _ = google.auth.default(scopes=_SCOPES)
        options = None
    else:
        credentials = Credentials(token=sandbox.token)
        options = {"api_endpoint": f"{sandbox.api['gcp'].rstrip('/')}/compute/v1/"}
    authorized = google_auth_httplib2.AuthorizedHttp(credentials, http=http)
    return build("compute", "v1", http=authorized, static_discovery=True, cache_discovery=False, client_options=options)
