"""Preview of 1, 100 and 1,000 GPU VMs on the real engine, Trainyard beside the bare program."""

import re
from collections.abc import Iterator

from bench.measure import Figure, Run, difference_figure, in_turn, ratio_figure
from bench.workplace import Workplace

TIMES = {1: 5, 100: 5, 1000: 3}


def figures(place: Workplace, counts: tuple[int, ...] = (1, 100, 1000)) -> Iterator[Figure]:
    """One figure a count; both programs must plan to create the same number of resources."""
    for count in counts:
        stack = place.prepare(count)
        ours = place.pulumi(place.ours, "preview", "--stack", stack)
        bare = place.pulumi(place.bare, "preview", "--stack", stack)
        mine, theirs = in_turn(ours, bare, times=TIMES[count])
        if (planned := _planned(mine[0])) != _planned(theirs[0]):
            message = f"not the same program: {planned} resources against {_planned(theirs[0])}"
            raise RuntimeError(message)
        name = f"preview of {count} GPU VMs ({planned} resources)"
        walls = [each.wall_seconds for each in mine], [each.wall_seconds for each in theirs]
        if count >= 1000:
            yield ratio_figure(name, *walls, unit="s", most=1.10)
        else:
            yield difference_figure(name, *walls, most_seconds=0.5)


def _planned(run: Run) -> int:
    found = re.search(r"\+ (\d+) to create", run.output)
    if found is None:
        message = f"the preview planned nothing:\n{run.output}"
        raise RuntimeError(message)
    return int(found[1])
