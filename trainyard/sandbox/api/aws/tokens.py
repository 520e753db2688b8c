"""Tokens of following pages: the last thing that was shown, in a text that tells nobody what it means."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error

from trainyard.sandbox.api.aws.error import AwsError

_MARK = "after "


def token_after(id: str) -> str:
    """The token of the page that begins after this thing."""
    return urlsafe_b64encode(f"{_MARK}{id}".encode()).decode()


def after(token: str, refusal: AwsError) -> str:
    """The thing after which the page begins, "" for the first; the refusal for a token that was never given out."""
    if not token:
        return ""
    try:
        text = urlsafe_b64decode(token).decode()
    except (Error, ValueError):
        text = ""
    if not text.startswith(_MARK):
        raise refusal
    return text.removeprefix(_MARK)
