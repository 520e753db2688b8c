"""Runs a program under Pulumi's mocks and hands back what the engine was asked for."""

from collections.abc import Callable
from typing import Any

import pytest
from pulumi.runtime import mocks

from tests.components.conftest import Registrations, deployer

ACCOUNT = "123456789012"


class _Cloud(mocks.Mocks):
    """Answers with what a provider computes, in the cloud's shape."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        given = args.inputs
        name = given.get("name", args.name)
        service = args.typ.split(":")[1].split("/")[0]
        noun = args.typ.rpartition(":")[2]
        place = "" if service in ("iam", "s3") else given.get("region", "us-east-1")
        account = "" if service == "s3" else ACCOUNT
        kind = "" if service == "sqs" else f"{noun[0].lower()}{noun[1:]}/"
        arn = f"arn:aws:{service}:{place}:{account}:{kind}{name}"
        if service == "s3":
            arn = f"arn:aws:s3:::{given.get('bucket', name)}"
        more = {"dnsName": "fs-1.fsx.example", "mountName": "abcdef"} if noun == "LustreFileSystem" else {}
        return f"{name}-id", {"arn": arn, **more, **given}

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:
        return {}


@pytest.fixture
def deploy() -> Callable[[Callable[[], Any]], Registrations]:
    return deployer(_Cloud)
