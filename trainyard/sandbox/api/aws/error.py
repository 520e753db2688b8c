"""What Amazon refuses, and the code and status that each protocol has for the common refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_SIGNATURE: Final = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)
_UNKNOWN_KEY: Final = "The security token included in the request is invalid."
_NOT_VALIDATED: Final = "AWS was not able to validate the provided access credentials"
_EXPIRED: Final = "The security token included in the request is expired"
_MISSING: Final = "Request is missing Authentication Token"

# docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, and the "Common Error Types" of the API
# references of Auto Scaling, STS and SageMaker; read 2026-11-24. kind -> family -> code, HTTP status, text
_COMMON: Final[Mapping[str, Mapping[str, tuple[str, int, str]]]] = {
    "unsigned": {
        "ec2": ("MissingParameter", 400, "The request must contain the parameter AWSAccessKeyId"),
        "query": ("MissingAuthenticationToken", 403, _MISSING),
        "json": ("MissingAuthenticationTokenException", 400, _MISSING),
    },
    "unknown key": {
        "ec2": ("AuthFailure", 401, _NOT_VALIDATED),
        "query": ("InvalidClientTokenId", 403, _UNKNOWN_KEY),
        "json": ("UnrecognizedClientException", 400, _UNKNOWN_KEY),
    },
    "signature": {
        "ec2": ("AuthFailure", 401, _NOT_VALIDATED),
        "query": ("SignatureDoesNotMatch", 403, _SIGNATURE),
        "json": ("InvalidSignatureException", 400, _SIGNATURE),
    },
    "expired": {
        "ec2": ("RequestExpired", 400, "Request has expired."),
        "query": ("ExpiredToken", 403, _EXPIRED),
        "json": ("ExpiredTokenException", 400, _EXPIRED),
    },
    "throttled": {
        "ec2": ("RequestLimitExceeded", 503, "Request limit exceeded."),
        "query": ("Throttling", 400, "Rate exceeded"),
        "json": ("ThrottlingException", 400, "Rate exceeded"),
    },
    "denied": {
        "ec2": ("UnauthorizedOperation", 403, "You are not authorized to perform this operation."),
        "query": ("AccessDenied", 403, "User is not authorized to perform this operation"),
        "json": ("AccessDeniedException", 400, "User is not authorized to perform this operation"),
    },
    "broken": {
        "ec2": ("InternalError", 500, "An internal error has occurred."),
        "query": ("InternalFailure", 500, "We encountered an internal error. Please try again."),
        "json": ("InternalFailure", 500, "We encountered an internal error. Please try again."),
    },
}
_BY_STATUS: Final = {401: "unknown key", 403: "denied", 429: "throttled", 500: "broken", 503: "throttled"}


class AwsError(Exception):
    """An answer of the cloud that is no success."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def common(family: str, kind: str, text: str = "") -> AwsError:
    """A refusal that every service knows, in the words of its family: "ec2", "query" or "json"."""
    code, status, usual = _COMMON[kind][family]
    return AwsError(status, code, text or usual)


def of_fault(status: int, text: str, family: str) -> AwsError:
    """What a faults file asks for: "InsufficientInstanceCapacity: …" names the code, else the status does."""
    code, colon, rest = text.partition(": ")
    if colon and code.replace(".", "").isalnum() and code[0].isupper():
        return AwsError(status, code, rest)
    return common(family, _BY_STATUS.get(status, "broken"), text)
