"""The lease's id: the record's key, and the label on everything that the lease pays for."""

from __future__ import annotations

import hashlib
import re

_STACK_CHARACTERS = 40
_NAME_CHARACTERS = 63  # of a Compute Engine instance and of a host name
_GROUP_CHARACTERS = 52  # of a group's name, after which its machines are numbered


def lease_id(store_url: str, project: str, stack: str) -> str:
    """`<stack, at most 40 characters>-<8 hex>`, lower case; the hash tells equal stack names of other stores apart."""
    digest = hashlib.sha256(f"{store_url}\n{project}\n{stack}".encode()).hexdigest()[:8]
    word = re.sub(r"[^a-z0-9]+", "-", stack.lower()).strip("-")
    if not word[:1].isalpha():
        word = f"s{word}"
    return f"{word[:_STACK_CHARACTERS].rstrip('-')}-{digest}"


def machine_name(lease: str, workload: str, index: int) -> str:
    """`<lease>-<workload>-<n>` within 63 characters; a long stack part is cut, its hash and the workload never."""
    return _within(lease, workload, f"-{index}", _NAME_CHARACTERS)


def group_name(lease: str, workload: str) -> str:
    """`<lease>-<workload>` within 52 characters, to which the cloud adds `-<n>` for each machine."""
    return _within(lease, workload, "", _GROUP_CHARACTERS)


def is_group_of(lease: str, name: str) -> bool:
    """Whether a group's name is one that `group_name` makes for the lease, which may have cut its stack part."""
    stack, _, digest = lease.rpartition("-")
    head, found, workload = name.partition(f"-{digest}-")
    return bool(found and head and workload) and stack.startswith(head)


def _within(lease: str, workload: str, end: str, most: int) -> str:
    stack, _, digest = lease.rpartition("-")
    tail = f"-{digest}-{workload}{end}"
    room = most - len(tail)
    if room < 1:
        message = (
            f'workload "{workload}" is too long for a machine name: it has {len(workload)} characters, at most '
            f"{len(workload) + room - 1} fit; give it a shorter name."
        )
        raise ValueError(message)
    return f"{stack[:room].rstrip('-')}{tail}"
