"""Policy documents and what IAM calls things."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.aws.reading import has, known, tokens
from trainyard.sandbox.conflicts.conflict import Conflict, Given

# What may name nobody (`resource`: what must say on what it acts), by type and property.
_IDENTITY: Final[Mapping[str, str]] = {
    "aws:iam/policy:Policy": "policy",
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:iam/userPolicy:UserPolicy": "policy",
    "aws:iam/groupPolicy:GroupPolicy": "policy",
}
_RESOURCE: Final[Mapping[str, str]] = {
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
    "aws:sqs/queue:Queue": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sns/topic:Topic": "policy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
    "aws:kms/key:Key": "policy",
}
_TRUST: Final[Mapping[str, str]] = {"aws:iam/role:Role": "assumeRolePolicy"}
_OPTIONAL_RESOURCE: Final = frozenset({"aws:ecr/repositoryPolicy:RepositoryPolicy"})
_VERSIONS: Final = ("2012-10-17", "2008-10-17")
_LIMITS: Final[Mapping[str, int]] = {  # characters, white space left out
    "aws:iam/policy:Policy": 6144,
    "aws:iam/rolePolicy:RolePolicy": 10240,
    "aws:iam/userPolicy:UserPolicy": 2048,
    "aws:iam/groupPolicy:GroupPolicy": 5120,
    "aws:iam/role:Role": 4096,
}
_WORDS: Final = frozenset({"Version", "Id", "Statement"})
_STATEMENT_WORDS: Final = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)
_ACTION: Final = re.compile(r"^(\*|[A-Za-z0-9-]+:[A-Za-z0-9*?_-]+)$")
_STS: Final = re.compile(r"^(sts:|\*$)")
_SID: Final = re.compile(r"^[0-9A-Za-z]*$")
_RESOURCE_FORM: Final = re.compile(r"^(\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:.+|\*:.*|arn:\*)$")
_PRINCIPALS: Final = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
_SERVICE: Final = re.compile(r"^[a-z0-9*.-]+\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal|api\.aws)$")
_USER: Final = re.compile(
    r"^(\*|\d{12}|arn:[\w-]+:(iam|sts)::(\d{12}|cloudfront|\*)?:.+|A[A-Z]{3}[A-Z0-9]{12,}|arn:.*\*.*)$"
)
# IAM user guide, "IAM JSON policy elements: Condition operators".
_OPERATORS: Final = re.compile(
    r"^(For(AllValues|AnyValue):)?(String(Not)?(Equals(IgnoreCase)?|Like)|Numeric((Not)?Equals|(Less|Greater)Than(Equals)?)"
    r"|Date((Not)?Equals|(Less|Greater)Than(Equals)?)|Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like))(IfExists)?$"
    r"|^Null$",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"^[\w+=,.@-]+$", re.ASCII)
_NAME_LENGTHS: Final[Mapping[str, int]] = {
    "aws:iam/role:Role": 64,
    "aws:iam/user:User": 64,
    "aws:iam/group:Group": 128,
    "aws:iam/policy:Policy": 128,
    "aws:iam/rolePolicy:RolePolicy": 128,
    "aws:iam/instanceProfile:InstanceProfile": 128,
}


def _documents(given: Given) -> Iterator[Problem]:
    token = given.type.token
    path = _IDENTITY.get(token) or _RESOURCE.get(token) or _TRUST[token]
    yield from _document(given, path, given.at(path))
    for place, inline in given.each("inlinePolicies"):
        yield from _document(given, f"{place}.policy", known(inline.get("policy")), identity=True)


def _document(given: Given, path: str, told: Any, *, identity: bool = False) -> Iterator[Problem]:
    if isinstance(told, str) and told:
        try:
            told = json.loads(told)
        except ValueError as error:
            yield Problem(path, f'"{path}" contains an invalid JSON policy: {error}')
            return
    if told == "" and given.type.token in _IDENTITY:
        yield Problem(path, f'"{path}" contains an invalid JSON policy: contains an empty string')
    if told is None or told == "":
        return
    if not isinstance(told, Mapping):
        yield Problem(
            path, f'"{path}" contains an invalid JSON policy: contains a JSON-encoded value, not a JSON object'
        )
        return
    reason = next(_malformed(given.type.token, told, identity=identity), None)
    if reason:
        yield Problem(path, f"MalformedPolicyDocument: {reason}")
        return
    limit = _LIMITS.get(given.type.token)
    size = len(re.sub(r"\s", "", json.dumps(told, separators=(",", ":"), default=str)))
    if limit and not identity and size > limit:
        yield Problem(path, f"LimitExceeded: the policy is {size} characters long; at most {limit} are taken")


def _malformed(token: str, told: Mapping[str, Any], *, identity: bool) -> Iterator[str]:
    identity = identity or token in _IDENTITY
    wrong = set(told) - _WORDS
    if wrong:
        yield f"Syntax errors in policy: unknown element {sorted(wrong)[0]}; known are Version, Id and Statement"
    version = known(told.get("Version"))
    if version is not None and version not in _VERSIONS:
        yield f"Syntax errors in policy: Version is {version!r}; {' or '.join(_VERSIONS)} is needed"
    statements = known(told.get("Statement"))
    if "Statement" not in told or statements in ([], {}):
        yield "Syntax errors in policy: Statement is missing"
    seen: set[str] = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        opened = known(statement)
        if isinstance(opened, Mapping):
            sid = known(opened.get("Sid"))
            if identity and isinstance(sid, str) and sid:
                if not _SID.match(sid):
                    yield f"Statement IDs (SID) must be alpha-numeric; {sid} is not"
                if sid in seen:
                    yield f"Statement IDs (SID) in a single policy must be unique; {sid} is there twice"
                seen.add(sid)
            yield from _statement(token, opened, identity=identity)
        elif opened is not None:
            yield "Syntax errors in policy: a statement is an object"


def _statement(token: str, told: Mapping[str, Any], *, identity: bool) -> Iterator[str]:  # noqa: C901  a list of rules
    wrong = set(told) - _STATEMENT_WORDS
    if wrong:
        yield f"Syntax errors in policy: unknown element {sorted(wrong)[0]} in a statement"
    if "Effect" not in told:
        yield "Syntax errors in policy: Effect is missing; give Allow or Deny"
    effect = known(told.get("Effect"))
    if effect is not None and effect not in ("Allow", "Deny"):
        yield f"Syntax errors in policy: Effect is {effect!r}; Allow or Deny is needed"
    if not {"Action", "NotAction"} & set(told):
        yield "Policy statement must contain actions."
    actions = known(told.get("Action"))
    for action in actions if isinstance(actions, list) else [actions]:
        if isinstance(action, str) and not _ACTION.match(action):
            yield f"Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.: {action}"
        elif token in _TRUST and not identity and isinstance(action, str) and not _STS.match(action):
            yield f"AssumeRole policy may only specify STS AssumeRole actions; {action} is none"
    if {"Action", "NotAction"} <= set(told) or {"Resource", "NotResource"} <= set(told):
        yield "Syntax errors in policy: give an element or its Not form, not both"
    yield from _parts(told, identity=identity)
    principal = bool({"Principal", "NotPrincipal"} & set(told))
    resource = bool({"Resource", "NotResource"} & set(told))
    if identity:
        if principal:
            yield "Policy document should not specify a principal."
        if not resource:
            yield "Policy statement must contain resources."
    elif token in _TRUST:
        if not principal:
            yield "AssumeRolePolicy must contain a principal; say who may take the role"
        if resource:
            yield "Has prohibited field Resource"
    elif not principal:
        yield "Missing required field Principal"
    elif not resource and token not in _OPTIONAL_RESOURCE:
        yield "Missing required field Resource"


def _names(given: Given) -> Iterator[Problem]:
    name, most = given.text("name"), _NAME_LENGTHS[given.type.token]
    if name and not _NAME.match(name):
        yield Problem(
            "name",
            f"invalid value for name (must match [\\w+=,.@-]): {name}; letters, digits and + = , . @ - _ are taken",
        )
    elif len(name) > most:
        yield Problem("name", f"expected length of name to be in the range (1 - {most}), got {name}")


def _both_names(given: Given) -> Iterator[Problem]:
    if "namePrefix" in given.type.inputs and has(given, "namePrefix") and has(given, "name"):
        yield Problem("namePrefix", '"name_prefix": conflicts with name; give one of them')


def _parts(told: Mapping[str, Any], *, identity: bool) -> Iterator[str]:
    """Resources, conditions and principals by their form."""
    for resource in _all(told.get("Resource")) if identity else ():
        if not _RESOURCE_FORM.match(resource) and "${" not in resource:
            yield f'Resource {resource} must be in ARN format or "*".'
    condition = known(told.get("Condition"))
    for operator in condition if isinstance(condition, Mapping) else ():
        if not _OPERATORS.match(str(operator)):
            yield f"Invalid Condition type : {operator}."
    who = known(told.get("Principal"))
    if isinstance(who, str) and who != "*":
        yield f"Invalid principal in policy: {who}; give * or an object with {', '.join(sorted(_PRINCIPALS))}"
    for kind, named in who.items() if isinstance(who, Mapping) else ():
        if kind not in _PRINCIPALS:
            yield f"Invalid principal in policy: {kind}; {', '.join(sorted(_PRINCIPALS))} are there"
        form = {"Service": _SERVICE, "AWS": _USER}.get(kind)
        for one in _all(named) if form else ():
            if form and one != "*" and not form.match(one) and "${" not in one:
                yield f'Invalid principal in policy: "{kind.upper()}":"{one}"'


def _all(value: Any) -> list[str]:
    opened = known(value)
    several = opened if isinstance(opened, list) else [opened]
    return [one for one in map(known, several) if isinstance(one, str)]


CONFLICTS: Final = (
    Conflict(
        name="policy-document",
        types=frozenset({*_IDENTITY, *_RESOURCE, *_TRUST}),
        says="A policy is JSON with statements that each allow or deny actions, on what and by whom as its kind needs.",
        source="docs.aws.amazon.com/IAM, Grammar of the IAM JSON policy language; error MalformedPolicyDocument",
        find=_documents,
    ),
    Conflict(
        name="iam-name",
        types=frozenset(_NAME_LENGTHS),
        says="Names in IAM have letters, digits and + = , . @ - _ and are 64 or 128 characters long at most.",
        source="IAM API CreateRole, CreateUser, CreatePolicy …: RoleName, pattern and length",
        find=_names,
    ),
    Conflict(
        name="name-or-prefix",
        types=tokens(),
        says="A thing has a name or the beginning of one.",
        source="hashicorp/terraform-provider-aws, name_prefix: ConflictsWith name",
        find=_both_names,
    ),
)
