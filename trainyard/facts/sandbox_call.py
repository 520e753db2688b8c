"""One HTTP call to a sandbox on loopback; a module of its own since http.client costs every start 20 ms."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

_ANSWER_SECONDS = 10


class NoAnswerError(Exception):
    """The sandbox did not answer; the text says why."""


def call(base: str, token: str, method: str, path: str, body: object = None) -> tuple[datetime, object]:
    """The answer's Date, which is the simulated clock's, and, where a body was sent, its JSON; else NoAnswerError."""
    where = urlsplit(base)
    if not where.hostname:
        message = "its file names no Google Cloud API"
        raise NoAnswerError(message)
    # A plain connection: urllib.request would go through a proxy that the environment names.
    connection = HTTPConnection(where.hostname, where.port, timeout=_ANSWER_SECONDS)
    try:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        content = response.read()
        if body is not None and response.status != 200:
            message = f"{method} {path} was answered with status {response.status}"
            raise NoAnswerError(message)
        date = parsedate_to_datetime(response.getheader("Date", "")).astimezone(UTC)
        return date, (json.loads(content) if body is not None else None)
    except (OSError, HTTPException, ValueError) as error:
        raise NoAnswerError(str(error)) from error
    finally:
        connection.close()
