"""Errors in the JSON that Azure Resource Manager answers with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from trainyard.sandbox.faults import Fault
from trainyard.sandbox.trouble import Trouble

# learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors and …/management/
# request-limits-and-throttling; what a faults file refuses gets the code that goes with its HTTP status
_CODES: Final[Mapping[int, str]] = {
    400: "BadRequest",
    401: "InvalidAuthenticationToken",
    403: "AuthorizationFailed",
    404: "ResourceNotFound",
    405: "HttpResourceNotFound",
    409: "Conflict",
    412: "PreconditionFailed",
    429: "SubscriptionRequestsThrottled",
    500: "InternalServerError",
    501: "NotImplemented",
    502: "BadGateway",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}
_SIGN_IN: Final = 'Bearer authorization_uri="https://login.windows.net/00000000-0000-0000-0000-000000000000"'


class ArmError(Exception):
    """An answer of the cloud that is no success."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code or _CODES.get(status, "InternalServerError")
        self.message = message
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The error's JSON."""
        return {"error": {"code": self.code, "message": self.message}}


def no_token() -> ArmError:
    """401 for a call without a bearer token."""
    text = "Authentication failed. The 'Authorization' header is missing."
    return ArmError(401, "AuthenticationFailed", text, {"WWW-Authenticate": _SIGN_IN})


def bad_token() -> ArmError:
    """401 for a token that nobody gave out."""
    headers = {
        "WWW-Authenticate": f'{_SIGN_IN}, error="invalid_token", error_description="The access token is invalid."'
    }
    return ArmError(401, "InvalidAuthenticationToken", "The access token is invalid.", headers)


def expired_token(expired: str, now: str) -> ArmError:
    """401 for a token whose time is over; both times as "11/24/2026 8:00:00 AM"."""
    text = f"The access token expiry UTC time '{expired}' is earlier than current UTC time '{now}'."
    headers = {"WWW-Authenticate": f'{_SIGN_IN}, error="invalid_token", error_description="{text}"'}
    return ArmError(401, "ExpiredAuthenticationToken", text, headers)


def refused(fault: Fault, *, action: str, scope: str) -> ArmError:
    """What a faults file asks for by its HTTP status, in Azure's words unless the file has its own."""
    seconds = str(max(1, round(fault.seconds)))
    texts = {
        403: (
            "The client 'rehearsal' with object id '00000000-0000-0000-0000-000000000000' does not have authorization "
            f"to perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently "
            "granted, please refresh your credentials."
        ),
        429: f"Number of requests for subscription exceeded. Please try again after '{seconds}' seconds.",
    }
    text = fault.message or texts.get(fault.code, f"'{action}' was refused by the sandbox's faults file")
    return ArmError(fault.code, "", text, {"Retry-After": seconds} if fault.code == 429 else None)


def troubled(found: Trouble) -> ArmError:
    """The cloud's own trouble."""
    seconds = found.retry_after_seconds
    return ArmError(found.status, found.code, found.message, {} if seconds is None else {"Retry-After": str(seconds)})


def resource_not_found(full_type: str, name: str, group: str) -> ArmError:
    """404 for "Microsoft.Compute/virtualMachines" and "vm"."""
    text = (
        f"The Resource '{full_type}/{name}' under resource group '{group}' was not found. For more details please go "
        "to https://aka.ms/ARMResourceNotFoundFix"
    )
    return ArmError(404, "ResourceNotFound", text)


def group_not_found(group: str) -> ArmError:
    return ArmError(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.")


def subscription_not_found(subscription: str) -> ArmError:
    return ArmError(404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.")
