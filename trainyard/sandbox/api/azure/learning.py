"""The calls on Azure Machine Learning's computes and jobs beyond those of every kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from trainyard.sandbox.api.azure import inventory, pages, work
from trainyard.sandbox.api.azure.arm_error import ArmError
from trainyard.sandbox.api.azure.call import Answer, Call, Route
from trainyard.sandbox.api.azure.inventory import Listed
from trainyard.sandbox.api.azure.kinds import BY_TOKEN, COMPUTE, JOB
from trainyard.sandbox.api.azure.things import Things
from trainyard.sandbox.store import Status

_COMPUTES: Final = Things(kind=BY_TOKEN[COMPUTE])
_JOBS: Final = Things(kind=BY_TOKEN[JOB])
_SECONDS: Final = 30.0  # simulated, for each of the verbs: the sandbox's own choice


def routes() -> tuple[Route, ...]:
    """Rows that must stand before those of `Things`."""
    return (
        Route(id=f"{_COMPUTES.name}.start", method="POST", path=f"{_COMPUTES.path}/start", answer=_compute_to("live")),
        Route(id=f"{_COMPUTES.name}.stop", method="POST", path=f"{_COMPUTES.path}/stop", answer=_compute_to("stopped")),
        Route(id=f"{_JOBS.name}.list", method="GET", path=_JOBS.all_path, answer=_list_jobs),
        Route(id=f"{_JOBS.name}.cancel", method="POST", path=f"{_JOBS.path}/cancel", answer=_cancel),
    )


def _compute_to(status: Status) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        thing = inventory.find(call, _COMPUTES.kind)
        kind = (thing.outputs.get("properties") or {}).get("computeType")
        if kind != "ComputeInstance":
            text = f"The specified compute '{thing.name}' is of type {kind}, which cannot be started or stopped."
            raise ArmError(400, "BadRequest", text)
        call.store.put(replace(thing, status=status))
        return work.begun(call, thing.place, _SECONDS)

    return answer


def _cancel(call: Call) -> Answer:
    thing = inventory.find(call, _JOBS.kind)
    call.store.put(replace(thing, status="stopped"))
    return work.begun(call, thing.place, _SECONDS)


def _list_jobs(call: Call) -> Answer:
    inventory.find_parent(call, _JOBS.kind)
    root = inventory.all_path_of(call, _JOBS.kind)
    tag, kind = call.query.get("tag", ""), call.query.get("jobtype", "")

    def is_asked(one: Listed) -> bool:
        inside: Any = one.json["properties"]
        return (not tag or tag in (inside.get("tags") or {})) and (not kind or inside.get("jobType") == kind)

    found = [one for one in inventory.things(call, _JOBS.kind) if one.key.startswith(root) and is_asked(one)]
    return pages.listed(call, found)
