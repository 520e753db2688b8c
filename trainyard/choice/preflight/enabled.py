"""What must be switched on in an account before anything of a plan is made: APIs, namespaces, features."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from trainyard.choice.plan.plan import Plan
from trainyard.choice.preflight.accounts import Reader
from trainyard.choice.preflight.finding import Finding, Level
from trainyard.clouds.scope import ScopeUnreadable
from trainyard.facts.azure.providers import ENCRYPTION_AT_HOST, namespaces, register_command

_ALWAYS = ("compute.googleapis.com", "iam.googleapis.com", "cloudresourcemanager.googleapis.com")
_BY_KIND = {
    "gpu-vm": ("iap.googleapis.com",),
    "tpu-node": ("iap.googleapis.com", "tpu.googleapis.com"),
    "training-job": ("aiplatform.googleapis.com",),
    "persistent-resource": ("aiplatform.googleapis.com",),
    "notebook": ("notebooks.googleapis.com",),
}


def enabled(plan: Plan, reader: Reader, *, encryption_at_host: bool) -> Iterator[Finding]:
    """For each cloud that a candidate is on; a cloud that a workload only may come to is told as a warning."""
    kinds: dict[str, dict[str, bool]] = {}
    for each in plan.workloads:
        for option in each.options:
            cloud = option.candidate.offer.cloud
            taken = option.key == each.taken
            found = kinds.setdefault(cloud, {})
            found[each.kind] = found.get(each.kind, False) or taken
    if "gcp" in kinds:
        yield from _google(kinds["gcp"], reader)
    if "azure" in kinds:
        yield from _azure(kinds["azure"], reader, encryption_at_host and "gpu-vm" in kinds["azure"])


def _google(kinds: dict[str, bool], reader: Reader) -> Iterator[Finding]:
    scope = f"gcp:{reader.accounts.gcp_project} enabled APIs"
    try:
        there = reader.ask("gcp", reader.google.enabled)
    except ScopeUnreadable as error:
        yield Finding(level=Level.WARNING, about=scope, text="whether it is there", unread=error.reason)
        return
    lacks = {api: True for api in _ALWAYS if api not in there}
    for kind, taken in kinds.items():
        for api in _BY_KIND.get(kind, ()):
            if api not in there:
                lacks[api] = lacks.get(api, False) or taken
    if not lacks:
        yield Finding(level=Level.FITS, about=scope, text="all that the plan needs")
    for api, taken in lacks.items():
        yield Finding(
            level=Level.REFUSED if taken else Level.WARNING,
            about=scope,
            text=f"{api} is not enabled",
            remedy=(f"gcloud services enable {api} --project={reader.accounts.gcp_project}",),
        )


def _azure(kinds: dict[str, bool], reader: Reader, encryption: bool) -> Iterator[Finding]:
    subscription = reader.accounts.azure_subscription
    needed: dict[str, bool] = {}
    for kind, taken in kinds.items():
        for namespace in namespaces([kind]):
            needed[namespace] = needed.get(namespace, False) or taken
    yield from _registrations(needed.items(), reader)
    if not encryption:
        return
    about = f"azure:{subscription} feature {ENCRYPTION_AT_HOST[1]}"
    try:
        state = reader.ask("azure", lambda: reader.azure.feature(*ENCRYPTION_AT_HOST))
    except ScopeUnreadable as error:
        yield Finding(level=Level.WARNING, about=about, text="whether it is there", unread=error.reason)
        return
    if state == "Registered":
        yield Finding(level=Level.FITS, about=about, text="Registered")
        return
    yield Finding(
        level=Level.REFUSED if kinds["gpu-vm"] else Level.WARNING,
        about=about,
        text=f"{state or 'not known there'}: register it, or give azure: {{ encryption_at_host: false }}",
        remedy=(
            f"az feature register --namespace Microsoft.Compute --name EncryptionAtHost --subscription {subscription}",
        ),
    )


def _registrations(needed: Iterable[tuple[str, bool]], reader: Reader) -> Iterator[Finding]:
    subscription = reader.accounts.azure_subscription
    for namespace, taken in needed:
        about = f"azure:{subscription} provider {namespace}"
        try:
            state = reader.ask("azure", partial(reader.azure.registration, namespace))
        except ScopeUnreadable as error:
            yield Finding(level=Level.WARNING, about=about, text="whether it is there", unread=error.reason)
            continue
        if state == "Registered":
            yield Finding(level=Level.FITS, about=about, text="Registered")
        else:
            yield Finding(
                level=Level.REFUSED if taken else Level.WARNING,
                about=about,
                text=state or "not told",
                remedy=(register_command(namespace, subscription),),
            )
