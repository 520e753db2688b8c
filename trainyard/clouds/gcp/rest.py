"""Google's JSON APIs by plain HTTP, for calls that must not be made twice: Google's own client sends them again."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

import google.auth
import google.auth.exceptions
import google_auth_httplib2  # type: ignore[import-untyped]  # ships no types
import httplib2  # type: ignore[import-untyped]  # ships no types
from google.oauth2.credentials import Credentials

from trainyard.facts.origin import Sandbox

_SECONDS = 30  # for one answer
_TRIES = 5
_LONGEST_PAUSE_SECONDS = 32.0
_AGAIN = (429, 500, 502, 503, 504)
# Vertex AI answers with 429 too where a quota of chips is used up or a region has none left; a minute changes neither.
_NOT_AGAIN = ("quota metrics exceed", "resources are insufficient")


class ApiError(Exception):
    """Google's answer was an error; `str` is Google's own text, word for word."""

    def __init__(self, status: int, text: str, reasons: frozenset[str], retry_after_seconds: float | None) -> None:
        super().__init__(text)
        self.status = status
        self.reasons = reasons  # of its google.rpc.ErrorInfo details
        self.retry_after_seconds = retry_after_seconds

    @property
    def again(self) -> bool:
        """Whether the same call may succeed a little later."""
        return self.status in _AGAIN and not any(words in str(self).lower() for words in _NOT_AGAIN)


class NoAnswerError(Exception):
    """No answer, or none that can be read: whether the call was done is not known."""


class LoginError(Exception):
    """No credentials, or ones that Google does not renew."""


class CancelledError(Exception):
    """Cancelled while it waited to ask again."""


def is_disabled(error: ApiError) -> bool:
    """Whether Google says that the service is not enabled in the project: then nothing of it can be there."""
    return error.status == 403 and "SERVICE_DISABLED" in error.reasons


@dataclass(frozen=True, kw_only=True)
class Rest:
    """One endpoint with one login. `pause` waits for seconds, and says whether the run was cancelled meanwhile."""

    base: str  # without a slash at its end
    login: Login
    pause: Callable[[float], bool]

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, tries: int = _TRIES) -> Any:
        """The answer's JSON; asked again, at growing pauses or those that Google names, where that may help.

        ApiError, NoAnswerError, LoginError, CancelledError. A call that must not be done twice has one try.
        """
        for number in range(1, tries + 1):
            try:
                return self._once(method, path, body)
            except (ApiError, NoAnswerError) as error:
                if number == tries or (isinstance(error, ApiError) and not error.again):
                    raise
                if self.pause(pause_seconds(number, error)):
                    raise CancelledError from error
        raise AssertionError

    def pages(self, path: str, items: str, **query: str) -> Iterator[dict[str, Any]]:
        """Every entry of a list, over all its pages."""
        token = ""
        while True:
            asked = {**query, "pageToken": token} if token else query
            answer = self.call("GET", f"{path}?{urlencode(asked)}" if asked else path)
            yield from answer.get(items, ())
            token = answer.get("nextPageToken", "")
            if not token:
                return

    def _once(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        url = f"{self.base}/{path}"
        content = None if body is None else json.dumps(body).encode()
        request = Request(url, data=content, method=method, headers=self.login.headers(method, url))  # noqa: S310
        try:
            with self.login.opener.open(request, timeout=_SECONDS) as response:
                answer = response.read()
            return json.loads(answer) if answer else {}
        except HTTPError as error:
            raise _api_error(error) from error
        except (OSError, HTTPException) as error:
            message = f"no answer: {error or type(error).__name__}"
            raise NoAnswerError(message) from error
        except ValueError as error:
            message = "the answer is no JSON"
            raise NoAnswerError(message) from error


def pause_seconds(number: int, error: Exception) -> float:
    """How long to wait after the `number`th try: what Google asks for, else 1, 2, 4 … seconds, each by chance longer.

    The chance keeps many runs that were refused together from coming back together.
    """
    asked = error.retry_after_seconds if isinstance(error, ApiError) else None
    if asked is not None:
        return min(asked, _LONGEST_PAUSE_SECONDS * 2) + random.uniform(0, 1)  # noqa: S311  no secret
    return min(2.0 ** (number - 1) + random.uniform(0, 1), _LONGEST_PAUSE_SECONDS)  # noqa: S311  no secret


@dataclass(frozen=True, kw_only=True)
class Login:
    """Credentials, and how the network is opened with them.

    Not by httplib2, which sends a request a second time when the connection closes without an answer: a create whose
    answer was lost would make two things.
    """

    credentials: Any
    opener: OpenerDirector

    def headers(self, method: str, url: str) -> dict[str, str]:
        """Of one request, with a token that is valid; LoginError where Google gives none."""
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        try:
            asked = google_auth_httplib2.Request(httplib2.Http(timeout=_SECONDS))
            self.credentials.before_request(asked, method, url, headers)
        except google.auth.exceptions.GoogleAuthError as error:
            message = f"no valid login: {error}"
            raise LoginError(message) from error
        return headers


def login(sandbox: Sandbox | None) -> Login:
    """The default credentials, or the sandbox's; LoginError when there are none."""
    if sandbox is not None:
        return Login(credentials=Credentials(token=sandbox.token), opener=build_opener(ProxyHandler({})))
    try:
        credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    except google.auth.exceptions.GoogleAuthError as error:
        message = f"no valid login: {error}"
        raise LoginError(message) from error
    return Login(credentials=credentials, opener=build_opener())


def _api_error(refused: HTTPError) -> ApiError:
    answer = refused.read()
    text, reasons = answer.decode(errors="replace").strip()[:2000], frozenset[str]()
    try:
        error = json.loads(answer)["error"]
        text = str(error["message"])
        reasons = frozenset(str(detail["reason"]) for detail in error.get("details", ()) if "reason" in detail)
    except (ValueError, KeyError, TypeError):
        pass
    given = refused.headers.get("Retry-After", "")
    seconds = float(given) if given.isdecimal() else None
    return ApiError(refused.code, text or f"HTTP {refused.code}", reasons, seconds)
