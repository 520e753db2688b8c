"""Listeners and target groups: what their balancer's kind and their protocol need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.aws.reading import known, number, there
from trainyard.sandbox.conflicts.conflict import Conflict, Given

_LISTENERS: Final = frozenset({"aws:lb/listener:Listener", "aws:alb/listener:Listener"})
_TARGETS: Final = frozenset({"aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup"})
# ELB API CreateListener, Protocol; by what the balancer's ARN says it is.
_PROTOCOLS: Final[Mapping[str, frozenset[str]]] = {
    "/app/": frozenset({"HTTP", "HTTPS"}),
    "/net/": frozenset({"TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC"}),
}
_WEB: Final = frozenset({"HTTP", "HTTPS"})
_STICKY_WEB: Final = frozenset({"lb_cookie", "app_cookie"})


def _listener(given: Given) -> Iterator[Problem]:
    arn, protocol = given.text("loadBalancerArn"), given.text("protocol").upper()
    for kind, allowed in _PROTOCOLS.items():
        if kind not in arn:
            continue
        if protocol and protocol not in allowed:
            yield Problem(
                "protocol",
                f"ValidationError: Listener protocol '{protocol}' must be one of {', '.join(sorted(allowed))}",
            )
        if not there(given, "port"):
            yield Problem("port", "ValidationError: A listener port must be specified")
    for path, action in given.each("defaultActions"):
        move = known(action.get("redirect"))
        if isinstance(move, Mapping) and not any(
            move.get(name) for name in ("host", "path", "port", "protocol", "query")
        ):
            text = "InvalidLoadBalancerAction: The redirect configuration is not valid because it creates a loop."
            yield Problem(f"{path}.redirect", text)
        answer = known(action.get("fixedResponse"))
        code = str(known(answer.get("statusCode")) or "") if isinstance(answer, Mapping) else ""
        if code.isdigit() and not (len(code) == 3 and code[0] in "245"):
            text = f"ValidationError: the status code {code} is none of 2XX, 4XX and 5XX"
            yield Problem(f"{path}.fixedResponse.statusCode", text)


def _target_group(given: Given) -> Iterator[Problem]:
    protocol, sticky = given.text("protocol").upper(), given.text("stickiness.type")
    on = protocol and sticky and given.at("stickiness.enabled") is not False
    if on and (sticky in _STICKY_WEB) != (protocol in _WEB):
        yield Problem("stickiness.type", f"ValidationError: Stickiness type '{sticky}' is not supported for {protocol}")
    check = given.text("healthCheck.protocol").upper()
    if check == "TCP":
        for name in ("matcher", "path"):
            if given.text(f"healthCheck.{name}"):
                yield Problem(
                    f"healthCheck.{name}", f"Attribute {name} cannot be specified when health_check.protocol is TCP"
                )
        if protocol in _WEB:
            yield Problem("healthCheck.protocol", f"ValidationError: {protocol} target groups are not checked by TCP")
    slow = number(given, "slowStart")
    if slow and not 30 <= slow <= 900:
        yield Problem("slowStart", f"ValidationError: {slow}; 0, or 30 to 900 seconds are taken")


CONFLICTS: Final = (
    Conflict(
        name="listener-of-its-balancer",
        types=_LISTENERS,
        says="A listener has a port and a protocol of its balancer's kind; a redirect leads elsewhere.",
        source="ELB API CreateListener: Port, Protocol; RedirectActionConfig, FixedResponseActionConfig",
        find=_listener,
    ),
    Conflict(
        name="target-group-protocol",
        types=_TARGETS,
        says="Stickiness and health checks fit the protocol.",
        source="ELB API TargetGroupAttribute: stickiness.type; hashicorp/terraform-provider-aws, aws_lb_target_group",
        find=_target_group,
    ),
)
