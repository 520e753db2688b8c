"""A plan held against the organization's policies on Google Cloud: where machines may be, and from whose images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from trainyard.choice.plan.plan import Plan
from trainyard.choice.preflight.accounts import Reader
from trainyard.choice.preflight.finding import Finding, Level
from trainyard.clouds.scope import ScopeUnreadable
from trainyard.facts.images import ImageError, resolve_image
from trainyard.facts.org_policies import IMAGE_PROJECTS, LOCATIONS, allows

_WHERE = "gcloud org-policies describe {} --project={} --effective"


def policies(plan: Plan, reader: Reader) -> Iterator[Finding]:
    """Of the regions and images that candidates on Google Cloud have; what is not taken now is only warned of."""
    regions: dict[str, bool] = {}
    projects: dict[str, bool] = {}
    for each in plan.workloads:
        for option in each.options:
            if option.candidate.offer.cloud != "gcp":
                continue
            taken = option.key == each.taken
            region = option.candidate.offer.region
            regions[region] = regions.get(region, False) or taken
            if each.kind == "gpu-vm" and (project := _project_of(option.shape.image)):
                projects[project] = projects.get(project, False) or taken
    if regions:
        yield from _held_against(LOCATIONS, regions, "makes nothing in {}", reader)
    if projects:
        yield from _held_against(IMAGE_PROJECTS, projects, "boots no image of {}", reader)


def _project_of(image: str) -> str:
    try:
        return f"projects/{resolve_image(image).project}"
    except ImageError:
        return ""


def _held_against(constraint: str, values: Mapping[str, bool], words: str, reader: Reader) -> Iterator[Finding]:
    project = reader.accounts.gcp_project
    about = f"gcp:{project} policy {constraint}"
    try:
        rules = reader.ask("gcp", partial(reader.google.policy, constraint))
    except ScopeUnreadable as error:
        yield Finding(level=Level.WARNING, about=about, text="what it allows", unread=error.reason)
        return
    found = {value: allows(rules, value) for value in values}
    if all(found.values()):
        yield Finding(level=Level.FITS, about=about, text=f"allows {', '.join(values)}")
    for value, allowed in found.items():
        if allowed is None:
            text = f"has a condition or a group that is not known here; whether it allows {value} is not known"
            yield Finding(level=Level.WARNING, about=about, text=text, remedy=(_WHERE.format(constraint, project),))
        elif not allowed:
            level = Level.REFUSED if values[value] else Level.WARNING
            text = words.format(value)
            yield Finding(level=level, about=about, text=text, remedy=(_WHERE.format(constraint, project),))
