"""Errors in the JSON that Google's APIs answer with."""

from __future__ import annotations

from typing import Any

_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_REASON = {
    400: "invalid",
    401: "authError",
    403: "forbidden",
    404: "notFound",
    409: "alreadyExists",
    412: "conditionNotMet",
    429: "rateLimitExceeded",
    500: "internalError",
    501: "notImplemented",
    503: "backendError",
    504: "backendError",
}


_DISABLED = "it is disabled"  # "… API has not been used in project … before or it is disabled."


class GoogleError(Exception):
    """An answer of the cloud that is no success."""

    def __init__(self, code: int, message: str, reason: str = "", retry_after_seconds: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after_seconds = retry_after_seconds
        self.reason = reason or _REASON.get(code, "backendError")

    def body(self) -> dict[str, Any]:
        """The error's JSON."""
        detail = {"message": self.message, "domain": "global", "reason": self.reason}
        if self.code == 401:
            detail |= {"location": "Authorization", "locationType": "header"}
        error: dict[str, Any] = {"code": self.code, "message": self.message, "errors": [detail]}
        if self.reason.isupper():  # the newer APIs' own word, as FAILED_PRECONDITION is one of several of 400
            error["status"] = self.reason
        elif self.code in _STATUS:
            error["status"] = _STATUS[self.code]
        if self.code == 403 and _DISABLED in self.message:
            kind = "type.googleapis.com/google.rpc.ErrorInfo"
            error["details"] = [{"@type": kind, "reason": "SERVICE_DISABLED", "domain": "googleapis.com"}]
        return {"error": error}


def no_credentials() -> GoogleError:
    """401 for a call without a bearer token."""
    text = (
        "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other "
        "valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    return GoogleError(401, text, "required")


def bad_credentials() -> GoogleError:
    """401 for a token that is wrong or expired."""
    text = (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    return GoogleError(401, text)


def not_found(resource: str) -> GoogleError:
    """404 for "projects/p/zones/z/instances/n"."""
    return GoogleError(404, f"The resource '{resource}' was not found")


def invalid(field: str, value: object, why: str) -> GoogleError:
    """400 for a field's value."""
    return GoogleError(400, f"Invalid value for field '{field}': '{value}'. {why}")
