"""What a workload says in the words of one cloud: who may log in, secrets, images and disks; and it on one cloud."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trainyard.settings.gpu_vm import GpuVm
from trainyard.settings.kinds import Workload, access, secrets
from trainyard.settings.notebook import Notebook
from trainyard.settings.problem import Wrong, listed
from trainyard.settings.tpu_node import TpuNode
from trainyard.settings.workload import PRINCIPALS, RESOLVE

BOOT_DISKS = {
    "gcp": ("pd-standard", "pd-balanced", "pd-ssd", "hyperdisk-balanced"),
    "aws": ("gp3",),
    "azure": ("Premium_LRS", "StandardSSD_LRS", "Premium_ZRS", "StandardSSD_ZRS"),
}
_EXAMPLES = {
    "gcp": "group:ml-research@acme.example",
    "aws": "iam-role:ml-research",
    "azure": "group:3fa85f64-5717-4562-b3fc-2c963f66afa6",
}


def on_cloud(workload: Workload, cloud: str) -> Workload:
    """The workload as one cloud gets it: with those who may log in there."""
    if isinstance(workload, GpuVm | TpuNode | Notebook):
        there = tuple(who for who in workload.access if re.fullmatch(PRINCIPALS[cloud], who))
        return workload.model_copy(update={"access": there})
    return workload


def foreign_words(workload: Workload) -> Iterator[Wrong]:
    """Words of a cloud on which the workload does not run, or which say nothing on one where it may."""
    clouds = tuple(dict.fromkeys(where.cloud for where in workload.where if where.cloud in PRINCIPALS))
    yield from _access(workload, clouds)
    yield from _secrets(workload, clouds)
    for cloud in clouds:
        image = getattr(workload, "image", None)
        if image is not None:
            try:
                RESOLVE[cloud](image)
            except ValueError as error:
                more = "" if len(clouds) == 1 else " Leave image out where several clouds are named: each has its own."
                yield ("image",), f"{error}{more}"
                break
        if isinstance(workload, GpuVm):
            yield from _disks(workload, cloud)


def _access(workload: Workload, clouds: tuple[str, ...]) -> Iterator[Wrong]:
    named = access(workload)
    for index, who in enumerate(named):
        if not any(re.fullmatch(PRINCIPALS[cloud], who) for cloud in clouds):
            text = f'"{who}" is in the words of a cloud on which it does not run; give {_forms(clouds)}.'
            yield ("access", index), text
    for cloud in clouds:
        if named and not any(re.fullmatch(PRINCIPALS[cloud], who) for who in named):
            yield ("access",), f"names nobody who could log in on {cloud}; add one such as {_forms((cloud,))}."


def _forms(clouds: tuple[str, ...]) -> str:
    return listed(f'"{_EXAMPLES[cloud]}" for {cloud}' for cloud in clouds)


def _secrets(workload: Workload, clouds: tuple[str, ...]) -> Iterator[Wrong]:
    for name, reference in secrets(workload).items():
        of = reference.partition("-secret://")[0]
        if of not in clouds:
            text = f"is a secret of {of}, where the workload does not run; name one of {listed(clouds)}."
            yield ("secrets", name), text
        elif len(clouds) > 1:
            others = listed(cloud for cloud in clouds if cloud != of)
            text = f"is a secret of {of}, which is not read on {others}; name {of} alone under where, or remove it."
            yield ("secrets", name), text


def _disks(workload: GpuVm, cloud: str) -> Iterator[Wrong]:
    kind = workload.boot_disk.kind
    if kind is not None and kind not in BOOT_DISKS[cloud]:
        text = f'"{kind}" is no boot disk on {cloud}; there are {listed(BOOT_DISKS[cloud])}; leave it out for its own.'
        yield ("boot_disk", "kind"), text
    if workload.local_ssd is not None and cloud != "gcp":
        yield ("local_ssd",), f"local disks come with the machine type on {cloud}; leave the key out."
