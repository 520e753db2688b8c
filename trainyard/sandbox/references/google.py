"""How Google Cloud finds what a text means: a link, a path, a bare name, an address or an image."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Final

from trainyard.sandbox import world
from trainyard.sandbox.provider import gcp
from trainyard.sandbox.provider.order import Order, Refused
from trainyard.sandbox.references import finding
from trainyard.sandbox.references.description import Reference, Target
from trainyard.sandbox.references.finding import Hit

_ACCOUNT: Final = re.compile(r"[^/:@]+@([a-z0-9.-]+)\.iam\.gserviceaccount\.com$")
_BUNDLES: Final = frozenset({"all-apis", "vpc-sc"})  # a forwarding rule's target for Google's own APIs
# cloud.google.com/iam/docs/service-agents; Firebase makes an account of its own in the project itself.
_AGENT: Final = re.compile(r"(service|project)-\d+@|firebase-adminsdk-")
_PLACES: Final = ("regions", "zones", "locations")


@dataclass(frozen=True, kw_only=True)
class Named:
    """What a text says of a thing: "" for what it leaves open."""

    project: str
    place: str
    collection: str
    name: str
    path: str  # whole, for the cloud's answer


def find(order: Order, reference: Reference, given: str, path: str) -> Hit | None:
    """The thing; None where the sandbox cannot say; Refused where it is not there or in the wrong place."""
    target = reference.target
    if target.name == "proxy" and given in _BUNDLES:
        return None
    match target.form:
        case "google-image":
            return _image(order, reference, given, path)
        case "google-account":
            return _account(order, reference, given)
        case "google-bucket":
            return _bucket(order, reference, given)
    named = read(order, target, given, reference.same)
    if target.collection and named.collection not in ("", target.collection):
        raise Refused(_invalid(path, given, "The URL is malformed."))
    hit = _find(order, target, named, given)
    if hit is None:
        raise missing(order, reference, given, named)
    if hit.status == "deleting":
        msg = f"googleapi: Error 400: The resource '{hit.id}' is not ready, resourceNotReady"
        raise Refused(msg)
    _check_place(order, reference, hit, given, path)
    return hit


def read(order: Order, target: Target, given: str, same: str = "") -> Named:
    """What the text says, with the order's own project and place where it says none."""
    given = given.partition("?")[0]  # "…/instanceTemplates/t?uniqueId=1"
    text = given[given.index("projects/") :] if "projects/" in given else given
    parts = [part for part in text.split("/") if part]
    project, place, collection = "", "", ""
    if len(parts) > 1:
        collection = parts[-2]
        for word, value in itertools.pairwise(parts):
            if word == "projects":
                project = value
            elif word in _PLACES:
                place = value
    project = project or _project(order)
    if target.scope == "global":
        place = "global"
    elif target.scope and not place:
        place = own_place(order, target.scope)
    middle = {"region": f"regions/{place}", "zone": f"zones/{place}"}.get(target.scope, target.scope)
    name = parts[-1] if parts else given
    path = f"projects/{project}/{middle}/{target.collection}/{name}" if target.collection and middle else given
    return Named(project=project, place=place, collection=collection, name=name, path=path)


def _project(order: Order) -> str:
    """The order's own project; what has no project but lies in a network is of the network's."""
    network = order.text("network")
    if "project" not in order.type.inputs and "projects/" in network:
        return network.partition("projects/")[2].partition("/")[0]
    return gcp.project_of(order)


def own_place(order: Order, scope: str) -> str:
    """The zone or region of the order itself; "" where it has none."""
    zone = _short(order.text("zone")) or _short(str(order.config.get("zone") or ""))
    if scope == "zone":
        return zone
    own = _short(order.text("region"))
    if own:
        return own
    location = order.text("location")
    if location:
        return location.rpartition("-")[0] if location.count("-") > 1 else location
    if "zone" in order.type.inputs and zone:
        return zone.rpartition("-")[0]
    return _short(str(order.config.get("region") or "")) or zone.rpartition("-")[0]


def missing(order: Order, reference: Reference, given: str, named: Named) -> Refused:
    """The cloud's answer for what is not there, and what to do."""
    target = reference.target
    words = reference.missing or target.missing
    if words:
        text = words.format(given=given, short=named.name, place=named.place, project=named.project)
    else:
        text = f"googleapi: Error 404: The resource '{named.path}' was not found, notFound"
    return Refused(f"{text}; {_next(order, target, named)}")


def _next(order: Order, target: Target, named: Named) -> str:
    near = [f"projects/{hit.project}, {hit.place}" for hit in finding.by_name(order.store, target.types, named.name)]
    if near:
        return f"one of that name is in {near[0]}"
    return "make it first and point at the resource itself, or declare it in the world file"


def _find(order: Order, target: Target, named: Named, given: str) -> Hit | None:
    store = order.store
    hit = finding.by_id(store, target.types, named.path)
    if hit is not None:
        return hit
    for one in finding.by_name(store, target.types, named.name):
        if _fits(target, one, named):
            return one
    if target.scope and target.name in ("network", "subnetwork"):
        path = world.google_path(target.types[0], named.project, named.place, named.name)
        thing = world.google_thing(store, target.types[0], path)
        if thing is not None:
            return Hit.of(thing)
    came = finding.given_by(store, target.types, given)
    if came is not None:
        return came
    held = (finding.by_text(store, target.types, text) for text in (given, named.name))
    return next((hit for hit in held if hit is not None and _fits(target, hit, named)), None)


def _fits(target: Target, hit: Hit, named: Named) -> bool:
    if hit.project and named.project and hit.project != named.project and not named.project.isdecimal():
        return False
    return not target.scope or not named.place or hit.place == named.place


def _check_place(order: Order, reference: Reference, hit: Hit, given: str, path: str) -> None:
    if not reference.same or not hit.place or hit.place == "global":
        return
    own = own_place(order, reference.same)
    there = hit.place
    if own and own != there:
        noun = reference.target.name
        why = (
            f"The referenced {noun} resource is in {reference.same} '{there}', what uses it is in '{own}': "
            f"both must be in the same {reference.same}"
        )
        raise Refused(_invalid(path, given, why))


def _invalid(path: str, given: str, why: str) -> str:
    return f"googleapi: Error 400: Invalid value for field 'resource.{path}': '{given}'. {why}, invalid"


def _image(order: Order, reference: Reference, given: str, path: str) -> Hit | None:
    """An image of a public project, by rule; any other must be in the store, by its name or its family."""
    text = given[given.index("projects/") :] if "projects/" in given else given
    parts = [part for part in text.split("/") if part and part not in ("projects", "global", "images")]
    family = "family" in parts
    parts = [part for part in parts if part != "family"]
    project, name = (parts[0], parts[-1]) if len(parts) > 1 else ("", parts[-1] if parts else "")
    own = gcp.project_of(order)
    for hit in finding.by_name(order.store, reference.target.types, name) if not family else ():
        if hit.project == (project or own):
            if hit.status == "deleting":
                msg = f"googleapi: Error 400: The resource '{hit.id}' is not ready, resourceNotReady"
                raise Refused(msg)
            return hit
    if world.is_public_image(project, name):
        return None
    found = finding.by_text(order.store, reference.target.types, name)
    if found is not None and found.project == (project or own):
        return found
    known = world.image_project(project)
    hint = f"; {project} has {known}" if known else "; declare the image in the world file where it exists"
    msg = f"Error resolving image name '{given}': Could not find image or family {given}{hint}"
    raise Refused(msg)


def _account(order: Order, reference: Reference, given: str) -> Hit | None:
    """A service account by its address or path; Google's own agents and another project's are there by rule."""
    email = given.rpartition("/")[2].removeprefix("serviceAccount:")
    match = _ACCOUNT.match(email)
    if match is None:
        return None
    project = match[1]
    if _AGENT.match(email):
        return None
    id = f"projects/{project}/serviceAccounts/{email}"
    hit = finding.by_id(order.store, reference.target.types, id)
    if hit is not None or project not in (gcp.project_of(order), order.config.get("project")):
        return hit
    if finding.by_text(order.store, reference.target.types, email) is not None:
        return None
    raise missing(order, reference, given, read(order, reference.target, id))


def _bucket(order: Order, reference: Reference, given: str) -> Hit | None:
    name = given.removeprefix("gs://").removeprefix("b/").partition("/")[0]
    hit = finding.by_id(order.store, reference.target.types, name)
    if hit is None:
        raise missing(order, reference, given, read(order, reference.target, name))
    return hit


def _short(text: str) -> str:
    return text.rpartition("/")[2]
