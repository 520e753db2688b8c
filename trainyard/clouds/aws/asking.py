"""Questions to Amazon: every page, or ScopeUnreadable with what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore import exceptions

from trainyard.clouds.aws.client import Clients
from trainyard.clouds.scope import ScopeUnreadable
from trainyard.facts.origin import Sandbox

_DENIED = frozenset({"UnauthorizedOperation", "AccessDenied", "AccessDeniedException"})
_NO_LOGIN = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "OptInRequired",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_NO_CREDENTIALS = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.ProfileNotFound,
    exceptions.SSOError,
    exceptions.TokenRetrievalError,
)


class Asking:
    """One region's services."""

    def __init__(self, scope: str, region: str, sandbox: Sandbox | None) -> None:
        self._scope = scope
        self._open: Callable[[], Clients] = lambda: Clients(region, sandbox)
        self._clients: Clients | None = None

    def one(self, service: str, operation: str, **values: Any) -> Mapping[str, Any]:
        """The answer of one call, by boto3's name of the operation."""
        with self._told(service, operation):
            answer: Mapping[str, Any] = getattr(self._client(service), operation)(**values)
            return answer

    def all(self, service: str, operation: str, member: str, **values: Any) -> Iterator[Mapping[str, Any]]:
        """Every item of a list, over all its pages."""
        with self._told(service, operation):
            client = self._client(service)
            if client.can_paginate(operation):
                pages = client.get_paginator(operation).paginate(**values)
            else:
                pages = iter([getattr(client, operation)(**values)])
            for page in pages:
                if member not in page:
                    raise ScopeUnreadable(self._scope, f"{service}:{operation} answered without {member}")
                yield from page[member]

    def _client(self, service: str) -> Any:
        if self._clients is None:
            self._clients = self._open()
        return self._clients[service]

    @contextmanager
    def _told(self, service: str, operation: str) -> Iterator[None]:
        try:
            yield
        except exceptions.ClientError as error:
            raise ScopeUnreadable(self._scope, _refusal(service, operation, error)) from error
        except _NO_CREDENTIALS as error:
            raise ScopeUnreadable(self._scope, f"no valid login: {error}") from error
        except (exceptions.BotoCoreError, exceptions.HTTPClientError, OSError, ValueError) as error:
            raise ScopeUnreadable(self._scope, f"no answer: {error or type(error).__name__}") from error


def _refusal(service: str, operation: str, error: exceptions.ClientError) -> str:
    told = error.response.get("Error", {})
    code, text = str(told.get("Code", "")), str(told.get("Message", "")).strip()
    if code in _DENIED:
        action = "".join(word.capitalize() for word in operation.split("_"))
        return f"{code}: the login lacks the permission {service}:{action}. {text}"
    if code in _NO_LOGIN:
        return f"no valid login: {code}: {text}"
    return f"{code}: {text}"
