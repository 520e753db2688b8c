"""What a change of a stack file does to what is there: docs/changes.md, row by row, on the real engine.

One workload a row stands in one stack; one preview with every row's change shows what each would do, one `up` does it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.engine.conftest import CHECKOUT, Stack
from tests.engine.test_base import CHANGES as BASE_CHANGES

pytestmark = pytest.mark.engine

DOCUMENT = CHECKOUT / "docs" / "changes.md"
EUROPE: dict[str, Any] = {"cloud": "gcp", "zones": ["europe-west4-a"]}
AGREED = {"kind": "on-demand", "usd_hour": 1}
SPOT = {"kind": "spot", "usd_hour": 1}
WORDS = {
    "update": "changed in place",
    "replace": "replaced: it goes, then comes anew",
    "grants": "stays; only who may reach it changes",
    "nothing": "nothing changes",
    "refused": "refused in preview",
    "fails": "refused by the cloud in `up`: a disk never shrinks",
}

VM: dict[str, Any] = {
    "kind": "gpu-vm",
    "accelerator": "L4:1",
    "machine_type": "g2-standard-4",
    "where": [EUROPE],
    "capacity": [AGREED],
    "access": ["group:ml-research@acme.example"],
}
GROUP: dict[str, Any] = {**VM, "nodes": 2, "fabric": "none"}
FLEX: dict[str, Any] = {**VM, "capacity": [{"kind": "flex-start", "max_wait": "1h", "usd_hour": 1}]}
HOST: dict[str, Any] = {
    "kind": "tpu-node",
    "accelerator": "v6e:4",
    "where": [{"cloud": "gcp", "zones": ["europe-west4-a"]}],
    "capacity": [SPOT],
    "access": ["group:ml-research@acme.example"],
}
SLICE: dict[str, Any] = {
    **HOST,
    "accelerator": "v6e:16",
    "topology": "4x4",
    "where": [{"cloud": "gcp", "zones": ["us-central1-b"]}],
}
NODE: dict[str, Any] = {
    "kind": "tpu-node",
    "accelerator": "v5e:4",
    "where": [{"cloud": "gcp", "zones": ["us-central1-a"]}],
    "capacity": [AGREED],
}
QUEUED: dict[str, Any] = {**NODE, "capacity": [{"kind": "queued", "valid_until": "1h"}]}
JOB: dict[str, Any] = {
    "kind": "training-job",
    "accelerator": "L4:1",
    "machine_type": "g2-standard-4",
    "where": [{"cloud": "gcp", "regions": ["europe-west4"]}],
    "capacity": [AGREED],
    "container": "europe-docker.pkg.dev/acme/train/llama@sha256:" + "9f" * 32,
    "env": {"EPOCHS": "3"},
    "run": 1,
}
WARM: dict[str, Any] = {
    "kind": "persistent-resource",
    "accelerator": "A100:1",
    "machine_type": "a2-highgpu-1g",
    "where": [{"cloud": "gcp", "regions": ["us-central1"]}],
    "capacity": [AGREED],
}
NOTEBOOK: dict[str, Any] = {
    "kind": "notebook",
    "accelerator": "L4:1",
    "machine_type": "g2-standard-4",
    "where": [EUROPE],
    "capacity": [AGREED],
    "access": ["group:ml-research@acme.example"],
    "idle": {"after": "1h", "then": "stop"},
}


@dataclass(frozen=True, kw_only=True)
class Row:
    thing: str  # as people call it
    change: str  # in words
    does: str  # of WORDS
    asked: dict[str, Any]
    edit: dict[str, Any]  # keys of the workload: their new values
    before: dict[str, Any] = field(default_factory=dict)  # the same, as it stands before
    says: str = ""  # a refusal's words


def row(thing: str, asked: dict[str, Any], change: str, does: str, says: str = "", **edit: Any) -> Row:
    before = {key: value[0] for key, value in edit.items() if isinstance(value, tuple)}
    after = {key: value[1] if isinstance(value, tuple) else value for key, value in edit.items()}
    return Row(thing=thing, change=change, does=does, asked=asked, edit=after, before=before, says=says)


MORE_PEOPLE = ["group:ml-research@acme.example", "group:ml-platform@acme.example"]
OTHER_IMAGE = "ubuntu-2404-nvidia-570"
ROWS = (
    row("GPU VM", VM, "`machine_type`", "replace", machine_type="g2-standard-8"),
    row("GPU VM", VM, "`accelerator`", "replace", accelerator="L4:2", machine_type="g2-standard-24"),
    row("GPU VM", VM, "`where`: another zone", "replace", where=[{"cloud": "gcp", "zones": ["europe-west4-b"]}]),
    row("GPU VM", VM, "`capacity`: on-demand to spot", "replace", capacity=[SPOT]),
    row("GPU VM", VM, "`image`", "replace", image=OTHER_IMAGE),
    row("GPU VM", VM, "`boot_disk.gib`, larger", "update", boot_disk={"gib": 300}),
    row("GPU VM", VM, "`boot_disk.kind`", "replace", boot_disk={"kind": "pd-ssd"}),
    row("GPU VM", VM, "`local_ssd`", "replace", local_ssd=1),
    row("GPU VM", VM, "`access`", "grants", access=MORE_PEOPLE),
    row("GPU VM", VM, "`data`, `secrets`: known to its next boot", "update", data={"training-corpus": "read"}),
    row("GPU VM", VM, "`nodes`: one machine to a group", "replace", nodes=2, fabric="none"),
    row("GPU group", GROUP, "`nodes`, more", "update", nodes=3),
    row("GPU group", GROUP, "`nodes`, fewer", "update", nodes=(3, 2)),
    row("GPU group", GROUP, "`machine_type`", "replace", machine_type="g2-standard-8"),
    row("GPU group", GROUP, "`capacity`: on-demand to spot", "replace", capacity=[SPOT]),
    row("GPU group", GROUP, "`image`", "replace", image=OTHER_IMAGE),
    row("GPU group", GROUP, "`boot_disk`", "replace", boot_disk={"gib": 300}),
    row("GPU group", GROUP, "`access`", "grants", access=MORE_PEOPLE),
    row("GPU group", GROUP, "`data`, `secrets`: no node is told", "nothing", data={"training-corpus": "read"}),
    row("flex-start", FLEX, "`nodes`", "replace", nodes=2, fabric="none"),
    row(
        "flex-start",
        FLEX,
        "`max_wait`",
        "replace",
        capacity=[{"kind": "flex-start", "max_wait": "2h", "usd_hour": 1}],
    ),
    row("TPU host", HOST, "`accelerator`", "replace", accelerator="v6e:8"),
    row("TPU host", HOST, "`capacity`: spot to on-demand", "replace", capacity=[AGREED]),
    row("TPU host", HOST, "`boot_disk.gib`, larger", "update", boot_disk={"gib": 300}),
    row("TPU host", HOST, "`access`", "grants", access=MORE_PEOPLE),
    row("TPU slice", SLICE, "`accelerator`, `topology`", "replace", accelerator="v6e:32", topology="4x8"),
    row("TPU slice", SLICE, "`boot_disk`", "replace", boot_disk={"gib": 300}),
    row("TPU slice", SLICE, "`access`", "grants", access=MORE_PEOPLE),
    row("TPU node (v2 to v5e)", NODE, "`accelerator`", "replace", accelerator="v5e:8"),
    row("TPU node (v2 to v5e)", NODE, "`capacity`: on-demand to spot", "replace", capacity=[SPOT]),
    row(
        "TPU node (v2 to v5e)",
        NODE,
        "`data`, `secrets`",
        "update",
        data={"training-corpus": "read"},
        egress="allowed",  # the data is in Europe
    ),
    row("queued TPU", QUEUED, "`accelerator`", "replace", accelerator="v5e:1"),
    row(
        "queued TPU",
        QUEUED,
        "`valid_until`, while it waits",
        "replace",
        capacity=[{"kind": "queued", "valid_until": "2h"}],
    ),
    row("training job", JOB, "`run`, raised", "replace", run=2),
    row("training job", JOB, "`run`, raised, and anything else", "replace", run=2, env={"EPOCHS": "4"}),
    row("training job", JOB, "`wait_for`", "update", wait_for="submitted"),
    row("persistent resource", WARM, "`nodes`", "update", nodes=2),
    row("persistent resource", WARM, "`machine_type`", "replace", accelerator="A100:2", machine_type="a2-highgpu-2g"),
    row("persistent resource", WARM, "`boot_disk_gib`", "replace", boot_disk_gib=300),
    row("notebook", NOTEBOOK, "`machine_type`", "replace", machine_type="g2-standard-8"),
    row("notebook", NOTEBOOK, "`idle.after`", "update", idle={"after": "2h", "then": "stop"}),
    row("notebook", NOTEBOOK, "`access`", "grants", access=MORE_PEOPLE),
    row("notebook", NOTEBOOK, "`data`", "replace", data={"training-corpus": "read"}),
)
AGAIN = "Raise `run` to 2 to run again"
REFUSED = (
    row("training job", JOB, "`env` or `command`, same `run`", "refused", says=AGAIN, env={"EPOCHS": "4"}),
    row("training job", JOB, "`machine_type`, same `run`", "refused", says=AGAIN, machine_type="g2-standard-8"),
    row("training job", JOB, "`run`, lowered", "refused", says="a run is never taken back", run=(2, 1)),
    row("GPU VM", VM, "`boot_disk.gib`, smaller", "fails", says="error:", boot_disk=({"gib": 300}, {"gib": 200})),
)
# What holds a workload's machine: another op on these is what "replaced" and "in place" mean.
HOLDERS = (
    "gcp:compute/instance:Instance",
    "gcp:compute/instanceGroupManager:InstanceGroupManager",
    "gcp:tpu/v2Vm:V2Vm",
    "trainyard:gcp:QueuedTpu",
    "trainyard:gcp:VertexCustomJob",
    "gcp:vertex/aiPersistentResource:AiPersistentResource",
    "gcp:workbench/instance:Instance",
)


def names(rows: tuple[Row, ...]) -> dict[str, Row]:
    return {f"row{number:02}": each for number, each in enumerate(rows)}


def workloads(rows: tuple[Row, ...], *, changed: bool) -> dict[str, Any]:
    return {
        name: deepcopy({**each.asked, **each.before, **(each.edit if changed else {})})
        for name, each in names(rows).items()
    }


def told(stack: Stack) -> dict[str, str]:
    """What the engine says that a change does, by workload."""
    shown = stack.preview("--json")
    assert shown.code == 0, shown.text
    return done_to_rows(shown.text, HOLDERS)


def done_to_rows(preview: str, holders: Collection[str]) -> dict[str, str]:
    """What the steps of a preview do to each row's workload, whose machine is of a type of `holders`."""
    ops: dict[str, set[str]] = {}
    grants: set[str] = set()
    for step in json.loads(preview)["steps"]:
        state = step.get("newState") or step["oldState"]
        if step["op"] not in ("update", "replace", "create", "delete") or not state["custom"]:
            continue
        name = next((word for word in step["urn"].split("-") if word.startswith("row")), "")
        if state["type"] in holders:
            ops.setdefault(name, set()).add(step["op"])
        else:
            grants.add(name)
    found = {name: "update" if each == {"update"} else "replace" for name, each in ops.items()}
    return {**dict.fromkeys(grants, "grants"), **found}


def test_what_each_change_does(stack: Stack) -> None:
    stack.settings({"lease": {"ttl": "4h", "extend_to": "10h", "cap_usd": 500, "at_limit": "stop"}})
    stack.settings({"workloads": workloads(ROWS, changed=False)})
    stack.begin()
    stack.settings({"workloads": workloads(ROWS, changed=True)})
    found = told(stack)
    expected = {name: each.does for name, each in names(ROWS).items()}
    assert {name: found.get(name, "nothing") for name in expected} == expected

    changed = stack.up()
    assert changed.code == 0, changed.text
    for arguments in (
        ("preview", "--expect-no-changes"),
        ("refresh", "--yes"),  # how far a queued TPU or a job is has gone on meanwhile
        ("preview", "--expect-no-changes"),
        ("destroy", "--yes"),
    ):
        result = stack.yard.pulumi(*arguments, "--stack", stack.name)
        assert result.code == 0, result.text
    assert stack.machines() == []


def test_what_cannot_change_is_refused(stack: Stack) -> None:
    stack.settings({"lease": {"ttl": "4h", "extend_to": "10h", "cap_usd": 500, "at_limit": "stop"}})
    stack.settings({"workloads": workloads(REFUSED, changed=False)})
    stack.begin()
    for name, each in names(REFUSED).items():
        standing = workloads(REFUSED, changed=False)
        stack.settings({"workloads": {**standing, name: workloads(REFUSED, changed=True)[name]}})
        result = stack.up() if each.does == "fails" else stack.preview()
        assert result.code != 0, each.change
        assert each.says in result.text
    gone = stack.destroy()
    assert gone.code == 0, gone.text


def lines() -> Iterator[str]:
    """The document's table."""
    yield "| what | change | what happens |"
    yield "| --- | --- | --- |"
    for each in sorted(
        (*ROWS, *REFUSED), key=lambda each: list(dict.fromkeys(r.thing for r in ROWS)).index(each.thing)
    ):
        yield f"| {each.thing} | {each.change} | {WORDS[each.does]} |"
    for change, (_, expected) in BASE_CHANGES.items():
        yield f"| base | {change} | {WORDS[next(iter(expected.values()))]} |"


def test_the_document_says_what_was_tested() -> None:
    text, _, _ = DOCUMENT.read_text(encoding="utf-8").partition("## On AWS and Azure")
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert table == list(lines())
