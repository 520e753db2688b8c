"""Web apps, container apps and groups of containers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.azure.words import AZURERM, LEARN, REST, conflict, known, low, objects, types, whole
from trainyard.sandbox.conflicts.conflict import Given

_SITES: Final = types("web:WebApp", "web:WebAppSlot")
_APP: Final = types("app:ContainerApp")
_GROUP: Final = types("containerinstance:ContainerGroup")
_WORKERS: Final = {
    "b": 3,
    "s": 10,
}  # https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits


@conflict(
    "a-runtime-is-a-name-and-a-version",
    _SITES,
    "A Linux app's runtime is written as its name, a bar and its version or image.",
    f"{LEARN}/app-service/quickstart-python; error The parameter LinuxFxVersion has an invalid value",
)
def runtime(given: Given) -> Iterator[Problem]:
    text = given.at("siteConfig.linuxFxVersion")
    if isinstance(text, str) and text and text.lower() != "sitecontainers" and not re.fullmatch(r"[^|]+\|.+", text):
        yield Problem(
            "siteConfig.linuxFxVersion",
            f"BadRequest: The parameter LinuxFxVersion has an invalid value: '{text}'; give one such as PYTHON|3.12"
            " or DOCKER|nginx:latest",
        )


@conflict(
    "a-plan-has-so-many-workers",
    types("web:AppServicePlan"),
    "A basic plan has at most 3 workers, a standard one 10.",
    f"{LEARN}/azure-resource-manager/management/azure-subscription-service-limits, App Service limits",
)
def workers(given: Given) -> Iterator[Problem]:
    size, count = given.text("sku.name"), given.at("sku.capacity")
    most = _WORKERS.get(size[:1].lower()) if re.fullmatch(r"[BSbs][123]", size) else None
    if most is not None and isinstance(count, int | float) and count > most:
        yield Problem("sku.capacity", f"BadRequest: {count:g} workers; a plan of {size} has at most {most}")


@conflict(
    "a-container-asks-for-something",
    _GROUP,
    "Each container of a group requests CPU and memory over 0.",
    f"{REST}/container-instances/container-groups/create-or-update, ResourceRequests: cpu, memoryInGB",
)
def requests(given: Given) -> Iterator[Problem]:
    for at, one in given.each("containers"):
        for name in ("cpu", "memoryInGB"):
            wanted = known(one, f"resources.requests.{name}")
            if isinstance(wanted, int | float) and wanted <= 0:
                text = f"InvalidContainerResources: {name} is {wanted:g}; a container requests more than 0"
                yield Problem(f"{at}.resources.requests.{name}", text)


@conflict(
    "a-container-app-has-twice-the-memory",
    _APP,
    "On the consumption plan all containers together have 0.25 to 4 CPUs in steps of 0.25, and 2 GiB for each CPU.",
    f"{LEARN}/container-apps/containers, Configuration; error code ContainerAppInvalidResourceTotal",
)
def sizes(given: Given) -> Iterator[Problem]:
    if given.unknown("workloadProfileName") or low(given.at("workloadProfileName")) not in ("", "consumption"):
        return
    there = given.at("template.containers")
    found = [known(one, "resources") for _, one in objects(there, "")]
    if not whole(there) or not found or not all(isinstance(one, Mapping) for one in found):
        return
    cpus = [known(one, "cpu") for one in found]
    memory = [_gib(known(one, "memory")) for one in found]
    if any(not isinstance(one, int | float) for one in cpus) or any(one is None for one in memory):
        return
    cpu, gib = sum(cpus), sum(one for one in memory if one is not None)
    if any(one.get("gpu") for one in found):
        return
    if not 0.25 <= cpu <= 4 or cpu % 0.25 or abs(gib - 2 * cpu) > 0.001:
        yield Problem(
            "template.containers",
            "ContainerAppInvalidResourceTotal: The total requested CPU and memory resources for this application (CPU:"
            f" {cpu:g}, memory: {gib:g}) is invalid. Total CPU and memory for all containers defined in a Container App"
            " must add up to one of the following CPU - Memory combinations: [cpu: 0.25, memory: 0.5Gi];"
            " [cpu: 0.5, memory: 1.0Gi]; … [cpu: 4.0, memory: 8.0Gi]",
        )


def _gib(text: Any) -> float | None:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)Gi", text) if isinstance(text, str) else None
    return float(found.group(1)) if found else None


@conflict(
    "a-container-app-s-numbers-fit",
    _APP,
    "Replicas go from the least to the most, ports from 1 to 65535.",
    f"{LEARN}/container-apps/scale-app, Scale definition; {LEARN}/container-apps/ingress-how-to",
)
def numbers(given: Given) -> Iterator[Problem]:
    least, most = (given.at(f"template.scale.{name}Replicas") for name in ("min", "max"))
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        yield Problem(
            "template.scale.minReplicas", f"ContainerAppInvalidScaleSpec: minReplicas {least:g} is above {most:g}"
        )
    port = given.at("configuration.ingress.targetPort")
    if isinstance(port, int | float) and not 0 <= port <= 65535:
        yield Problem("configuration.ingress.targetPort", f"ContainerAppInvalidTargetPort: {port:g}; 1 to 65535")


@conflict(
    "a-container-app-s-secrets-are-there",
    _APP,
    "A secret that a container or a registry names is one of the app's.",
    f"{LEARN}/container-apps/manage-secrets; error code ContainerAppSecretRefNotFound",
)
def secrets(given: Given) -> Iterator[Problem]:
    listed = given.at("configuration.secrets")
    if given.unknown("configuration.secrets") or given.unknown("configuration"):
        return
    found = [known(one, "name") for _, one in objects(listed, "")]
    if listed is not None and (not whole(listed) or not all(isinstance(name, str) for name in found)):
        return
    for at, one in given.each("template.containers"):
        for where, variable in objects(known(one, "env"), f"{at}.env"):
            name = known(variable, "secretRef")
            if isinstance(name, str) and name and name not in found:
                text = f"SecretRef '{name}' defined for container '{known(one, 'name')}' not found"
                yield Problem(f"{where}.secretRef", f"ContainerAppSecretRefNotFound: {text}")
    for at, one in given.each("configuration.registries"):
        name = known(one, "passwordSecretRef")
        if isinstance(name, str) and name and name not in found:
            yield Problem(f"{at}.passwordSecretRef", f"ContainerAppSecretRefNotFound: SecretRef '{name}' not found")


@conflict(
    "a-group-s-ports-and-volumes-are-its-containers",
    _GROUP,
    "A port of a group is one of a container's; what a container mounts is a volume of the group.",
    f"{REST}/container-instances/container-groups/create-or-update; {AZURERM}/containers/container_group_resource.go",
)
def parts(given: Given) -> Iterator[Problem]:
    containers = given.at("containers")
    lists = [known(one, "ports") for _, one in objects(containers, "")]
    inner = [known(port, "port") for ports in lists for _, port in objects(ports, "")]
    told = whole(containers) and bool(inner) and all(isinstance(port, int | float) for port in inner)
    told = told and all(ports is None or whole(ports) for ports in lists)
    unsure = any("ports" in one and known(one, "ports") is None for _, one in objects(containers, ""))
    for at, port in given.each("ipAddress.ports"):
        number = known(port, "port")
        if told and not unsure and isinstance(number, int | float) and number not in inner:
            yield Problem(
                f"{at}.port",
                f"InvalidRequestContent: Ports [{number:g}] in the 'ipAddress' of the container group cannot be found"
                " in the 'ports' of its containers",
            )
    volumes = given.at("volumes")
    names = [known(one, "name") for _, one in objects(volumes, "")]
    if given.unknown("volumes") or (volumes is not None and (not whole(volumes) or None in names)):
        return
    for at, one in given.each("containers"):
        for where, mount in objects(known(one, "volumeMounts"), f"{at}.volumeMounts"):
            name = known(mount, "name")
            if isinstance(name, str) and name not in names:
                yield Problem(f"{where}.name", f"VolumeNotFound: the group has no volume '{name}'")


CONFLICTS: Final = (requests, runtime, workers, sizes, numbers, secrets, parts)
