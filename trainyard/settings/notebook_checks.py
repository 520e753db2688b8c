"""What a notebook's keys say of each other and of what Workbench can do; paths begin under the workload."""

from __future__ import annotations

from collections.abc import Iterator

from trainyard.facts.capacity import name
from trainyard.facts.workbench import CAPACITIES, idle_error
from trainyard.settings.notebook import Notebook
from trainyard.settings.problem import Wrong, listed

_IDLE = "idle: { after: 1h, then: stop }"


def notebook_breaches(notebook: Notebook) -> Iterator[Wrong]:
    """A notebook without idle control, and what Vertex AI Workbench does not do."""
    if notebook.idle is None:
        yield ("idle",), f"is missing: a notebook that nobody works in bills on; give {_IDLE}."
    else:
        if error := idle_error(notebook.idle.after):
            yield ("idle", "after"), error
        if notebook.idle.then == "end":
            yield ("idle", "then"), "Vertex AI Workbench stops an idle notebook and keeps its disks; give stop."
    for index, capacity in enumerate(notebook.capacity):
        if name(capacity) not in CAPACITIES:
            text = f"{name(capacity)} is no way to have a notebook; give {listed(CAPACITIES)}."
            yield ("capacity", index), text
    if notebook.image is not None:
        yield ("image",), "Vertex AI Workbench starts from its own image; remove the key."
