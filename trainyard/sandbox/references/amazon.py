"""How Amazon finds what a text means: an id, a name or an ARN, in one account and region."""

from __future__ import annotations

from typing import Final

from trainyard.sandbox import world
from trainyard.sandbox.provider.aws import ACCOUNT, region_of
from trainyard.sandbox.provider.order import Order, Refused
from trainyard.sandbox.references import finding
from trainyard.sandbox.references.description import Reference, Target
from trainyard.sandbox.references.finding import Hit

_EVERYWHERE: Final = ("arn:aws:iam:", "arn:aws:s3:")


def find(order: Order, reference: Reference, given: str, path: str) -> Hit | None:
    """The thing; None where the sandbox cannot say; Refused where it is not there."""
    target = reference.target
    if given.startswith("resolve:ssm:") or given.startswith("local") or given == "self":
        return None
    if given.startswith("arn:") and given.split(":")[4] not in (ACCOUNT, "", "aws"):
        return None  # of an account that the sandbox does not hold
    hit = _by_form(order, target, given)
    if hit is None and not _there_by_rule(order, target, given):
        raise missing(order, reference, given)
    if hit is not None and hit.status == "deleting":
        raise missing(order, reference, given)
    return hit


def missing(order: Order, reference: Reference, given: str) -> Refused:
    """The cloud's answer for what is not there, and what to do."""
    text = (reference.missing or reference.target.missing).format(given=given)
    elsewhere = next(iter(_everywhere(order, reference.target, given)), None)
    hint = (
        f"it is in {elsewhere.place}, this is in {region_of(order)}"
        if elsewhere is not None
        else "make it first and point at the resource itself, or declare it in the world file"
    )
    return Refused(f"{text}; {hint}")


def _by_form(order: Order, target: Target, given: str) -> Hit | None:
    store = order.store
    for one in _everywhere(order, target, given):
        if _in_region(order, one, given):
            return one
    if target.form == "id":
        hit = finding.given_by(store, target.types, given)
        there = world.amazon_thing(target.types, given, region_of(order)) if hit is None else None
        return Hit.of(there) if there is not None and there.type in target.types else hit
    hit = finding.by_text(store, target.types, given)
    return hit if hit is not None and _in_region(order, hit, given) else None


def _everywhere(order: Order, target: Target, given: str) -> list[Hit]:
    """By id, then by name; of an ARN, its last part is the name."""
    last = given.rpartition("/")[2] if "/" in given else given.rpartition(":")[2] if given.startswith("arn:") else given
    found = [hit for id in dict.fromkeys((given, last)) if (hit := finding.by_id(order.store, target.types, id))]
    if target.form != "id" and not any(hit.place == region_of(order) for hit in found):
        found += finding.by_name(order.store, target.types, last)
    return found


def _in_region(order: Order, hit: Hit, given: str) -> bool:
    if not hit.place or ":iam/" in hit.type or ":s3/" in hit.type or ":route53/" in hit.type:
        return True
    return given.startswith(_EVERYWHERE) or hit.place == region_of(order)


def _there_by_rule(order: Order, target: Target, given: str) -> bool:
    """What Amazon brings along in every account: its own policies and roles, and images that were told of."""
    match target.form:
        case "ami":
            return world.is_known_image(order.store, given, region_of(order))
        case "policy":
            return world.is_managed_policy(given)
        case "role":
            return "/aws-service-role/" in given or given.startswith("AWSServiceRoleFor")
    if target.name == "scheduleGroup":
        return given == "default"
    if target.name == "encryptionKey":  # Amazon's own keys of the account, which it names by aliases
        return "alias/aws/" in given or given.startswith("aws/")
    if target.name in ("ecsCluster", "securityGroupName"):
        return given.rpartition("/")[2] == "default"
    return False
