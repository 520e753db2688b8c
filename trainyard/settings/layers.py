"""What each layer's file holds, and what is known but not built yet: refused by name, never ignored."""

from __future__ import annotations

from collections.abc import Iterator

from trainyard.settings.gpu_vm import GpuVm
from trainyard.settings.kinds import BUILT_BASES, BUILT_KINDS, Workload, built_on, nodes
from trainyard.settings.parts import Parts
from trainyard.settings.problem import Wrong, listed

_COMPUTE_ONLY = ("lease", "workloads")
_CONTENTS = {
    "compute": "a compute stack holds one lease and its workloads",
    "base": "a base stack holds what lives long, without lease or workloads",
}


def wrong_contents(parts: Parts) -> Iterator[Wrong]:
    """Sections that the stack's layer must or must not have."""
    layer = parts.layer
    given = parts.given
    if layer == "guard":
        yield ("stack", "layer"), "guard stacks are not built yet; built are base and compute."
    elif layer == "compute":
        for key in _COMPUTE_ONLY:
            if key not in given:
                yield (key,), f"is missing; {_CONTENTS['compute']}. Give {_EXAMPLES[key]}."
        if "base" in given:
            yield ("base",), f"stands in a compute stack; {_CONTENTS['compute']}. Move it to the base stack."
    elif layer == "base":
        for key in _COMPUTE_ONLY:
            if key in given:
                yield (key,), f"stands in a base stack; {_CONTENTS['base']}. Move it to a compute stack."
        if "base" not in given:
            yield ("base",), f"is missing; {_CONTENTS['base']}. Give {_EXAMPLES['base']}."


_EXAMPLES = {
    "lease": "lease: { ttl: 12h, extend_to: 24h, cap_usd: 100 }",
    "workloads": "workloads: { workbench: { kind: gpu-vm, … } }",
    "base": "base: { gcp: { network: { regions: { europe-west4: 10.10.0.0/20 } } } }",
}


def not_built(parts: Parts) -> Iterator[Wrong]:
    """Keys and words that the schema knows and this version does nothing about."""
    for cloud in parts.base.clouds if parts.base else ():
        if cloud not in BUILT_BASES:
            yield ("base", cloud), f"a base on {cloud} is not built yet; built is {listed(BUILT_BASES)}."
    for name, kind in parts.kinds.items():
        if kind not in BUILT_KINDS:
            yield ("workloads", name, "kind"), f"{kind} is not built yet; built is {listed(BUILT_KINDS)}."
    for name, workload in parts.workloads.items():
        for path, text in _of_workload(workload):
            yield ("workloads", name, *path), text


def _of_workload(workload: Workload) -> Iterator[Wrong]:
    if workload.kind not in BUILT_KINDS:
        return
    for index, place in enumerate(workload.where):
        if place.cloud not in built_on(workload):
            what = f"{workload.kind} with several nodes" if nodes(workload) > 1 else workload.kind
            text = f"{what} on {place.cloud} is not built yet; built is {listed(built_on(workload))}."
            yield ("where", index, "cloud"), text
    if not isinstance(workload, GpuVm):
        return
    if workload.idle is not None:
        yield ("idle",), "ends on idle are not built yet; remove the key, and let the lease's ttl end it."
    if workload.on_preemption is not None and workload.on_preemption.then == "recreate":
        yield (
            ("on_preemption", "then"),
            "machines that come back by themselves are not built: a group that repairs would also undo every end of "
            'the lease; give stay-down, and run "pulumi up" again within the lease.',
        )
