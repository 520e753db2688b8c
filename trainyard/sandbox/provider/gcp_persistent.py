"""What Vertex AI refuses of a persistent resource: machines that no job has, sizes that cannot be.

Source: aiplatform.v1 PersistentResource, ResourcePool and AutoscalingSpec (revision 20261106).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.api.vertex.rules import machine_reasons
from trainyard.sandbox.check import Problem
from trainyard.sandbox.provider.gcp_places import regions
from trainyard.servicer.values import reveal

TYPE: Final = "gcp:vertex/aiPersistentResource:AiPersistentResource"
_NETWORK: Final = re.compile(r"projects/\d+/global/networks/[^/]+")


def check_persistent_resource(inputs: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Problem]:
    """Problems of what is known; an unknown value is none."""
    given = reveal(dict(inputs))
    region = given.get("location")
    if not isinstance(region, str) or region not in regions():
        return
    pools = given.get("resourcePools")
    if isinstance(pools, list) and not pools:
        yield Problem("resourcePools", "At least one resource pool must be set.")
    for index, pool in enumerate(pools if isinstance(pools, list) else ()):
        if isinstance(pool, Mapping):
            yield from _pool(pool, f"resourcePools[{index}]", region)
    network = given.get("network")
    if isinstance(network, str) and not _NETWORK.fullmatch(network):
        text = f"Invalid network '{network}': use projects/{{project number}}/global/networks/{{name}}."
        yield Problem("network", text)
    key = (given.get("encryptionSpec") or {}).get("kmsKeyName", "")
    if isinstance(key, str) and key and f"/locations/{region}/" not in key:
        text = f"The KMS key '{key}' must be in the same region as the resource ({region})."
        yield Problem("encryptionSpec.kmsKeyName", text)


def _pool(pool: Mapping[str, Any], at: str, region: str) -> Iterator[Problem]:
    machine = pool.get("machineSpec")
    if isinstance(machine, Mapping) and all(not isinstance(each, Mapping) for each in machine.values()):
        told = {key: value for key, value in machine.items() if value is not None}
        yield from (Problem(f"{at}.machineSpec", reason) for reason in machine_reasons(told, at, region))
    scaling = pool.get("autoscalingSpec")
    counts = [pool.get("replicaCount"), *(scaling.values() if isinstance(scaling, Mapping) else ())]
    if any(isinstance(each, str) and not re.fullmatch(r"[1-9]\d*", each) for each in counts):
        yield Problem(at, f"The numbers of replicas must be 1 or more; {counts} given.")
    elif isinstance(scaling, Mapping):
        least, most = scaling.get("minReplicaCount"), scaling.get("maxReplicaCount")
        if isinstance(least, str) and isinstance(most, str) and int(least) >= int(most):
            text = f"max_replica_count {most} must be greater than min_replica_count {least}."
            yield Problem(f"{at}.autoscalingSpec.maxReplicaCount", text)
