"""What several rules ask of a Compute Engine machine or of a template for machines: its family, size and disks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.conflict import Given, plain

INSTANCE: Final = "gcp:compute/instance:Instance"
TEMPLATES: Final = frozenset(
    {
        "gcp:compute/instanceTemplate:InstanceTemplate",
        "gcp:compute/regionInstanceTemplate:RegionInstanceTemplate",
    }
)
MACHINES: Final = TEMPLATES | {INSTANCE}
GPU_FAMILIES: Final = frozenset({"a2", "a3", "a4", "a4x", "g2", "g4"})
TPU_FAMILIES: Final = frozenset({"ct4p", "ct5lp", "ct5p", "ct6e", "tpu7x"})
_SIZE: Final = re.compile(r"-(\d+)(?:-lssd|-metal)?$")
_CUSTOM: Final = re.compile(r"^(?:[a-z0-9]+-)?custom-(\d+|micro|small|medium)-\d+(?:-ext)?$")
_SHARED: Final = frozenset({"f1-micro", "g1-small", "e2-micro", "e2-small", "e2-medium"})


def machine_type(given: Given) -> str:
    """The bare name, "g2-standard-4"; "" when it is not known."""
    return given.text("machineType").rpartition("/")[2]


def family(name: str) -> str:
    """ "a3" of "a3-highgpu-8g"; "n1" of "custom-2-4096"; "" of ""."""
    head = name.partition("-")[0]
    return {"custom": "n1", "f1": "n1", "g1": "n1"}.get(head, head)


def vcpus(name: str) -> int | None:
    """The vCPUs that a machine type's name tells: shared cores are 2; None where the name tells none."""
    if name in _SHARED:
        return 1 if name in ("f1-micro", "g1-small") else 2
    custom = _CUSTOM.match(name)
    if custom:
        return int(custom[1]) if custom[1].isdecimal() else 2
    size = _SIZE.search(name)
    return int(size[1]) if size else None


def spot(given: Given) -> bool:
    return given.text("scheduling.provisioningModel") == "SPOT" or given.at("scheduling.preemptible") is True


def invalid(given: Given, path: str, value: Any, text: str) -> Problem:
    """A refusal in the API's form, on the API's own field."""
    inside = "resource.properties" if given.type.token in TEMPLATES else "resource"
    shown = {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
    return Problem(path, f"Invalid value for field '{inside}.{path}': '{shown}'. {text}")


def accelerators(given: Given) -> list[tuple[str, str, Any]]:
    """(path, bare type, count) of what is attached; a type that is not known is ""."""
    found = []
    for path, item in given.each("guestAccelerators"):
        kind, count = plain(item.get("type")), plain(item.get("count"))
        if count != 0:
            found.append((path, kind.rpartition("/")[2] if isinstance(kind, str) else "", count))
    return found


def new_disks(given: Given) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The disks that are made along with the machine, by the names of a boot disk's `initializeParams`.

    The path goes to what holds type and size; their names differ: see `NAMES`.
    """
    if given.type.token == INSTANCE:
        made = given.at("bootDisk.initializeParams")
        if isinstance(made, Mapping):
            yield "bootDisk.initializeParams", made
        return
    for path, disk in given.each("disks"):
        if disk.get("source") is None:
            renamed = {"type": disk.get("diskType"), "size": disk.get("diskSizeGb"), "kind": disk.get("type")}
            yield path, {**disk, **renamed}


def name_of(given: Given, path: str, name: str) -> str:
    """The path of a new disk's "type" or "size" as the resource names it."""
    names = {} if given.type.token == INSTANCE else {"type": "diskType", "size": "diskSizeGb"}
    return f"{path}.{names.get(name, name)}"


def scratch_disks(given: Given) -> list[tuple[str, Mapping[str, Any]]]:
    """The local SSDs that are asked for."""
    if given.type.token == INSTANCE:
        return list(given.each("scratchDisks"))
    return [(path, disk) for path, disk in given.each("disks") if plain(disk.get("type")) == "SCRATCH"]


def text_of(values: Mapping[str, Any], name: str) -> str:
    """A plain text; "" when it is none, or is not known."""
    value = plain(values.get(name))
    return value if isinstance(value, str) else ""


def number_of(values: Mapping[str, Any], name: str) -> float | None:
    """A plain number; None when it is none, or is not known."""
    value = plain(values.get(name))
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
