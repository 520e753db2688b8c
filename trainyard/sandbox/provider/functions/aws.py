"""Functions of Amazon: who and where one is, and images."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from trainyard.sandbox import world
from trainyard.sandbox.conflicts.aws import facts
from trainyard.sandbox.provider.aws import ACCOUNT, DEFAULT_REGION
from trainyard.sandbox.provider.functions.question import Question
from trainyard.sandbox.provider.order import Refused, stable_hex


def _region(question: Question) -> str:
    return question.text("region", DEFAULT_REGION)


def _caller(question: Question) -> dict[str, Any]:
    arn = f"arn:aws:iam::{ACCOUNT}:user/rehearsal"
    return {"id": ACCOUNT, "accountId": ACCOUNT, "arn": arn, "userId": "AIDAREHEARSAL"}


def _region_told(question: Question) -> dict[str, Any]:
    region = question.text("name") or _region(question)
    told = {"id": region, "name": region, "region": region, "description": region}
    return {**told, "endpoint": f"ec2.{region}.amazonaws.com"}


def _zones(question: Question) -> dict[str, Any]:
    region = _region(question)
    names = list(world.amazon_zones(region))
    ids = [facts.zone_id(region, name) for name in names]
    return {"id": region, "region": region, "names": names, "zoneIds": ids, "groupNames": [region]}


def _ami(question: Question) -> dict[str, Any]:
    """One image for each question, always the same."""
    asked = json.dumps(dict(question.args), sort_keys=True, default=str)
    if not any(question.args.get(name) for name in ("owners", "filters", "nameRegex", "executableUsers")):
        msg = "one of owners, filters, nameRegex or executableUsers must be given to find an image"
        raise Refused(msg)
    id = f"ami-{stable_hex(17, asked)}"
    region = _region(question)
    architecture = world.asked_architecture(asked)
    world.remember_image(question.store, id, region, architecture)
    told = {"id": id, "imageId": id, "arn": f"arn:aws:ec2:{region}::image/{id}", "region": region, "name": id}
    return {
        **told,
        "architecture": architecture or "x86_64",
        "blockDeviceMappings": [],
        "ownerId": ACCOUNT,
        "rootDeviceName": "/dev/sda1",
        "rootDeviceType": "ebs",
        "state": "available",
        "tags": {},
        "virtualizationType": "hvm",
    }


def _partition(question: Question) -> dict[str, Any]:
    return {"id": "aws", "partition": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws"}


def _policy(question: Question) -> dict[str, Any]:
    statements = [_statement(given) for given in question.args.get("statements") or []]
    text = json.dumps({"Version": question.args.get("version", "2012-10-17"), "Statement": statements})
    return {"id": str(int(stable_hex(8, text), 16)), "json": text, "minifiedJson": text}


def _statement(given: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {"Effect": given.get("effect", "Allow")}
    for wire, name in (("sid", "Sid"), ("actions", "Action"), ("notActions", "NotAction"), ("resources", "Resource")):
        if given.get(wire):
            said[name] = given[wire]
    principals = {part["type"]: part["identifiers"] for part in given.get("principals") or []}
    conditions = {
        part["test"]: {part["variable"]: part["values"]} for part in given.get("conditions") or [] if part.get("test")
    }
    return said | ({"Principal": principals} if principals else {}) | ({"Condition": conditions} if conditions else {})


FUNCTIONS: Final[Mapping[str, Callable[[Question], dict[str, Any]]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller,
    "aws:index/getRegion:getRegion": _region_told,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:index/getPartition:getPartition": _partition,
    "aws:ec2/getAmi:getAmi": _ami,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy,
}
