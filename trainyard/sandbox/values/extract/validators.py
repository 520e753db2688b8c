"""What a Terraform validator refuses, in the words of `description.Said`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from trainyard.sandbox.values.extract.go import Call, Composite, GoPackage, Name

_GCE_NAME: Final = "^(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)$"
_GO_DURATION: Final = r"^[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+)$"
_PROJECT: Final = (
    r"(?:(?:[-a-z0-9]{1,63}\.)*(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?):)?"
    r"(?:[0-9]{1,19}|(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?))"
)
# RE2 has these and Python reads them otherwise.
_NOT_PYTHON: Final = re.compile(r"\[\[:|\\p|\\P|\\z|\\C|\\Q")

Limits = Mapping[str, Any]
# terraform-provider-google, verify/validation.go; terraform-plugin-sdk, helper/validation
_FIXED: Final[Mapping[str, Limits]] = {
    "ValidateGCEName": {"pattern": _GCE_NAME},
    "ValidateRFC3339Time": {"pattern": "^(?:[01][0-9]|2[0-3]):[0-5][0-9]$"},
    "ValidateRFC3339Date": {"kind": "date-time"},
    "IsRFC3339Time": {"kind": "date-time"},
    "ValidateIpCidrRange": {"kind": "range"},
    "IsCIDR": {"kind": "range"},
    "ValidateIpAddress": {"kind": "address"},
    "ValidateBase64String": {"kind": "base64"},
    "StringIsJSON": {"kind": "json"},
    "StringIsNotEmpty": {"min_length": 1},
    "ValidateIAMCustomRoleID": {"pattern": r"^[a-zA-Z0-9_\.]{3,64}$"},
    "ValidateHourlyOnly": {"pattern": "^(?:0?[0-9]|1[0-9]|2[0-3]):00$"},
}
_MADE: Final[Mapping[str, Limits]] = {
    "ValidateDuration": {"pattern": _GO_DURATION},
    "ValidateNonNegativeDuration": {"pattern": _GO_DURATION.replace("[-+]?", "[+]?")},
    "ValidateProjectID": {"pattern": f"^{_PROJECT}$"},
    "ValidateProjectName": {"pattern": r"""^[A-Za-z0-9-'"\s!]{4,30}$"""},
    "IsCIDRNetwork": {"kind": "cidr"},
    "ValidateRFC1918Network": {"kind": "cidr"},
}


def limits_of(validator: Any, go: GoPackage) -> Limits:
    """The limits that a ValidateFunc sets; none for one that is not known here."""
    if isinstance(validator, Name):
        return _FIXED.get(validator.text.rpartition(".")[2], {})
    if not isinstance(validator, Call):
        return {}
    kind = validator.name.rpartition(".")[2]
    args = [go.value_of(arg.text) if isinstance(arg, Name) and "." not in arg.text else arg for arg in validator.args]
    if kind in ("OrEmpty", "All"):
        return _combined(kind, validator, go)
    if kind in _MADE:
        return _MADE[kind]
    if kind in _WITH_ARGS:
        return _WITH_ARGS[kind](*args)
    return {}


def _combined(kind: str, validator: Call, go: GoPackage) -> Limits:
    found = [limits_of(arg, go) for arg in validator.args]
    if kind == "OrEmpty":
        only = found[0]
        return {"pattern": f"^$|{only['pattern']}"} if set(only) == {"pattern"} else {}
    return {key: value for limits in found for key, value in limits.items()}


def _one_of(values: Any, ignore_case: Any = None) -> Limits:
    if not isinstance(values, Composite):
        return {}
    texts = [value for _, value in values.entries]
    if not all(isinstance(text, str | int) for text in texts):
        return {}
    if ignore_case is not None and ignore_case != Name("false"):
        return {"pattern": f"(?i)^(?:{'|'.join(re.escape(str(text)) for text in texts)})$"}
    return {"enum": list(dict.fromkeys(texts))}


def _between(least: Any, most: Any) -> Limits:
    return {**_at_least(least), **_at_most(most)}


def _at_least(least: Any) -> Limits:
    return {"min": least} if isinstance(least, int | float) else {}


def _at_most(most: Any) -> Limits:
    return {"max": most} if isinstance(most, int | float) else {}


def _length(least: Any, most: Any) -> Limits:
    if not (isinstance(least, int) and isinstance(most, int)):
        return {}
    return {"min_length": least, "max_length": most} if least else {"max_length": most}


def _regex(given: Any, _message: Any = None) -> Limits:
    text = given.args[0] if isinstance(given, Call) and given.name == "regexp.MustCompile" else given
    if not isinstance(text, str) or _NOT_PYTHON.search(text):
        return {}
    try:
        re.compile(text)
    except re.error:
        return {}
    return {"pattern": text}


def _rfc1035(least: Any, most: Any) -> Limits:
    return {"pattern": "^[a-z]([-a-z0-9]*[a-z0-9])?$", **_length(least, most)}


_WITH_ARGS: Final[Mapping[str, Callable[..., Limits]]] = {
    "ValidateEnum": _one_of,
    "StringInSlice": _one_of,
    "IntInSlice": _one_of,
    "IntBetween": _between,
    "FloatBetween": _between,
    "IntAtLeast": _at_least,
    "FloatAtLeast": _at_least,
    "IntAtMost": _at_most,
    "FloatAtMost": _at_most,
    "StringLenBetween": _length,
    "ValidateRegexp": _regex,
    "StringMatch": _regex,
    "ValidateRFC1035Name": _rfc1035,
}
