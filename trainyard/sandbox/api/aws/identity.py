"""STS: who one is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from trainyard.sandbox.api.aws.call import AwsCall
from trainyard.sandbox.provider.aws import ACCOUNT


def _caller(call: AwsCall) -> dict[str, Any]:
    return {"UserId": "AIDAREHEARSAL", "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/rehearsal"}


CALLS: Final[Mapping[str, Callable[[AwsCall], Mapping[str, Any]]]] = {"GetCallerIdentity": _caller}
