"""Functions, queues, topics, load balancers and clusters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.aws.facts import machine
from trainyard.sandbox.conflicts.aws.reading import has, items, known, number, there
from trainyard.sandbox.conflicts.conflict import Conflict, Given

_FUNCTION: Final = "aws:lambda/function:Function"
_QUEUE: Final = "aws:sqs/queue:Queue"
_TOPIC: Final = "aws:sns/topic:Topic"
_BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"
_TARGETS: Final = "aws:lb/targetGroup:TargetGroup"
_LISTENER: Final = "aws:lb/listener:Listener"
# docs.aws.amazon.com/lambda, "Lambda runtimes": gone for years. Of later ones the dates moved again.
_GONE: Final = frozenset(
    [
        "nodejs",
        "nodejs4.3",
        "nodejs4.3-edge",
        "nodejs6.10",
        "nodejs8.10",
        "nodejs10.x",
        "python2.7",
        "python3.6",
        "ruby2.5",
        "dotnetcore1.0",
        "dotnetcore2.0",
        "dotnetcore2.1",
    ]
)
# SQS API CreateQueue, Attributes.
_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "delaySeconds": (0, 900),
    "maxMessageSize": (1024, 1048576),
    "messageRetentionSeconds": (60, 1209600),
    "receiveWaitTimeSeconds": (0, 20),
    "visibilityTimeoutSeconds": (0, 43200),
    "kmsDataKeyReusePeriodSeconds": (60, 86400),
}
_FIFO_ONLY: Final = ("contentBasedDeduplication", "deduplicationScope", "fifoThroughputLimit")
_ENDPOINTS: Final[Mapping[str, re.Pattern[str]]] = {
    "email": re.compile(r"^[^@\s]+@[^@\s]+$"),
    "email-json": re.compile(r"^[^@\s]+@[^@\s]+$"),
    "http": re.compile(r"^http://"),
    "https": re.compile(r"^https://"),
    "sqs": re.compile(r"^arn:aws[a-z-]*:sqs:"),
    "lambda": re.compile(r"^arn:aws[a-z-]*:lambda:"),
    "firehose": re.compile(r"^arn:aws[a-z-]*:firehose:"),
    "sms": re.compile(r"^\+?[0-9() -]+$"),
}


def _function(given: Given) -> Iterator[Problem]:  # noqa: C901  a list of rules
    kind = given.at("packageType") or "Zip"
    if given.unknown("packageType"):
        return
    runtime = given.text("runtime")
    if runtime in _GONE:
        yield Problem(
            "runtime",
            f"InvalidParameterValueException: The runtime parameter of {runtime} is no longer supported for creating "
            "or updating AWS Lambda functions; give a runtime of today",
        )
    needed, wrong = (("runtime", "handler"), "imageUri") if kind == "Zip" else (("imageUri",), "handler")
    for name in needed:
        if not there(given, name):
            text = f"InvalidParameterValueException: {name} is needed with packageType {kind}"
            yield Problem(name, text)
    if has(given, wrong):
        yield Problem(wrong, f"InvalidParameterValueException: {wrong} is not taken with packageType {kind}")
    source = [name for name in ("code", "imageUri", "s3Bucket") if has(given, name)]
    if len(source) > 1:
        yield Problem(source[1], f'"{source[1]}": conflicts with {source[0]}; the code comes from one place')
    elif kind == "Zip" and not any(there(given, name) for name in ("code", "imageUri", "s3Bucket")):
        yield Problem("code", "one of `filename,image_uri,s3_bucket` must be specified: give code, or a bucket and key")
    if there(given, "s3Bucket") and not there(given, "s3Key"):
        yield Problem("s3Key", '"s3_bucket": all of `s3_bucket,s3_key` must be specified')
    if not there(given, "capacityProviderConfig") and not there(given, "durableConfig"):
        for name, least, most in (("memorySize", 128, 10240), ("timeout", 1, 900)):
            value = number(given, name)
            if value is not None and not least <= value <= most:
                text = (
                    f"ValidationException: Value '{value}' at '{name}' failed to satisfy constraint: {least} to {most}"
                )
                yield Problem(name, text)
    name = given.text("name")
    if name and not re.fullmatch(r"(arn:\S+|[a-zA-Z0-9-_]{1,64})", name):
        yield Problem("name", f"ValidationException: {name} is not of 1 to 64 letters, digits, hyphens and underscores")


def _queue(given: Given) -> Iterator[Problem]:
    name, fifo = given.text("name"), given.at("fifoQueue") is True
    unknown = given.unknown("fifoQueue")
    if name and not re.fullmatch(r"[0-9A-Za-z_-]+(\.fifo)?", name):
        yield Problem("name", f"InvalidParameterValue: invalid queue name: {name}; letters, digits, - and _ are taken")
    elif len(name) > 80:
        yield Problem("name", f"InvalidParameterValue: the name has {len(name)} characters; at most 80 are taken")
    elif name and not unknown and fifo != name.endswith(".fifo"):
        text = (
            "the name of a FIFO queue ends in .fifo"
            if fifo
            else "only a FIFO queue's name ends in .fifo; give fifoQueue"
        )
        yield Problem("name", f"InvalidParameterValue: invalid queue name: {name}; {text}")
    if not fifo and not unknown:
        for other in _FIFO_ONLY:
            if has(given, other) and given.at(other) is not False:
                yield Problem(
                    other, f"content-based deduplication can only be set for FIFO queue: {other} needs fifoQueue"
                )
    for path, (least, most) in _RANGES.items():
        value = number(given, path)
        if value is not None and not least <= value <= most:
            yield Problem(
                path, f"InvalidAttributeValue: expected {path} to be in the range ({least} - {most}), got {value}"
            )
    if has(given, "kmsMasterKeyId") and given.at("sqsManagedSseEnabled") is True:
        yield Problem("sqsManagedSseEnabled", '"sqs_managed_sse_enabled": conflicts with kms_master_key_id')


def _topic(given: Given) -> Iterator[Problem]:
    name, fifo = given.text("name"), given.at("fifoTopic") is True
    if name and not re.fullmatch(r"[0-9A-Za-z_-]{1,256}(\.fifo)?", name):
        yield Problem("name", f"invalid topic name: {name}; up to 256 letters, digits, - and _ are taken")
    elif name and not given.unknown("fifoTopic") and fifo != name.endswith(".fifo"):
        text = (
            "the name of a FIFO topic ends in .fifo"
            if fifo
            else "only a FIFO topic's name ends in .fifo; give fifoTopic"
        )
        yield Problem("name", f"invalid topic name: {name}; {text}")
    if given.at("contentBasedDeduplication") is True and not fifo and not given.unknown("fifoTopic"):
        yield Problem("contentBasedDeduplication", "content-based deduplication can only be set for FIFO topics")


def _subscription(given: Given) -> Iterator[Problem]:
    protocol, endpoint = given.text("protocol"), given.text("endpoint")
    form = _ENDPOINTS.get(protocol)
    if protocol and protocol not in (*_ENDPOINTS, "application"):
        allowed = ", ".join((*_ENDPOINTS, "application"))
        yield Problem(
            "protocol",
            f"InvalidParameter: Invalid parameter: Does not support this protocol string: {protocol}; {allowed}",
        )
    elif form and endpoint and not form.match(endpoint):
        yield Problem("endpoint", f"InvalidParameter: Invalid parameter: {endpoint} is no endpoint of {protocol}")


def _balancer(given: Given) -> Iterator[Problem]:
    name = given.text("name")
    if name and (not re.fullmatch(r"[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?", name) or len(name) > 32):
        yield Problem(
            "name", f"ValidationError: {name} is not of 1 to 32 letters, digits and hyphens, none at its ends"
        )
    elif name.startswith("internal-") and given.type.token == _BALANCER:
        yield Problem("name", "ValidationError: The load balancer name cannot begin with 'internal-'")
    if given.type.token != _BALANCER:
        return
    if has(given, "subnets") and has(given, "subnetMappings"):
        yield Problem("subnetMappings", "ValidationError: give subnets or subnetMappings, not both")
    elif not there(given, "subnets") and not there(given, "subnetMappings"):
        yield Problem(
            "subnets", "ValidationError: At least two subnets in two different Availability Zones must be specified"
        )
    kind = given.at("loadBalancerType") or "application"
    known_all = isinstance(given.at("subnets"), list) and len(items(given, "subnets")) == len(given.at("subnets"))
    if kind == "application" and known_all and len(set(map(str, items(given, "subnets")))) == 1:
        yield Problem(
            "subnets", "ValidationError: At least two subnets in two different Availability Zones must be specified"
        )
    if kind == "gateway" and has(given, "securityGroups"):
        yield Problem("securityGroups", "InvalidConfigurationRequest: gateway load balancers take no security groups")


def _target_group(given: Given) -> Iterator[Problem]:
    kind = given.at("targetType") or "instance"
    if given.unknown("targetType"):
        return
    needed = ("port", "protocol") + (("vpcId",) if kind != "lambda" else ())
    if kind == "lambda":
        if has(given, "port") and number(given, "port"):
            yield Problem("port", "ValidationError: Target groups of Lambda functions have no port")
    else:
        for name in needed:
            if not there(given, name):
                yield Problem(name, f"Attribute {name} must be specified when target_type is {kind}")
    port, protocol = number(given, "port"), given.text("protocol")
    if protocol == "GENEVE" and port not in (None, 6081):
        yield Problem("port", f"ValidationError: GENEVE is on port 6081, not {port}")
    if given.text("protocolVersion") and protocol and protocol not in ("HTTP", "HTTPS"):
        yield Problem(
            "protocolVersion", f"ValidationError: a protocol version goes with HTTP and HTTPS, not {protocol}"
        )
    check = given.at("healthCheck")
    if isinstance(check, Mapping):
        yield from _health_check(check)


def _health_check(check: Mapping[str, Any]) -> Iterator[Problem]:
    for name, least, most in (
        ("interval", 5, 300),
        ("timeout", 2, 120),
        ("healthyThreshold", 2, 10),
        ("unhealthyThreshold", 2, 10),
    ):
        value = known(check.get(name))
        if isinstance(value, int) and not least <= value <= most:
            yield Problem(f"healthCheck.{name}", f"ValidationError: {value}; {least} to {most} are taken")
    path, protocol = known(check.get("path")), known(check.get("protocol"))
    if isinstance(path, str) and path and not path.startswith("/") and protocol in (None, "HTTP", "HTTPS"):
        yield Problem("healthCheck.path", f"ValidationError: the path {path} does not begin with /")
    interval, timeout = known(check.get("interval")), known(check.get("timeout"))
    if isinstance(interval, int) and isinstance(timeout, int) and timeout > interval:
        yield Problem(
            "healthCheck.timeout",
            f"ValidationError: Health check timeout {timeout} must be smaller than the interval {interval}",
        )


def _listener(given: Given) -> Iterator[Problem]:
    protocol = given.text("protocol").upper()
    secure = protocol in ("HTTPS", "TLS")
    if secure and not there(given, "certificateArn"):
        yield Problem("certificateArn", f"ValidationError: A certificate must be specified for {protocol} listeners")
    if protocol and not secure:
        for name in ("certificateArn", "sslPolicy"):
            if has(given, name):
                yield Problem(
                    name, f"ValidationError: {name} is not taken for {protocol} listeners; HTTPS and TLS take one"
                )
    if has(given, "alpnPolicy") and protocol and protocol != "TLS":
        yield Problem("alpnPolicy", f"ValidationError: an ALPN policy goes with TLS, not with {protocol}")
    for path, action in given.each("defaultActions"):
        yield from _action(path, action)


def _action(path: str, action: Mapping[str, Any]) -> Iterator[Problem]:
    kind = known(action.get("type"))
    needs = {
        "redirect": "redirect",
        "fixed-response": "fixedResponse",
        "authenticate-cognito": "authenticateCognito",
        "authenticate-oidc": "authenticateOidc",
    }.get(kind if isinstance(kind, str) else "")
    if needs and not action.get(needs):
        yield Problem(f"{path}.{needs}", f"ValidationError: an action of type {kind} needs {needs}")
    if kind == "forward" and not action.get("targetGroupArn") and not action.get("forward"):
        yield Problem(f"{path}.targetGroupArn", "ValidationError: an action of type forward needs a target group")


def _eks(given: Given) -> Iterator[Problem]:
    subnets = given.at("vpcConfig.subnetIds")
    if isinstance(subnets, list) and len(subnets) < 2:
        yield Problem(
            "vpcConfig.subnetIds",
            "InvalidParameterException: Subnets specified must be in at least two different AZs; give two or more",
        )
    private = given.at("vpcConfig.endpointPrivateAccess") or given.unknown("vpcConfig.endpointPrivateAccess")
    if given.at("vpcConfig.endpointPublicAccess") is False and not private:
        yield Problem(
            "vpcConfig.endpointPrivateAccess",
            "InvalidParameterException: Private and public endpoint access cannot both be disabled",
        )
    version = given.text("version")
    if version and not re.fullmatch(r"1\.\d\d", version):
        yield Problem("version", f"InvalidParameterException: unsupported Kubernetes version {version}; write 1.NN")


def _nodes(given: Given) -> Iterator[Problem]:
    if has(given, "launchTemplate"):
        for name in ("remoteAccess", "diskSize"):
            if has(given, name):
                yield Problem(
                    name, f"InvalidParameterException: {name} is not taken with a launch template; put it there"
                )
        if has(given, "launchTemplate.id") and has(given, "launchTemplate.name"):
            yield Problem("launchTemplate.name", "InvalidRequestException: give the template's id or its name")
    update = [name for name in ("maxUnavailable", "maxUnavailablePercentage") if has(given, f"updateConfig.{name}")]
    if len(update) > 1:
        yield Problem(f"updateConfig.{update[1]}", "InvalidParameterException: give a number or a percentage, not both")
    kind = given.text("amiType")
    arm = "ARM_64" in kind
    for place, type in enumerate(items(given, "instanceTypes")):
        yield from _ami_for(kind, arm, str(type), place)


def _ami_for(kind: str, arm: bool, type: str, place: int) -> Iterator[Problem]:
    found = machine(type)
    if found is None or not kind or kind == "CUSTOM":
        return
    if arm != ("arm64" in found.arch):
        yield Problem(
            f"instanceTypes[{place}]",
            f"InvalidParameterException: [{type}] is not a valid instance type for requested amiType {kind}",
        )
    elif not found.gpus and ("GPU" in kind or "NVIDIA" in kind):
        yield Problem(
            f"instanceTypes[{place}]",
            f"InvalidParameterException: [{type}] has no GPU, as the requested amiType {kind} needs",
        )


def _kms(given: Given) -> Iterator[Problem]:
    days = number(given, "deletionWindowInDays")
    if days is not None and not 7 <= days <= 30:
        yield Problem("deletionWindowInDays", f"ValidationException: {days} days; 7 to 30 are taken")
    name = given.text("name")
    if given.type.token == "aws:kms/alias:Alias" and name:  # noqa: S105  a resource token
        if not name.startswith("alias/"):
            yield Problem("name", f"\"name\" must begin with 'alias/' and be comprised of only [0-9A-Za-z_/-]: {name}")
        elif name.startswith("alias/aws/"):
            yield Problem("name", "NotAuthorizedException: the aliases under alias/aws/ are Amazon's own")


CONFLICTS: Final = (
    Conflict(
        name="function-package",
        types=frozenset({_FUNCTION}),
        says="A zip has runtime, handler and one source; an image has its URI; memory and time stay within limits.",
        source="Lambda API CreateFunction; docs.aws.amazon.com/lambda, Lambda quotas, Lambda runtimes",
        find=_function,
    ),
    Conflict(
        name="queue-attributes",
        types=frozenset({_QUEUE}),
        says="FIFO queues end in .fifo; times and sizes stay within SQS's limits.",
        source="SQS API CreateQueue: QueueName, Attributes; hashicorp/terraform-provider-aws, aws_sqs_queue",
        find=_queue,
    ),
    Conflict(
        name="topic-name",
        types=frozenset({_TOPIC}),
        says="FIFO topics end in .fifo.",
        source="SNS API CreateTopic: Name; hashicorp/terraform-provider-aws, aws_sns_topic",
        find=_topic,
    ),
    Conflict(
        name="subscription-endpoint",
        types=frozenset({"aws:sns/topicSubscription:TopicSubscription"}),
        says="An endpoint is of its protocol.",
        source="SNS API Subscribe: Protocol, Endpoint",
        find=_subscription,
    ),
    Conflict(
        name="balancer-name",
        types=frozenset({_BALANCER, _TARGETS}),
        says="Names have 32 letters, digits and hyphens; an application balancer has two subnets.",
        source="Elastic Load Balancing API CreateLoadBalancer: Name, Subnets, SecurityGroups; CreateTargetGroup: Name",
        find=_balancer,
    ),
    Conflict(
        name="target-group",
        types=frozenset({_TARGETS}),
        says="All but functions have port, protocol and VPC; health checks stay within limits.",
        source="Elastic Load Balancing API CreateTargetGroup: TargetType, Port, HealthCheck…",
        find=_target_group,
    ),
    Conflict(
        name="listener",
        types=frozenset({_LISTENER}),
        says="Secure listeners have a certificate and others none; each action has what its type needs.",
        source="Elastic Load Balancing API CreateListener: Certificates, SslPolicy; Action: Type",
        find=_listener,
    ),
    Conflict(
        name="kubernetes-cluster",
        types=frozenset({"aws:eks/cluster:Cluster"}),
        says="A cluster has two subnets, an endpoint, and a version of the form 1.NN.",
        source="EKS API CreateCluster: VpcConfigRequest; error InvalidParameterException",
        find=_eks,
    ),
    Conflict(
        name="kubernetes-nodes",
        types=frozenset({"aws:eks/nodeGroup:NodeGroup"}),
        says="Machines fit the image's architecture; what a launch template says is not said again.",
        source="EKS API CreateNodegroup: amiType, launchTemplate, remoteAccess, diskSize; NodegroupUpdateConfig",
        find=_nodes,
    ),
    Conflict(
        name="key-and-alias",
        types=frozenset({"aws:kms/key:Key", "aws:kms/alias:Alias"}),
        says="A key is deleted after 7 to 30 days; an alias begins with alias/, and not with alias/aws/.",
        source="KMS API ScheduleKeyDeletion: PendingWindowInDays; CreateAlias: AliasName",
        find=_kms,
    ),
)
