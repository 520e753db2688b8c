"""Azure Machine Learning: workspaces, computes, jobs, endpoints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.azure.words import AZURERM, LEARN, REST, absent, conflict, known, low, types
from trainyard.sandbox.conflicts.conflict import Given

_COMPUTE: Final = types("machinelearningservices:Compute")
_JOB: Final = types("machinelearningservices:Job")
_REST: Final = f"{REST}/azureml"
_QUOTAS: Final = f"{LEARN}/machine-learning/how-to-manage-quotas, Azure Machine Learning compute"
_DURATION: Final = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_CHILD: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9-]{1,30}[a-zA-Z0-9]")


def _seconds(text: object) -> int | None:
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None or not any(found.groups()):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


@conflict(
    "a-cluster-grows-from-least-to-most",
    _COMPUTE,
    "A cluster has a size and scale settings, its least no more than its most; one with InfiniBand has at most"
    " 100 nodes.",
    f"{_REST}/compute/create-or-update, ScaleSettings; {_QUOTAS}",
)
def cluster(given: Given) -> Iterator[Problem]:
    if low(given.at("properties.computeType")) != "amlcompute" or given.at("properties.properties") is None:
        return
    at = "properties.properties.scaleSettings"
    least, most, size = (
        given.at(f"{at}.minNodeCount"),
        given.at(f"{at}.maxNodeCount"),
        given.at("properties.properties.vmSize"),
    )
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        yield Problem(
            f"{at}.minNodeCount", f"InvalidScaleSettings: minNodeCount {least:g} is more than maxNodeCount {most:g}"
        )
    if isinstance(most, int | float) and most > 100 and isinstance(size, str) and _has_infiniband(size):
        yield Problem(
            f"{at}.maxNodeCount",
            f"InvalidScaleSettings: a cluster of {size}, which has InfiniBand, has at most 100 nodes",
        )
    if size is None and not given.unknown("properties.properties.vmSize"):
        yield Problem(
            "properties.properties.vmSize",
            "InvalidParameter: required and missing: a cluster needs a size, such as Standard_NC24ads_A100_v4",
        )


def _has_infiniband(size: str) -> bool:
    """Whether an N size has an r among its letters: https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions."""
    found = re.match(r"standard_n[a-z]+\d+([a-z]*)", size.lower())
    return found is not None and "r" in found.group(1)


@conflict(
    "an-instance-stops-when-idle",
    _COMPUTE,
    "A compute instance waits 15 minutes to 3 days before it stops itself.",
    f"{LEARN}/machine-learning/how-to-create-compute-instance, Configure idle shutdown",
)
def idle(given: Given) -> Iterator[Problem]:
    at = "properties.properties.idleTimeBeforeShutdown"
    wait = _seconds(given.at(at))
    if low(given.at("properties.computeType")) == "computeinstance" and wait is not None and not 900 <= wait <= 259_200:
        yield Problem(at, f"InvalidIdleTimeBeforeShutdown: {given.at(at)}; from PT15M to P3D is taken")


@conflict(
    "computes-have-plain-names",
    _COMPUTE,
    "A cluster's name has 3 to 32 letters, digits and hyphens and begins with a letter, an instance's 3 to 24.",
    f"{AZURERM}/machinelearning/validate/compute_cluster_name.go;"
    f" {LEARN}/machine-learning/how-to-create-compute-instance",
)
def names(given: Given) -> Iterator[Problem]:
    name, kind = given.at("computeName"), low(given.at("properties.computeType"))
    longest = {"amlcompute": 32, "computeinstance": 24}.get(kind)
    if isinstance(name, str) and longest and not (_CHILD.fullmatch(name) and len(name) <= longest):
        yield Problem(
            "computeName",
            f"InvalidComputeName: '{name}'; 3 to {longest} letters, digits and hyphens, first a letter, at last"
            " no hyphen",
        )


@conflict(
    "who-logs-in-has-a-key",
    _COMPUTE,
    "A cluster's own user has a password or a key; an instance that is open to SSH has a key.",
    f"{_REST}/compute/create-or-update, UserAccountCredentials and ComputeInstanceSshSettings;"
    f" {AZURERM}/machinelearning/machine_learning_compute_cluster_resource.go",
)
def ways_in(given: Given) -> Iterator[Problem]:
    at = "properties.properties"
    user, password, key = (
        f"{at}.userAccountCredentials{name}" for name in ("", ".adminUserPassword", ".adminUserSshPublicKey")
    )
    if given.at(user) is not None and absent(given, password) and absent(given, key):
        yield Problem(key, "InvalidParameter: required and missing: a user has a password or a key")
    if low(given.at(f"{at}.sshSettings.sshPublicAccess")) == "enabled" and absent(
        given, f"{at}.sshSettings.adminPublicKey"
    ):
        yield Problem(f"{at}.sshSettings.adminPublicKey", "InvalidParameter: required where sshPublicAccess is Enabled")


@conflict(
    "distribution-fits-the-nodes",
    _JOB,
    "A distributed command has processes and workers in whole numbers of at least one.",
    f"{_REST}/jobs/create-or-update, CommandJob.distribution",
)
def distribution(given: Given) -> Iterator[Problem]:
    at = "properties.distribution"
    for name in ("processCountPerInstance", "workerCount"):
        count = given.at(f"{at}.{name}")
        if isinstance(count, int | float) and count < 1:
            yield Problem(f"{at}.{name}", f"InvalidDistribution: {name} {count:g}; at least 1 is needed")
    nodes, workers = given.at("properties.resources.instanceCount"), given.at(f"{at}.workerCount")
    servers = given.at(f"{at}.parameterServerCount") or 0
    tensorflow = low(given.at(f"{at}.distributionType")) == "tensorflow"
    numbers = all(isinstance(one, int | float) for one in (nodes, workers, servers))
    if tensorflow and numbers and workers + servers < nodes:
        text = f"InvalidDistribution: {workers + servers:g} tasks on {nodes:g} instances; give at least one an instance"
        yield Problem(f"{at}.workerCount", text)


@conflict(
    "a-job-s-time-is-more-than-none",
    _JOB,
    "A job's time limit is more than zero.",
    f"{_REST}/jobs/create-or-update, CommandJobLimits.timeout",
)
def timeout(given: Given) -> Iterator[Problem]:
    if _seconds(given.at("properties.limits.timeout")) == 0:
        yield Problem("properties.limits.timeout", "InvalidTimeout: a time limit of none; give one such as PT12H")


@conflict(
    "a-workspace-has-its-parts",
    types("machinelearningservices:Workspace"),
    "A workspace has a storage account and a key vault; a hub or a project may have its own.",
    f"{LEARN}/machine-learning/concept-workspace, Associated resources",
)
def workspace(given: Given) -> Iterator[Problem]:
    if low(given.at("kind")) in ("", "default") and not given.unknown("kind"):
        for name in ("storageAccount", "keyVault"):
            if given.at(name) is None and not given.unknown(name):
                yield Problem(name, f"ValidationError: Missing dependent resources in workspace json: give {name}")
    if low(given.at("kind")) == "project" and given.at("hubResourceId") is None and not given.unknown("hubResourceId"):
        yield Problem("hubResourceId", "ValidationError: a project needs the id of its hub")


@conflict(
    "a-workspace-says-its-identities",
    types("machinelearningservices:Workspace"),
    "A user's identity is named where the type says so, and is the primary one only then.",
    f"{_REST}/workspaces/create-or-update, ManagedServiceIdentity",
)
def identity(given: Given) -> Iterator[Problem]:
    kind = low(given.at("identity.type"))
    if (
        "userassigned" in kind
        and not given.at("identity.userAssignedIdentities")
        and not given.unknown("identity.userAssignedIdentities")
    ):
        yield Problem(
            "identity.userAssignedIdentities",
            f"InvalidIdentity: required and missing where the type is {given.at('identity.type')}",
        )


@conflict(
    "traffic-is-whole",
    types("machinelearningservices:OnlineEndpoint"),
    "An endpoint's traffic adds up to 100, or to none.",
    f"{LEARN}/machine-learning/how-to-safely-rollout-online-endpoints",
)
def traffic(given: Given) -> Iterator[Problem]:
    shares = given.at("properties.traffic")
    parts = list(shares.values()) if isinstance(shares, dict) else []
    if parts and all(isinstance(part, int | float) for part in parts) and sum(parts) not in (0, 100):
        yield Problem("properties.traffic", f"BadArgument: The sum of traffic should be 0 or 100; it is {sum(parts):g}")


@conflict(
    "a-deployment-scales-from-least-to-most",
    types("machinelearningservices:OnlineDeployment"),
    "A deployment's least instances are no more than its most.",
    f"{_REST}/online-deployments/create-or-update, TargetUtilizationScaleSettings",
)
def deployment(given: Given) -> Iterator[Problem]:
    least, most = (
        known(given.inputs, "properties.scaleSettings.minInstances"),
        known(given.inputs, "properties.scaleSettings.maxInstances"),
    )
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        yield Problem(
            "properties.scaleSettings.minInstances",
            f"InvalidScaleSettings: minInstances {least:g} is more than maxInstances {most:g}",
        )


CONFLICTS: Final = (cluster, idle, names, ways_in, distribution, timeout, workspace, identity, traffic, deployment)
