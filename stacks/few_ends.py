"""What a preview and `trainyard check` say first: whose machines nothing but the guard or a destroy may end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from stacks.placement import Placement
from trainyard.settings import ends
from trainyard.settings.kinds import Workload


def few_ends(workloads: Mapping[str, Workload], placements: Sequence[Placement]) -> Iterator[str]:
    """Which workloads have fewer than two ends that hold with neither guard nor pipeline alive, or a late one."""
    for each in placements:
        yield from ends.few_ends(each.workload, workloads[each.workload], each.candidate)
