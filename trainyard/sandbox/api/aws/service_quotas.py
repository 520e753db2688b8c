"""Service Quotas: the limits of EC2's vCPU buckets by their codes, and of SageMaker's machine types by name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from trainyard.sandbox.api.aws import tokens
from trainyard.sandbox.api.aws.call import AwsCall
from trainyard.sandbox.api.aws.error import AwsError
from trainyard.sandbox.provider.aws import ACCOUNT
from trainyard.sandbox.quotas import limits
from trainyard.sandbox.quotas.charges import metrics

# Amazon's own codes, as public programs and lists of quotas have them (read 2026-11-24)
_CODES: Final[Mapping[str, str]] = {
    "Running On-Demand P instances": "L-417A185B",
    "Running On-Demand G and VT instances": "L-DB2E81BA",
    "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances": "L-1216C47A",
    "Running On-Demand F instances": "L-74FC7D96",
    "Running On-Demand X instances": "L-7295265B",
    "Running On-Demand Inf instances": "L-1945791B",
    "Running On-Demand Trn instances": "L-2C3B7624",
    "Running On-Demand DL instances": "L-6E869C2A",
    "All P4, P3 and P2 Spot Instance Requests": "L-7212CCBC",
    "All P5 Spot Instance Requests": "L-C4BD4855",
    "All G and VT Spot Instance Requests": "L-3819A6DF",
    "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests": "L-34B43A08",
    "All F Spot Instance Requests": "L-88CF9481",
    "All X Spot Instance Requests": "L-E3A00192",
    "All Inf Spot Instance Requests": "L-B5D1601B",
    "All DL Spot Instance Requests": "L-85EED4F7",
}
_SERVICES: Final[Mapping[str, str]] = {
    "ec2": "Amazon Elastic Compute Cloud (Amazon EC2)",
    "sagemaker": "Amazon SageMaker",
}
_USUAL: Final = 100


def get(call: AwsCall) -> dict[str, Any]:
    service, code = _service(call), str(call.values["QuotaCode"])
    for name, known in _names(call, service):
        if known == code:
            return {"Quota": _quota(call, service, name, known)}
    raise AwsError(400, "NoSuchResourceException", f"The request failed because the quota {code} does not exist.")


def list_all(call: AwsCall) -> dict[str, Any]:
    service = _service(call)
    size = int(call.values.get("MaxResults", _USUAL))
    if not 1 <= size <= _USUAL:
        raise AwsError(400, "IllegalArgumentException", f"MaxResults must be between 1 and {_USUAL}, not {size}")
    refusal = AwsError(400, "InvalidPaginationTokenException", "Invalid NextToken was provided.")
    after = tokens.after(str(call.values.get("NextToken") or ""), refusal)
    found = sorted((code, name) for name, code in _names(call, service) if code > after)
    shown = [_quota(call, service, name, code) for code, name in found[:size]]
    more = {"NextToken": tokens.token_after(found[size - 1][0])} if len(found) > size else {}
    return {"Quotas": shown, **more}


def _service(call: AwsCall) -> str:
    code = str(call.values["ServiceCode"])
    if code not in _SERVICES:
        raise AwsError(400, "NoSuchResourceException", f"The request failed because the service {code} does not exist.")
    return code


def _names(call: AwsCall, service: str) -> Iterator[tuple[str, str]]:
    """Names and codes of a service's quotas; SageMaker's are those that were set or are used."""
    if service == "ec2":
        yield from ((name, _CODES[name]) for name in metrics("aws") if name in _CODES)
        return
    told = {one.metric for one in limits.all_of(call.store) if one.cloud == service}
    told |= {metric for metric, _ in limits.used_in(call.store, service)}
    yield from ((name, f"L-{hashlib.sha256(name.encode()).hexdigest()[:8].upper()}") for name in sorted(told))


def _quota(call: AwsCall, service: str, name: str, code: str) -> dict[str, Any]:
    cloud = "aws" if service == "ec2" else service
    return {
        "ServiceCode": service,
        "ServiceName": _SERVICES[service],
        "QuotaArn": f"arn:aws:servicequotas:{call.region}:{ACCOUNT}:{service}/{code}",
        "QuotaCode": code,
        "QuotaName": name,
        "Value": limits.limit_of(call.store, cloud, name, call.region),
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }


CALLS: Final[Mapping[str, Callable[[AwsCall], Mapping[str, Any]]]] = {
    "GetServiceQuota": get,
    "ListServiceQuotas": list_all,
}
