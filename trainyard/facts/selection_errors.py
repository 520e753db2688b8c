"""What is wrong with a request that nothing fits: given, allowed, nearest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from trainyard.facts import capacity as buying
from trainyard.facts.accelerator import AcceleratorError, Wanted, resolve
from trainyard.facts.conflicts import conflict
from trainyard.facts.kinds import TPU_KINDS, ZONAL_KINDS, known_only, not_built, sold_as
from trainyard.facts.offer import Offer
from trainyard.facts.places import areas, covered, covers, region_of
from trainyard.facts.request import Request

_TPU = "tpu"


class SelectionError(ValueError):
    """No offer fits; the text says what was given, what there is and what to change."""


def wanted(request: Request) -> Wanted:
    """The chip with what the request and its alias narrow; SelectionError when both disagree."""
    try:
        asked = resolve(request.chip)
    except AcceleratorError as error:
        raise SelectionError(str(error)) from error
    for key in ("memory_gib", "form", "fabric"):
        own, implied = getattr(request, key), getattr(asked, key)
        if own is not None and implied is not None and own != implied:
            message = f'accelerator "{request.chip}" means {key} {implied}, but {own} was given; leave one of them out.'
            raise SelectionError(message)
    return Wanted(
        chip=asked.chip,
        memory_gib=request.memory_gib or asked.memory_gib,
        form=request.form or asked.form,
        fabric=request.fabric or asked.fabric,
    )


def narrowed(request: Request, offers: Iterable[Offer]) -> list[Offer]:
    """The offers of the wanted chip with the wanted memory, form and fabric."""
    asked = wanted(request)
    return [
        offer
        for offer in offers
        if offer.accelerator.chip == asked.chip
        and asked.memory_gib in (None, offer.accelerator.memory_gib)
        and asked.form in (None, offer.accelerator.form)
        and asked.fabric in (None, offer.accelerator.fabric)
    ]


def check(request: Request, offers: Sequence[Offer]) -> list[Offer]:
    """The offers of the wanted accelerator; SelectionError for the first word of the request that names nothing."""
    matching = narrowed(request, offers)
    _check_chip(request, offers, matching)
    _check_machine_type(request, offers, matching)
    _check_count(request, matching)
    _check_places(request, offers)
    if not request.capacities:
        message = f"no capacity was given; give at least one of {', '.join(buying.NAMES)}."
        raise SelectionError(message)
    return matching


def nothing_fits(request: Request, matching: Sequence[Offer], allowed_regions: Sequence[str]) -> str:
    """The text for a request whose every word is right, but whose sum is not to be had."""
    what = f"{request.machine_type or request.chip} with {request.count} {request.chip}"
    fitting = [
        offer
        for offer in matching
        if offer.accelerator_count == request.count and request.machine_type in (None, offer.machine_type)
    ]
    built = [offer for offer in fitting if not not_built(request.kind, offer.cloud, offer.machine_type)]
    if not built:
        reason = not_built(request.kind, request.cloud, fitting[0].machine_type)
        return f"{what}: {reason}; give another accelerator or machine_type."
    inside = [offer for offer in built if not allowed_regions or covered(offer.cloud, allowed_regions, offer.region)]
    if not inside:
        limits = ", ".join(allowed_regions)
        return (
            f"{what} is not offered in the environment's regions ({limits}); it is in {_places(request, built)}; "
            f"widen limits.regions, or give another accelerator."
        )
    asked = [offer for offer in built if in_places(request, offer)]
    if not asked:
        where = ", ".join((*request.zones, *request.regions))
        return f"{what} is not offered in {where}; it is in {_places(request, inside)}; give one of these."
    if not [offer for offer in asked if offer in inside]:
        return (
            f"{what}: the places asked for are outside of the environment's regions ({', '.join(allowed_regions)}); "
            f"inside it is offered in {_places(request, inside)}; give one of these."
        )
    if all(lacks_zone(request, offer) for offer in asked):
        return (
            f"{what}: the catalogue knows its regions, not its zones; name one under zones, such as those that "
            f'"gcloud compute machine-types list --filter=name={asked[0].machine_type}" shows.'
        )
    apart = [lacks_fabric(request, offer) for offer in asked]
    if all(apart):
        there = ", ".join(f"{kind} in {place}" for kind, place in request.fabrics or ()) or "none"
        return f"{what}: {apart[0]}; the base's fabrics are {there}."
    ways = ", ".join(buying.name(capacity) for capacity in request.capacities)
    sold = sold_as(request.kind, request.cloud, asked[0].machine_type)
    return f"{what} is not sold as {ways}; it is as {', '.join(sold)}; give one of these under capacity."


def zoned(request: Request, offers: Iterable[Offer]) -> Iterator[Offer]:
    """The offers, those whose source knows regions only once for each zone of theirs that the request names."""
    for offer in offers:
        named = [] if offer.zone else [z for z in request.zones if region_of(request.cloud, z) == offer.region]
        yield from [replace(offer, zone=zone) for zone in named] or [offer]


def lacks_zone(request: Request, offer: Offer) -> bool:
    """Whether a zone is needed that neither the catalogue nor the request knows."""
    return request.kind in ZONAL_KINDS and offer.cloud == "gcp" and not offer.zone


def lacks_fabric(request: Request, offer: Offer) -> str | None:
    """Why nodes of this offer would have no network between them; None where they have one, or need none."""
    if request.fabrics is None:
        return None
    fabric = offer.accelerator.fabric
    if fabric == "none":
        return conflict("nodes-without-a-fabric").text.removesuffix(".")
    if not {(fabric, offer.region), (fabric, offer.zone)} & set(request.fabrics):
        return f"the base has no {fabric} there"
    return None


def in_places(request: Request, offer: Offer) -> bool:
    """Whether the offer lies in a zone and region that the request names, or the request leaves them open."""
    return (not request.zones or offer.zone in request.zones) and (
        not request.regions or covered(offer.cloud, request.regions, offer.region)
    )


def _check_chip(request: Request, offers: Sequence[Offer], matching: Sequence[Offer]) -> None:
    if matching and (matching[0].accelerator.form != _TPU or request.kind in TPU_KINDS):
        return
    asked = wanted(request)
    of_chip = [offer for offer in offers if offer.accelerator.chip == asked.chip]
    if not of_chip:
        if reason := known_only(request.cloud, asked.chip):
            message = f"{request.cloud}: {reason}."
            raise SelectionError(message)
        chips = sorted({offer.accelerator.chip for offer in offers if offer.accelerator.form != _TPU})
        message = f"{request.cloud} offers no {asked.chip}; its chips are {', '.join(chips)}; give one of them."
        raise SelectionError(message)
    if of_chip[0].accelerator.form == _TPU:
        message = f'"{request.chip}" is a TPU, which no {request.kind} has; use kind tpu-node, or give a GPU.'
        raise SelectionError(message)
    kinds = sorted({(o.accelerator.memory_gib, o.accelerator.form, o.accelerator.fabric) for o in of_chip})
    listed = "; ".join(f"memory {memory}, form {form}, fabric {fabric}" for memory, form, fabric in kinds)
    given = ", ".join(
        f"{key} {value}"
        for key, value in (("memory", asked.memory_gib), ("form", asked.form), ("fabric", asked.fabric))
        if value is not None
    )
    message = f"{request.cloud} has no {asked.chip} with {given}; there is {listed}; give one of these."
    raise SelectionError(message)


def _check_machine_type(request: Request, offers: Sequence[Offer], matching: Sequence[Offer]) -> None:
    if request.machine_type is None:
        return
    tpus = request.kind in TPU_KINDS
    types = {offer.machine_type for offer in offers if tpus or offer.accelerator.form != _TPU}
    if request.machine_type not in types:
        if reason := known_only(request.cloud, request.machine_type):
            message = f"{request.machine_type}: {reason}."
            raise SelectionError(message)
        near = _near(request.machine_type, types)
        message = f'{request.cloud} has no GPU machine type "{request.machine_type}"; {near}'
        raise SelectionError(message)
    fitting = list(dict.fromkeys(offer.machine_type for offer in matching))
    if request.machine_type not in fitting:
        message = (
            f"{request.machine_type} has no {request.chip}; machine types with it are {', '.join(fitting)}; "
            f"give one of them, or leave machine_type out."
        )
        raise SelectionError(message)


def _check_count(request: Request, matching: Sequence[Offer]) -> None:
    counts = sorted({offer.accelerator_count for offer in matching})
    listed = ", ".join(str(count) for count in counts)
    if request.count not in counts:
        message = (
            f"no machine of {request.cloud} has {request.count} {request.chip}; counts: {listed}; give one of them."
        )
        raise SelectionError(message)
    if request.machine_type is None:
        return
    own = sorted({offer.accelerator_count for offer in matching if offer.machine_type == request.machine_type})
    if request.count not in own:
        message = (
            f"{request.machine_type} has {own[0]} {request.chip}, but {request.count} were asked for; "
            f'give "{request.chip}:{own[0]}", or leave machine_type out.'
        )
        raise SelectionError(message)


def _check_places(request: Request, offers: Sequence[Offer]) -> None:
    cloud = request.cloud
    zones = {offer.zone for offer in offers if offer.zone}
    regions = {offer.region for offer in offers}
    for zone in request.zones:
        if zone in zones:
            continue
        if zone in regions:
            inside = sorted(known for known in zones if known.startswith(f"{zone}-"))
            example = f'give a zone, for example "{inside[0]}"' if inside else "give it under regions"
            message = f'{cloud} zone "{zone}" is a region; {example}, or put it under regions.'
        else:
            message = f'{cloud} has no zone "{zone}" with accelerators; {_near(zone, zones)}'
        raise SelectionError(message)
    for region in request.regions:
        if any(covers(cloud, region, known) for known in regions):
            continue
        if region in zones:
            message = f'{cloud} region "{region}" is a zone; put it under zones, or leave the last part out.'
        else:
            near = _near(region, [*regions, *areas(cloud)])
            message = f'{cloud} has no region "{region}" with accelerators; {near}'
        raise SelectionError(message)


def _near(word: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches  # only an error pays for it

    names = sorted(known)
    near = get_close_matches(word, names, n=3, cutoff=0.7)
    return f"did you mean {' or '.join(near)}?" if near else f"known are {_list(names)}."


def _places(request: Request, offers: Iterable[Offer]) -> str:
    asked = {*request.regions, *(region_of(request.cloud, zone) for zone in request.zones)}
    near_first = sorted({(offer.region not in asked, offer.place) for offer in offers})
    return _list([place for _, place in near_first])


def _list(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 12 else f"{', '.join(names[:12])} and {len(names) - 12} more"
