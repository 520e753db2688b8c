"""Reads Azure Resource Manager through Azure's own pipeline: the real one or, in a rehearsal, the sandbox's only.

Plain JSON: the management clients' models cover no Machine Learning, and take three times as long to load.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from azure.core import PipelineClient
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import HTTPPolicy, RetryPolicy, SansIOHTTPPolicy, UserAgentPolicy
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest, HttpResponse

from trainyard.clouds.scope import ScopeUnreadable
from trainyard.facts.origin import Sandbox

ARM: Final = "https://management.azure.com"
_CONNECT_SECONDS, _READ_SECONDS = 10, 30
_RETRIES: Final = 4
_LONGEST_PAUSE_SECONDS: Final = 20  # a server that asks for more is given up
# Nothing of a kind is there that a subscription is not registered for: Azure ends no registration before.
_UNREGISTERED: Final = ("MissingSubscriptionRegistration", "SubscriptionNotRegistered")


class Arm:
    """One subscription."""

    def __init__(self, scope: str, subscription: str, sandbox: Sandbox | None) -> None:
        self._scope = scope
        self._subscription = subscription
        self._base = sandbox.api["azure"].rstrip("/") if sandbox else ARM
        self._client: PipelineClient[HttpRequest, HttpResponse] = pipeline(self._base, sandbox)

    def read(self, path: str, version: str, **query: str) -> Iterator[Mapping[str, Any]]:
        """All pages of a list below the subscription; ScopeUnreadable when one does not come, or is no page."""
        action = f"{_type(path)}/read"
        url = self._url(f"/subscriptions/{self._subscription}{path}", version, query)
        while url:
            answer = self._ask(url, action, none=_UNREGISTERED)
            if answer is None:
                return
            found = answer.get("value")
            if not isinstance(found, list):
                raise ScopeUnreadable(self._scope, f"the answer of {path} holds no list")
            yield from found
            url = str(answer.get("nextLink") or "")
            if url and urlsplit(url)[:2] != urlsplit(self._base)[:2]:
                raise ScopeUnreadable(self._scope, f"the next page of {path} is said to be at another host: {url}")

    def get(self, id_: str, version: str, action: str) -> Mapping[str, Any] | None:
        """One thing by its id, or what lies below it; None when it is gone."""
        return self._ask(self._url(id_, version, {}), action, none=("ResourceNotFound", "NotFound"))

    def _url(self, path: str, version: str, query: Mapping[str, str]) -> str:
        return f"{self._base}{quote(path)}?{urlencode({'api-version': version, **query}, safe='$')}"

    def _ask(self, url: str, action: str, *, none: tuple[str, ...]) -> Mapping[str, Any] | None:
        """The JSON; None for an error with one of these codes; ScopeUnreadable for every other."""
        try:
            response = self._client.send_request(HttpRequest("GET", url))
            answer = response.json() if response.content else {}
        except ClientAuthenticationError as error:
            raise ScopeUnreadable(self._scope, f"no valid login: {_first_line(error)}") from error
        except (AzureError, OSError, ValueError) as error:
            raise ScopeUnreadable(self._scope, f"no answer: {_first_line(error) or type(error).__name__}") from error
        if not isinstance(answer, Mapping):
            raise ScopeUnreadable(self._scope, f"the answer is no object but {type(answer).__name__}")
        if response.status_code == 200:
            return answer
        given = answer.get("error")
        told: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
        code, message = str(told.get("code", "")), str(told.get("message", ""))
        if code in none:
            return None
        missing = f" (the right that is missing: {action})" if response.status_code == 403 else ""
        raise ScopeUnreadable(self._scope, f"{response.status_code} {code} {message}{missing}".strip())


class _Retry(RetryPolicy[HttpRequest, HttpResponse]):
    """Azure's own retries, without pauses that would outlast a command."""

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        pause = self.get_retry_after(response)
        return super().is_retry(settings, response) and (pause is None or pause <= _LONGEST_PAUSE_SECONDS)


class _SandboxToken(SansIOHTTPPolicy[HttpRequest, HttpResponse]):
    """The sandbox's token; Azure's own policy sends tokens over https only."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._token = sandbox.token
        self._host = urlsplit(sandbox.api["azure"]).netloc

    def on_request(self, request: PipelineRequest[HttpRequest]) -> None:
        if urlsplit(request.http_request.url).netloc != self._host:
            message = f"a rehearsal asks the sandbox only, not {request.http_request.url}"
            raise ValueError(message)
        request.http_request.headers["Authorization"] = f"Bearer {self._token}"


def pipeline(base: str, sandbox: Sandbox | None) -> PipelineClient[HttpRequest, HttpResponse]:
    """Azure's own, with its login: the real one, or the sandbox's."""
    transport = RequestsTransport(
        connection_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS, use_env_settings=sandbox is None
    )
    retries = _Retry(retry_total=_RETRIES, retry_backoff_max=_LONGEST_PAUSE_SECONDS)
    policies = [UserAgentPolicy("trainyard"), retries, _login(sandbox)]
    return PipelineClient(base, policies=policies, transport=transport)


def _login(sandbox: Sandbox | None) -> Any:
    if sandbox is not None:
        return _SandboxToken(sandbox)
    from azure.identity import DefaultAzureCredential
    from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

    policy: HTTPPolicy[Any, Any] = ARMChallengeAuthenticationPolicy(DefaultAzureCredential(), f"{ARM}/.default")
    return policy


def _type(path: str) -> str:
    """ "Microsoft.MachineLearningServices/workspaces/computes" of a list's path."""
    parts = path.rpartition("/providers/")[2].split("/")
    return "/".join([parts[0], *parts[1::2]])


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
