"""Kubernetes clusters and their pools."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.conflict import Conflict, Given, plain
from trainyard.sandbox.conflicts.gcp.machine import family, number_of, text_of
from trainyard.sandbox.provider.gcp_machines import check_machine
from trainyard.sandbox.provider.gcp_places import zones
from trainyard.servicer.values import has_unknown

_CLUSTER: Final = "gcp:container/cluster:Cluster"
_POOL: Final = "gcp:container/nodePool:NodePool"
# general-purpose families that take no GPUs: cloud.google.com/compute/docs/gpus, GPUs can be attached to N1 only
_NO_GPU: Final = frozenset({"e2", "n2", "n2d", "n4", "c2", "c2d", "c3", "c3d", "c4", "c4a", "c4d", "t2d", "t2a", "m1"})


def _autopilot(given: Given) -> Iterator[Problem]:
    if given.at("enableAutopilot") is True and given.text("location") in zones():
        region = given.text("location").rpartition("-")[0]
        yield Problem("location", f'Autopilot clusters must be regional clusters.; give "{region}"')


def _first_nodes(given: Given) -> Iterator[Problem]:
    names = ("initialNodeCount", "nodePools", "enableAutopilot")
    if given.at("enableAutopilot") is True or any(given.unknown(name) for name in names):
        return
    if not given.inputs.get("nodePools") and not given.at("initialNodeCount"):
        text = "Cluster.initial_node_count must be greater than zero."
        yield Problem("initialNodeCount", f"{text}; give it, with removeDefaultNodePool where pools are made apart")


def _cluster_places(given: Given) -> Iterator[Problem]:
    location, nodes = given.text("location"), given.at("nodeLocations")
    if isinstance(nodes, list) and location in nodes and location in zones():
        text = "when using a multi-zonal cluster, node_locations should not contain the original 'zone'"
        yield Problem("nodeLocations", text)
    if isinstance(nodes, list) and location:
        region = location.rpartition("-")[0] if location in zones() else location
        for number, zone in enumerate(nodes):
            if isinstance(zone, str) and zone.rpartition("-")[0] != region:
                text = f"{zone} is not in {region}, where the cluster is"
                yield Problem(f"nodeLocations[{number}]", text)


def _versions(given: Given) -> Iterator[Problem]:
    if given.text("nodeVersion") and given.at("removeDefaultNodePool") is True:
        text = "node_version can only be specified if remove_default_node_pool is not true"
        yield Problem("nodeVersion", text)
    master = given.text("minMasterVersion")
    if given.text("nodeVersion") and master and given.text("nodeVersion") != master:
        text = "Resource argument node_version must either be unset or set to the same value as min_master_version"
        yield Problem("nodeVersion", f"{text} ({master})")


def _pool_counts(given: Given) -> Iterator[Problem]:
    for path, pool in _pools(given):
        if number_of(pool, "initialNodeCount") and number_of(pool, "nodeCount"):
            text = "Cannot set both initial_node_count and node_count on node pool"
            yield Problem(f"{path}nodeCount", f"{text}; give one of them")
        scaling = plain(pool.get("autoscaling"))
        if not isinstance(scaling, Mapping):
            continue
        for low, high in (("minNodeCount", "maxNodeCount"), ("totalMinNodeCount", "totalMaxNodeCount")):
            least, most = number_of(scaling, low), number_of(scaling, high)
            if least is not None and most is not None and least > most:
                text = f"Autoscaling: {low} {least:g} is over {high} {most:g}"
                yield Problem(f"{path}autoscaling.{low}", text)
        each = any(number_of(scaling, name) for name in ("minNodeCount", "maxNodeCount"))
        total = any(number_of(scaling, name) for name in ("totalMinNodeCount", "totalMaxNodeCount"))
        if each and total:
            text = "per-zone and total limits exclude each other; give min and max, or totalMin and totalMax"
            yield Problem(f"{path}autoscaling.totalMaxNodeCount", text)


def _pool_machines(given: Given) -> Iterator[Problem]:
    for path, config in _node_configs(given):
        if plain(config.get("spot")) is True and plain(config.get("preemptible")) is True:
            yield Problem(f"{path}.spot", "spot and preemptible exclude each other; give spot alone")
        machine = text_of(config, "machineType")
        gpus = plain(config.get("guestAccelerators"))
        attached = isinstance(gpus, list) and not has_unknown(gpus) and any(_count(gpu) for gpu in gpus)
        if attached and family(machine) in _NO_GPU:
            kinds = [text_of(gpu, "type") for gpu in gpus if isinstance(gpu, Mapping)]
            text = f"[{', '.join(kinds)}, {machine}] features are not compatible for creating instance."
            yield Problem(f"{path}.guestAccelerators", f"{text}; GPUs go with N1, or come with A2, A3, A4, G2 and G4")
            continue
        if machine:
            for problem in check_machine({key: plain(value) for key, value in config.items()}, {}):
                yield Problem(f"{path}.{problem.path}", problem.reason)


def _count(gpu: Any) -> bool:
    return isinstance(gpu, Mapping) and plain(gpu.get("count")) != 0


def _pools(given: Given) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if given.type.token == _POOL:
        yield "", given.inputs
        return
    for path, pool in given.each("nodePools"):
        yield f"{path}.", pool


def _node_configs(given: Given) -> Iterator[tuple[str, Mapping[str, Any]]]:
    own = given.at("nodeConfig")
    if isinstance(own, Mapping):
        yield "nodeConfig", own
    for path, pool in given.each("nodePools"):
        config = plain(pool.get("nodeConfig"))
        if isinstance(config, Mapping):
            yield f"{path}.nodeConfig", config


def _rule(name: str, types: set[str], says: str, source: str, find: Callable[[Given], Iterator[Problem]]) -> Conflict:
    return Conflict(name=name, types=frozenset(types), says=says, source=source, find=find)


_GKE_GO: Final = "terraform-provider-google-beta 93c65b2d, resource_container_"
CONFLICTS: Final[tuple[Conflict, ...]] = (
    _rule(
        "autopilot-is-regional",
        {_CLUSTER},
        "an Autopilot cluster lies in a region",
        f"{_GKE_GO}cluster_test.go, the API's answer",
        _autopilot,
    ),
    _rule(
        "a-cluster-starts-with-nodes",
        {_CLUSTER},
        "a cluster has first nodes",
        "container.v1 Cluster.initialNodeCount; the API's answer as public programs quote it",
        _first_nodes,
    ),
    _rule(
        "nodes-near-their-cluster",
        {_CLUSTER},
        "further zones are others, in the cluster's region",
        f"{_GKE_GO}cluster.go, create",
        _cluster_places,
    ),
    _rule(
        "cluster-versions",
        {_CLUSTER},
        "nodes start with the control plane's version",
        f"{_GKE_GO}cluster.go, its checks of node_version",
        _versions,
    ),
    _rule(
        "pool-counts",
        {_POOL, _CLUSTER},
        "a pool has one count, and limits in order",
        f"{_GKE_GO}node_pool.go, expandNodePool; container.v1 NodePoolAutoscaling",
        _pool_counts,
    ),
    _rule(
        "pool-machines",
        {_POOL, _CLUSTER},
        "spot or preemptible, and GPUs where they go",
        "cloud.google.com/kubernetes-engine/docs/concepts/spot-vms and gpus",
        _pool_machines,
    ),
)
