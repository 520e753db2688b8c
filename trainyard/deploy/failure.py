"""What an engine's error text means, and what to do about it. Texts come nested, cut, in any case, with other ids.

Every sign stands in a public issue thread or in the vendor's list of errors: CCExtractor/sample-platform#901,
kubernetes/k8s.io#9834, fastai/course-v3#165, hashicorp/terraform-provider-google#8360, #8264, #1211 and #21243,
skypilot-org/skypilot#4579, GoogleCloudPlatform/stable-diffusion-on-gcp#12, openreview/openreview-expertise#401,
aws/aws-parallelcluster#4061, fedora-copr/copr#2797, aws/aws-parallelcluster-node#673, xlang-ai/OSWorld#366,
aws/sagemaker-python-sdk#645, gabehollombe-aws/jupyter-notebooks#1, boto/boto3#2556, rebuy-de/aws-nuke#279,
Azure/aks-engine#1965, jenkins-infra/helpdesk#3584, Azure-Samples/azuresandbox#70, Azure/karpenter-provider-azure#192,
MicrosoftDocs/azure-docs#105248, pulumi/pulumi-azure-native#3720, Azure/MachineLearningNotebooks#613.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The classes of failure; each has its own next step."""

    CAPACITY = "capacity"
    QUOTA = "quota"
    THROTTLE = "throttle"
    AUTHORISATION = "authorisation"
    CONFIGURATION = "configuration"
    LOST_RESPONSE = "lost-response"  # done or not: only the cloud's own list knows
    UNKNOWN = "unknown"  # never taken for capacity


NEXT_STEP: dict[Kind, str] = {
    Kind.CAPACITY: "try the next candidate of the stack file",
    Kind.QUOTA: "ask the cloud for more quota there, or allow another region in the stack file's where",
    Kind.THROTTLE: "wait as long as the cloud asks for, then try the same place",
    Kind.AUTHORISATION: "log in again, or have the right that the text names granted, then run `trainyard up` again",
    Kind.CONFIGURATION: "change what the text names in the stack file or its environment; no other place helps",
    Kind.LOST_RESPONSE: "look in the cloud's own list: take over what is there, and make no second one",
    Kind.UNKNOWN: "read the cloud's text; `trainyard up` goes on where it stopped",
}


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One classified text."""

    kind: Kind
    text: str
    retry_after_seconds: float | None = None  # what the cloud asked for
    everywhere: bool = False  # a quota over all regions

    @property
    def next_step(self) -> str:
        """What to do, in words."""
        return NEXT_STEP[self.kind]


# The first kind with a sign decides, so what is special stands before what is general: a rate limit of Google's says
# "Quota exceeded", and a refusal for a quota has status 403 or 429.
_SIGNS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (
        Kind.THROTTLE,
        (
            r"rate_?limit_?exceeded",
            r"quota exceeded for quota (group|metric)",
            r"requestlimitexceeded",
            r"request limit exceeded",
            r"throttl",
            r"\brate exceeded",
            r"too ?many ?requests",
            r"requests?throttled",
            r"retryableerror",
            r"backenderror",
            r"service is currently unavailable",
        ),
    ),
    (
        Kind.CAPACITY,
        (
            r"zone_resource_pool_exhausted",
            r"does not have enough resources available",
            r"\bstockout\b",
            r"resource_availability",
            r"there is no more capacity in the zone",
            r"insufficient reserved capacity",
            r"resources are insufficient in region",
            r"insufficient(instance|host|reservedinstance)?capacity",
            r"do not have sufficient \S+ capacity",
            r"no spot capacity available",
            r"unfulfillablecapacity",
            r"spotmaxpricetoolow",
            r"(api error|code:?) \"?unsupported\b",
            r"(^|\()unsupported(:|\))",
            r"not supported in your requested availability zone",
            r"capacityerror",
            r"unable to provision requested ml compute capacity",
            r"(zonal)?allocationfailed",
            r"\ballocation failed\b",
            r"overconstrained(zonal)?allocationrequest",
            r"skunotavailable",
            r"capacity restrictions",
        ),
    ),
    (
        Kind.QUOTA,
        (
            r"quota_?exceeded",
            r"quota '[^']*' exceeded",
            r"quota metrics exceed quota limits",
            r"vcpulimitexceeded",
            r"more vcpu capacity than your current vcpu limit",
            r"maxspotinstancecountexceeded",
            r"instancelimitexceeded",
            r"resourcelimitexceeded",
            r"account-level service limit",
            r"exceeding approved .{1,80}quota",
            r"vcpu quota of \d+ and cannot acc?omm?odate",
            r"corequotareached",
        ),
    ),
    (
        Kind.AUTHORISATION,
        (
            r"invalid authentication credentials",
            r"\bautherror\b",
            r"authfailure",
            r"unauthorizedoperation",
            r"\baccessdenied",
            r"authorizationfailed",
            r"expired(authentication)?token",
            r"token (included in the request )?(is|has) expired",
            r"invalid(authentication|client)token",
            r"unrecognizedclient",
            r"permission_?denied",
            r"\brequired '[\w.]+' permission",
            r"could not find default credentials",
            r"no valid login",
            r"(error|status(code)?)[:=]? ?401\b",
            r"insufficientpermissions",
        ),
    ),
    (
        Kind.LOST_RESPONSE,
        (
            r"error reading from server",
            r"response was lost",
            r"\bunexpected eof\b",
            r"\beof\b",
            r"connection (was )?(reset|closed|refused)",
            r"i/o timeout",
            r"deadline exceeded",
            r"tls handshake timeout",
            r"timeout while waiting for",
            r"already ?exists?",
            r"already existing resource",
            r"invalidinstanceid\.notfound",
            r"the instance id '[^']*' does not exist",
            r"status=200 code=\"?ok",
            r"only \d+ of its machines came",
            r"internal(server)?error\b",
        ),
    ),
    (
        Kind.CONFIGURATION,
        (
            r"invalidresourceusage",
            r"operationnotpermitted",
            r"operationnotallowed",
            r"invalidparameter",
            r"invalid value for",
            r"\bbadrequest\b",
            r"validationexception",
            r"validationerror",
            r"conditionnotmet",
            r"constraint constraints/",
            r"service_disabled",
            r"missingsubscriptionregistration",
            r"resource 'cannot be|resource cannot be deleted",
            r"inuse(by|byanother)",
            r"(error|status(code)?)[:=]? ?400\b",
        ),
    ),
)
_COMPILED = tuple((kind, re.compile("|".join(f"(?:{sign})" for sign in signs), re.M)) for kind, signs in _SIGNS)
_RETRY_AFTER = re.compile(r"(?:retry[- ]?after|try again (?:after|in))\W{0,4}(\d+(?:\.\d+)?)")
_NAMES = re.compile(r"urn:pulumi:\S+")  # a stack may be called anything
_EVERYWHERE = re.compile(r"exceeded\.?\s+limit: [\d.]+ globally")
_PART = re.compile(r"(?m)^\s*\*\s+")  # "2 errors occurred:" and its list
# Of the parts of one text the one that stops outweighs the one that goes on.
_WEIGHT = (
    Kind.AUTHORISATION,
    Kind.CONFIGURATION,
    Kind.QUOTA,
    Kind.CAPACITY,
    Kind.LOST_RESPONSE,
    Kind.THROTTLE,
    Kind.UNKNOWN,
)


def classify(text: str) -> Failure:
    """The class of one error text, whatever is wrapped around it; UNKNOWN where no sign is known."""
    plain = _NAMES.sub("", text).lower()
    kind = min((_kind(part) for part in _PART.split(plain)), key=_WEIGHT.index)
    asked = _RETRY_AFTER.search(plain) if kind is Kind.THROTTLE else None
    return Failure(
        kind=kind,
        text=text,
        retry_after_seconds=float(asked[1]) if asked else None,
        everywhere=kind is Kind.QUOTA and _EVERYWHERE.search(plain) is not None,
    )


def worst(failures: Iterable[Failure]) -> Failure:
    """The one that decides what happens to a run; ValueError when there is none."""
    return min(failures, key=lambda each: _WEIGHT.index(each.kind))


def _kind(text: str) -> Kind:
    return next((kind for kind, signs in _COMPILED if signs.search(text)), Kind.UNKNOWN)
