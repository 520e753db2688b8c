"""How Google Cloud names and labels things; the provider's own defaults for project and place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from trainyard.sandbox.provider.generic import labels_in, own_name, plausible
from trainyard.sandbox.provider.order import Made, Order, Refused, digits, hexadecimal, rfc3339
from trainyard.sandbox.provider.tells import google

API: Final = "https://www.googleapis.com/compute/v1/"
# Over 30 characters: no real Google project can have this id.
DEFAULT_PROJECT: Final = "trainyard-sandbox-default-project"


def project_of(order: Order) -> str:
    """The project of the thing: its own, the provider's, else one that cannot exist."""
    return order.text("project") or _config(order, "project") or DEFAULT_PROJECT


def zone_of(order: Order) -> str:
    """The zone; Refused in the provider's words when nothing tells one."""
    return _short(order.text("zone") or _config(order, "zone")) or _not_set("zone")


def region_of(order: Order) -> str:
    """The region, also from the provider's zone; Refused in the provider's words when nothing tells one."""
    zone = _config(order, "zone")
    given = order.text("region") or _config(order, "region") or zone.rpartition("-")[0]
    return _short(given) or _not_set("region")


def effective_labels(order: Order) -> dict[str, str]:
    """What the cloud holds: the thing's own labels, the provider's defaults and its mark, where the type tells them."""
    own = labels_in(order)
    if "effectiveLabels" not in order.type.outputs:
        return own
    marked = order.config.get("addPulumiAttributionLabel") in (True, "true")
    defaults = order.config.get("defaultLabels")
    mark = {"goog-pulumi-provisioned": "true"} if marked else {}
    return {**mark, **(defaults if isinstance(defaults, Mapping) else {}), **own}


def label_outputs(order: Order) -> dict[str, Any]:
    """`pulumiLabels` and `effectiveLabels`, where the type tells them."""
    held = effective_labels(order)
    return {name: held for name in ("pulumiLabels", "effectiveLabels") if name in order.type.outputs}


def self_link(path: str) -> str:
    return API + path


def full_link(given: str, collection: str, project: str, scope: str) -> str:
    """The self link of a thing given by link, by path or by its bare name."""
    if not given or given.startswith("https://"):
        return given
    return API + (given if given.startswith("projects/") else f"projects/{project}/{scope}/{collection}/{given}")


def path_of(link: str) -> str:
    """ "projects/…" of a self link; the text itself where it is none."""
    return link[link.index("projects/") :] if "projects/" in link else link


def make(order: Order) -> Made:
    """A Google thing that nobody described: its path as id."""
    name, project = own_name(order), project_of(order)
    collection = order.type.token.rpartition(":")[2]
    plural = collection[0].lower() + collection[1:] + "s"
    place, scope = _scope(order)
    id = f"projects/{project}/{scope}/{plural}/{name}" if scope else f"projects/{project}/{plural}/{name}"
    id = google.id_of(order, project, name, place) or id
    region = place if place.count("-") < 2 else place.rpartition("-")[0]
    told = google.told(google.Place(order=order, id=id, name=name, project=project, region=region))
    outputs = {**plausible(order, id), **common(order, name, project, id), **label_outputs(order), **told}
    return Made(id=id, name=name, project=project, place=place, labels=effective_labels(order), outputs=outputs)


def common(order: Order, name: str, project: str, id: str) -> dict[str, Any]:
    """What nearly every Google thing tells, as far as its type does."""
    told: dict[str, Callable[[], str]] = {
        "name": lambda: name,
        "project": lambda: project,
        "selfLink": lambda: self_link(id),
        "creationTimestamp": lambda: rfc3339(order.created),
        "createTime": lambda: rfc3339(order.created),
        "labelFingerprint": lambda: hexadecimal(12),
        "fingerprint": lambda: hexadecimal(12),
        "numericId": lambda: digits(19),
    }
    fixed = ("name", "project", "selfLink")
    return {
        key: make() if key in fixed else order.keep(key, make)
        for key, make in told.items()
        if key in order.type.outputs
    }


def _scope(order: Order) -> tuple[str, str]:
    """Place and path part, from whichever the type takes."""
    inputs = order.type.inputs
    location = order.text("location") if "location" in inputs else ""
    if location and "zone" in inputs:  # the older of two names for the same, as Filestore has them
        return location, f"locations/{location}"
    if "zone" in inputs:
        zone = zone_of(order)
        return zone, f"zones/{zone}"
    if "region" in inputs:
        region = region_of(order)
        return region, f"regions/{region}" if ":compute/" in order.type.token else f"locations/{region}"
    if "location" in inputs:
        location = order.text("location", "global")
        return location, f"locations/{location}"
    return ("global", "global") if ":compute/" in order.type.token else ("global", "")


def _config(order: Order, name: str) -> str:
    value = order.config.get(name)
    return value if isinstance(value, str) else ""


def _short(text: str) -> str:
    return text.rpartition("/")[2]


def _not_set(name: str) -> str:
    msg = f'{name}: required field is not set; give "{name}" on the resource or `pulumi config set gcp:{name} …`'
    raise Refused(msg)
