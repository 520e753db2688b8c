"""A stack file's settings taken section by section, so that one wrong section hides nothing of the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trainyard.facts.labels import check_slug
from trainyard.settings.base import Base
from trainyard.settings.kinds import KINDS, Workload
from trainyard.settings.lease import Lease
from trainyard.settings.messages import check, missing, unknown_key
from trainyard.settings.problem import Wrong, listed, near, shown
from trainyard.settings.shape import keys
from trainyard.settings.stack import Stack
from trainyard.settings.stack_file import StackSettings

_LONGEST_NAME = 40  # leaves room for the lease's id in a machine's name of 63


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The sections that are right; `given` and `kinds` also tell of those that are not."""

    given: frozenset[str]
    layer: str | None
    environment: str | None
    stack: Stack | None
    lease: Lease | None
    base: Base | None
    kinds: Mapping[str, str]
    workloads: Mapping[str, Workload]


NOTHING = Parts(
    given=frozenset(), layer=None, environment=None, stack=None, lease=None, base=None, kinds={}, workloads={}
)


def take(settings: dict[str, object]) -> tuple[Parts, list[Wrong]]:
    """The parts of what stands under the settings key, and all that is wrong in them."""
    allowed = keys(StackSettings)
    wrong: list[Wrong] = [((key,), unknown_key(key, tuple(allowed))) for key in settings if key not in allowed]
    stack, lease, base = None, None, None
    if "stack" in settings:
        stack, found = check(Stack, settings["stack"], ("stack",))
        wrong += found
    else:
        wrong.append((("stack",), missing(allowed["stack"].description)))
    if "lease" in settings:
        lease, found = check(Lease, settings["lease"], ("lease",))
        wrong += found
    if "base" in settings:
        base, found = check(Base, settings["base"], ("base",))
        wrong += found
    kinds, workloads, found = _workloads(settings["workloads"]) if "workloads" in settings else ({}, {}, [])
    parts = Parts(
        given=frozenset(settings),
        layer=_text(settings.get("stack"), "layer"),
        environment=_text(settings.get("stack"), "environment"),
        stack=stack,
        lease=lease,
        base=base,
        kinds=kinds,
        workloads=workloads,
    )
    return parts, wrong + found


def _text(section: object, key: str) -> str | None:
    value = section.get(key) if isinstance(section, dict) else None
    return value if isinstance(value, str) else None


def _workloads(given: object) -> tuple[dict[str, str], dict[str, Workload], list[Wrong]]:
    if not isinstance(given, dict) or not given:
        return {}, {}, [(("workloads",), f"{shown(given)} is not allowed; expected a mapping of name to workload.")]
    kinds: dict[str, str] = {}
    workloads: dict[str, Workload] = {}
    wrong: list[Wrong] = []
    for name, value in given.items():
        path = ("workloads", name)
        if error := _name_error(name):
            wrong.append((path, error))
        if not isinstance(value, dict):
            wrong.append((path, f"{shown(value)} is not allowed; expected a mapping with kind, accelerator and where."))
            continue
        kind = value.get("kind")
        section = KINDS.get(kind) if isinstance(kind, str) else None
        if section is None:
            wrong.append(((*path, "kind"), _kind_error(value)))
            continue
        kinds[name] = str(kind)
        workload, found = check(section, value, path)
        wrong += found
        if workload is not None:
            workloads[name] = workload
    return kinds, workloads, wrong


def _name_error(name: str) -> str | None:
    if len(name) > _LONGEST_NAME:
        return f"the name has {len(name)} characters; at most {_LONGEST_NAME} fit into a machine's name."
    return check_slug(name)


def _kind_error(workload: dict[str, object]) -> str:
    known = listed(KINDS)
    if "kind" not in workload:
        return f"is missing; expected one of {known}."
    kind = workload["kind"]
    return f"{shown(kind)} is no kind; known are {known}.{near(kind, KINDS) if isinstance(kind, str) else ''}"
