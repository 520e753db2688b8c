"""Tasks and services of ECS."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.aws.reading import has, items, number, there, whole
from trainyard.sandbox.conflicts.conflict import Conflict, Given

_TASK: Final = "aws:ecs/taskDefinition:TaskDefinition"
_SERVICE: Final = "aws:ecs/service:Service"
# docs.aws.amazon.com/AmazonECS, "Fargate task CPU and memory": MiB by CPU units, as first, last and step.
_FARGATE: Final[Mapping[int, tuple[int, int, int]]] = {
    512: (1024, 4096, 1024),
    1024: (2048, 8192, 1024),
    2048: (4096, 16384, 1024),
    4096: (8192, 30720, 1024),
    8192: (16384, 61440, 4096),
    16384: (32768, 122880, 8192),
}
_SMALL: Final = (512, 1024, 2048)  # of 256 CPU units
_BAD: Final = "ClientException"


def _task(given: Given) -> Iterator[Problem]:
    fargate = "FARGATE" in items(given, "requiresCompatibilities")
    if fargate:
        yield from _fargate(given)
    text = given.text("containerDefinitions")
    if not text:
        return
    try:
        containers = json.loads(text)
    except ValueError as error:
        yield Problem("containerDefinitions", f"ECS Task Definition container_definitions is invalid: {error}")
        return
    reason = next(_containers(given, containers), None)
    if reason:
        yield Problem("containerDefinitions", f"{_BAD}: {reason}")


def _fargate(given: Given) -> Iterator[Problem]:
    mode = given.text("networkMode")
    if mode != "awsvpc" and not given.unknown("networkMode"):
        yield Problem("networkMode", f"{_BAD}: Fargate only supports network mode awsvpc; {mode or 'none'} was given")
    cpu, memory = number(given, "cpu"), number(given, "memory")
    for name in ("cpu", "memory"):
        if not there(given, name):
            yield Problem(name, f"{_BAD}: Fargate requires that '{name}' be defined at the task level.")
    if cpu is None:
        return
    if cpu != 256 and cpu not in _FARGATE:
        yield Problem("cpu", f"{_BAD}: No Fargate configuration exists for given values: {cpu} CPU; 256 to 16384 exist")
    elif memory is not None:
        first, last, step = _FARGATE.get(cpu, (0, 0, 1))
        right = memory in _SMALL if cpu == 256 else first <= memory <= last and (memory - first) % step == 0
        if not right:
            allowed = "512, 1024, 2048" if cpu == 256 else f"{first} to {last} in steps of {step}"
            text = f"{_BAD}: No Fargate configuration exists for given values: {cpu} CPU, {memory} memory; "
            yield Problem("memory", f"{text}{allowed} MiB exist")


def _containers(given: Given, told: Any) -> Iterator[str]:  # noqa: C901  a list of rules
    if not isinstance(told, list) or not told:
        yield "Container list cannot be empty."
        return
    if not all(isinstance(one, Mapping) for one in told):
        yield "a container is an object"
        return
    names: set[Any] = set()
    for one in told:
        for word in ("name", "image"):
            if not one.get(word):
                yield f"Container.{word} should not be null or empty."
        if one.get("name") in names:
            yield f"Container name {one.get('name')} is there twice"
        names.add(one.get("name"))
        memory = one.get("memory") or one.get("memoryReservation")
        if not memory and not there(given, "memory"):
            text = "At least one of 'memory' or 'memoryReservation' must be specified."
            yield f"Invalid setting for container '{one.get('name')}'. {text}"
        for port in one.get("portMappings") or ():
            inner, outer = whole(port.get("containerPort")), whole(port.get("hostPort"))
            if given.text("networkMode") == "awsvpc" and outer and inner != outer:
                yield "When networkMode=awsvpc, the host ports and container ports in port mappings must match."
    if not any(one.get("essential", True) for one in told):
        yield "At least one essential container is needed in a task definition"


def _service(given: Given) -> Iterator[Problem]:
    fargate = given.text("launchType") == "FARGATE"
    if fargate and not there(given, "networkConfiguration"):
        yield Problem(
            "networkConfiguration",
            "InvalidParameterException: Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        )
    if fargate and given.text("schedulingStrategy") == "DAEMON":
        yield Problem(
            "schedulingStrategy",
            "InvalidParameterException: The daemon scheduling strategy is not supported for FARGATE",
        )
    least, most = number(given, "deploymentMinimumHealthyPercent"), number(given, "deploymentMaximumPercent")
    if least == 100 and most == 100:
        yield Problem(
            "deploymentMaximumPercent",
            "InvalidParameterException: Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block "
            "deployments.",
        )
    if fargate and has(given, "orderedPlacementStrategies"):
        yield Problem("orderedPlacementStrategies", "InvalidParameterException: Fargate takes no placement strategies")


CONFLICTS: Final = (
    Conflict(
        name="task-definition",
        types=frozenset({_TASK}),
        says="Fargate has its own sizes and network mode; containers have names, images and memory.",
        source="docs.aws.amazon.com/AmazonECS, Fargate task definition differences; ECS API RegisterTaskDefinition",
        find=_task,
    ),
    Conflict(
        name="container-service",
        types=frozenset({_SERVICE}),
        says="A service on Fargate has a network, is no daemon, and can be replaced while it runs.",
        source="ECS API CreateService: errors InvalidParameterException",
        find=_service,
    ),
)
