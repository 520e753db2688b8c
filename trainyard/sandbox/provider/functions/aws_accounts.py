"""Functions of Amazon that hand out what an account has: policies, roles, parameters, credentials."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final

from trainyard.sandbox import world
from trainyard.sandbox.provider.aws import ACCOUNT, DEFAULT_REGION
from trainyard.sandbox.provider.functions import stored
from trainyard.sandbox.provider.functions.question import Question
from trainyard.sandbox.provider.order import Refused, stable_hex
from trainyard.servicer.values import reveal

_PARAMETER: Final = "aws:ssm/parameter:Parameter"
_CLUSTER: Final = "aws:eks/cluster:Cluster"
_REPOSITORY: Final = "aws:ecr/repository:Repository"


def _parameter(question: Question) -> dict[str, Any]:
    """A parameter of the store, or one of Amazon's own: an image's id, which a machine may then be made of."""
    name, region = question.text("name"), question.text("region", DEFAULT_REGION)
    made = stored.find(_PARAMETER, question)
    arn = f"arn:aws:ssm:{region}:{ACCOUNT}:parameter/{name.lstrip('/')}"
    told = {"id": name, "name": name, "arn": arn, "region": region, "type": "String", "version": 1}
    if made is not None:
        outputs = reveal(dict(made.outputs))
        return {**told, **outputs, "value": outputs.get("value", ""), "insecureValue": outputs.get("value", "")}
    if not world.is_public_parameter(name):
        msg = f"ParameterNotFound: reading SSM Parameter ({name}): couldn't find resource"
        raise Refused(msg)
    image = f"ami-{stable_hex(17, name, region)}"
    world.remember_image(question.store, image, region, world.asked_architecture(name))
    value = image
    if name.startswith("/aws/service/ecs/") and not name.endswith("image_id"):
        value = f'{{"image_id":"{image}","os":"Amazon Linux 2","schema_version":1}}'
    return {**told, "value": value, "insecureValue": value}


def _policy(question: Question) -> dict[str, Any]:
    """A policy by its ARN or name: the account's own, or one of Amazon's."""
    asked = question.args.get("arn") or question.args.get("name") or ""
    for arn in world.managed_policies():
        if asked in (arn, arn.rpartition("/")[2]):
            name = arn.rpartition("/")[2]
            told = {"arn": arn, "id": arn, "name": name, "path": "/", "description": "", "tags": {}}
            return {**told, "policyId": f"ANPA{stable_hex(17, arn).upper()}", "policy": "{}", "attachmentCount": 0}
    return stored.stored("aws:iam/policy:Policy", question)


def _cluster_auth(question: Question) -> dict[str, Any]:
    name = question.text("name")
    return {"id": name, "name": name, "region": question.text("region", DEFAULT_REGION), "token": "k8s-aws-v1.sandbox"}


def _credentials(question: Question) -> dict[str, Any]:
    region = question.text("region", DEFAULT_REGION)
    registry = question.args.get("registryId") or ACCOUNT
    endpoint = f"https://{registry}.dkr.ecr.{region}.amazonaws.com"
    return {
        "id": region,
        "region": region,
        "registryId": registry,
        "authorizationToken": base64.b64encode(b"AWS:sandbox-password").decode(),
        "proxyEndpoint": endpoint,
        "userName": "AWS",
        "password": "sandbox-password",
        "expiresAt": "2100-01-01T00:00:00Z",
    }


def _regions(question: Question) -> dict[str, Any]:
    return {"id": "aws", "names": sorted(world.amazon_regions())}


def _alias(question: Question) -> dict[str, Any]:
    """A key's alias: of the store, or one that Amazon makes for a service, such as alias/aws/ebs."""
    name, region = question.text("name"), question.text("region", DEFAULT_REGION)
    if not name.startswith("alias/aws/"):
        return stored.stored("aws:kms/alias:Alias", question)
    key = stable_hex(32, name, region)
    id = f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"
    start = f"arn:aws:kms:{region}:{ACCOUNT}"
    return {
        "id": f"{start}:{name}",
        "arn": f"{start}:{name}",
        "name": name,
        "region": region,
        "targetKeyId": id,
        "targetKeyArn": f"{start}:key/{id}",
    }


FUNCTIONS: Final[Mapping[str, Callable[[Question], dict[str, Any]]]] = {
    "aws:ssm/getParameter:getParameter": _parameter,
    "aws:iam/getPolicy:getPolicy": _policy,
    "aws:eks/getClusterAuth:getClusterAuth": _cluster_auth,
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": _credentials,
    "aws:ecr/getCredentials:getCredentials": _credentials,
    "aws:index/getRegions:getRegions": _regions,
    "aws:kms/getAlias:getAlias": _alias,
}
