"""Cloud TPU nodes: slice, zone, runtime and how they are bought."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.conflict import Conflict, Given, plain
from trainyard.sandbox.conflicts.gcp.machine import text_of
from trainyard.sandbox.provider.gcp_places import place
from trainyard.sandbox.provider.gcp_tpus import runtime_refusal, slice_refusal, topology_refusal

_NODE: Final = "gcp:tpu/v2Vm:V2Vm"
_QUEUED: Final = "gcp:tpu/v2QueuedResource:V2QueuedResource"


def _slice(given: Given) -> Iterator[Problem]:
    zone = place("zone", given.inputs, given.config)
    for path, node in _nodes(given):
        accelerator = text_of(node, "acceleratorType")
        reason = slice_refusal(accelerator, zone) if accelerator else None
        if reason:
            yield Problem(f"{path}acceleratorType", reason)


def _topology(given: Given) -> Iterator[Problem]:
    for path, node in _nodes(given):
        config = plain(node.get("acceleratorConfig"))
        if not isinstance(config, Mapping):
            continue
        if text_of(node, "acceleratorType"):
            yield Problem(f"{path}acceleratorConfig", "accelerator_type and accelerator_config exclude each other")
        reason = topology_refusal(text_of(config, "type"), text_of(config, "topology"))
        if reason:
            yield Problem(f"{path}acceleratorConfig.topology", reason)


def _runtime(given: Given) -> Iterator[Problem]:
    for path, node in _nodes(given):
        runtime = text_of(node, "runtimeVersion")
        reason = runtime_refusal(runtime, text_of(node, "acceleratorType")) if runtime else None
        if reason:
            yield Problem(f"{path}runtimeVersion", reason)


def _bought(given: Given) -> Iterator[Problem]:
    ways = [way for way in ("preemptible", "reserved", "spot") if given.at(f"schedulingConfig.{way}") is True]
    if "reserved" in ways and len(ways) > 1:
        text = f"A reserved node is neither preemptible nor spot; given are {', '.join(ways)}"
        yield Problem("schedulingConfig.reserved", text)


def _one_spec(given: Given) -> Iterator[Problem]:
    specs = list(given.each("tpu.nodeSpecs"))
    if given.at("tpu") is not None and not specs and not given.unknown("tpu.nodeSpecs"):
        yield Problem("tpu.nodeSpecs", "required and missing: a queued resource says which nodes it waits for")


def _nodes(given: Given) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(path before its fields, node) of a node, or of each that a queued resource asks for."""
    if given.type.token == _NODE:
        yield "", given.inputs
        return
    for path, spec in given.each("tpu.nodeSpecs"):
        node = plain(spec.get("node"))
        if isinstance(node, Mapping):
            yield f"{path}.node.", node


def _rule(
    name: str, types: frozenset[str], says: str, source: str, find: Callable[[Given], Iterator[Problem]]
) -> Conflict:
    return Conflict(name=name, types=types, says=says, source=source, find=find)


_BOTH: Final = frozenset({_NODE, _QUEUED})
CONFLICTS: Final[tuple[Conflict, ...]] = (
    _rule(
        "tpu-slices-by-zone",
        _BOTH,
        "a zone has certain TPU slices",
        "cloud.google.com/tpu/docs/types-zones as stored 2026; facts' offers of Cloud TPU (skypilot-catalog v8, 2026)",
        _slice,
    ),
    _rule(
        "tpu-topologies-by-generation",
        _BOTH,
        "a generation has certain topologies",
        "cloud.google.com/tpu/docs/v4, v5e, v5p and v6e, Configurations; kubernetes-engine/docs/concepts/plan-tpus",
        _topology,
    ),
    _rule(
        "tpu-runtime-of-the-generation",
        _BOTH,
        "a runtime version exists and fits the generation",
        "cloud.google.com/tpu/docs/runtimes, TPU software versions, as stored 2026",
        _runtime,
    ),
    _rule(
        "tpu-bought-one-way",
        frozenset({_NODE}),
        "a reserved node is neither spot nor preemptible",
        "tpu.v2 SchedulingConfig (discovery, revision 20261001)",
        _bought,
    ),
    _rule(
        "queued-resource-asks-for-nodes",
        frozenset({_QUEUED}),
        "a queued resource has node specs",
        "tpu.v2 QueuedResource.tpu.nodeSpec (discovery, revision 20261001)",
        _one_spec,
    ),
)
