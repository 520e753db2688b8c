"""Hard ends of a lease that its cloud could not make, as far as the cloud tells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trainyard.clouds.aws.failed_ends import FailedEnd


def failed_ends(stack: str) -> Iterator[str]:
    """A line for each end on AWS that failed, and each region that did not tell; no other cloud keeps a list.

    An end that found nothing left to end is none.
    """
    from stacks.checking import project_name  # Pulumi takes half a second, and most commands need none of it
    from stacks.environment import FOLDER, TOLD, read_environment
    from trainyard.lease.store import Held, open_store

    try:
        environment = read_environment(project_name(), stack, Path(FOLDER))
        if environment.settings.lease is None:
            return
        reading = open_store(environment.store).read(environment.lease_id)
    except TOLD:
        return  # the check of the stack tells it
    for scope in reading.record.scopes if isinstance(reading, Held) else ():
        if scope.startswith("aws:"):
            from trainyard.clouds.aws import ScopeUnreadable
            from trainyard.clouds.aws import failed_ends as amazon

            try:
                found = amazon.failed_ends(scope, environment.lease_id, environment.sandbox)
            except ScopeUnreadable as error:
                yield f"whether a hard end failed in {scope} is unknown: {error}"
                continue
            yield from (line(each, scope, environment.lease_id, stack) for each in found.read if not each.was_gone)
            if found.more:
                queue = f"{environment.lease_id}-end"
                yield f'{found.more} more hard ends in {scope} failed, by the count of the queue "{queue}".'


def line(failed: FailedEnd, scope: str, lease_id: str, stack: str) -> str:
    """What failed, and what to do."""
    return (
        f"the hard end of {failed.schedule} in {scope} failed at {failed.at}, and Amazon does not try again: "
        f'{failed.code}: {failed.text}. End it now: "pulumi destroy --stack {stack}"; before the next lease, see that '
        f'the role "{lease_id}-end" may what its policy "end" says, also under the account\'s own limits.'
    )
