"""The Organization Policy API: what a project's policies come to; list constraints allow all until a policy is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.api.call import Call, Route
from trainyard.sandbox.api.compute.inventory import COPY_PREFIX
from trainyard.sandbox.api.google_error import GoogleError
from trainyard.servicer.values import reveal

POLICY: Final = "gcp:orgpolicy/policy:Policy"
_VERB: Final = ":getEffectivePolicy"
_FLAGS: Final = ("allowAll", "denyAll", "enforce")  # the provider has them as "TRUE" and "FALSE"


def effective(call: Call) -> dict[str, Any]:
    """Of one constraint, as orgpolicy.v2 answers."""
    if not call.project.startswith(COPY_PREFIX) and not call.store.list(project=call.project, deleted=True):
        raise GoogleError(403, f"Permission denied on resource project {call.project}.")
    constraint, _, verb = call.places["policy"].partition(":")
    if f":{verb}" != _VERB:
        raise GoogleError(404, f"the sandbox does not serve {call.path}", "notFound")
    name = f"projects/{call.project}/policies/{constraint}"
    rules = next((list(_rules(thing.inputs)) for thing in call.store.list(type=POLICY) if _is(thing, name)), None)
    return {"name": name, "spec": {"rules": [{"allowAll": True}] if rules is None else rules}}


def _is(thing: Any, name: str) -> bool:
    told = reveal(dict(thing.inputs))
    return name in (told.get("name"), thing.id)


def _rules(inputs: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    spec = reveal(dict(inputs)).get("spec") or {}
    for rule in spec.get("rules") or ():
        yield {
            key: str(value).upper() == "TRUE" if key in _FLAGS else value
            for key, value in rule.items()
            if value is not None
        }


ROUTES: Final = (
    Route(
        id="orgpolicy.projects.policies.getEffectivePolicy",
        method="GET",
        path="/v2/projects/{project}/policies/{policy}",
        answer=effective,
    ),
)
