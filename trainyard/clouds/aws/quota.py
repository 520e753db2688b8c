"""What an AWS account may still use in a region: Service Quotas, and the vCPUs that run; only read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from trainyard.clouds.aws.asking import Asking
from trainyard.clouds.scope import ScopeUnreadable
from trainyard.facts.origin import Sandbox
from trainyard.facts.quotas import Quota

_RUNS = ("pending", "running")
# EC2 User Guide, EC2 instance type quotas: which families count in a bucket
_BUCKETS: Mapping[str, str] = {
    "Running On-Demand G and VT instances": r"(g|vt)\d",
    "Running On-Demand P instances": r"p\d",
    "All G and VT Spot Instance Requests": r"(g|vt)\d",
    "All P4, P3 and P2 Spot Instance Requests": r"p[234]",
    "All P5 Spot Instance Requests": r"p5",
}


class AwsQuotas:
    """One region's; ScopeUnreadable where Amazon does not tell."""

    def __init__(self, account: str, region: str, sandbox: Sandbox | None) -> None:
        self.scope = f"aws:{account}/{region}"
        self._account = account
        self._ask = Asking(self.scope, region, sandbox)

    def of_machines(self, code: str, name: str) -> Quota:
        """A vCPU quota of EC2 by its code; what runs is counted."""
        self._check_account()
        told = self._ask.one("service-quotas", "get_service_quota", ServiceCode="ec2", QuotaCode=code)["Quota"]
        used = sum(_vcpus(one) for one in self._machines if _counts(one, name))
        return Quota(limit=float(told["Value"]), used=float(used))

    def of_sagemaker(self, name: str) -> Quota | None:
        """A quota of SageMaker's by its name; None where it has none such. What runs is not told."""
        self._check_account()
        return self._sagemaker.get(name)

    @cached_property
    def _sagemaker(self) -> Mapping[str, Quota]:
        found = self._ask.all("service-quotas", "list_service_quotas", "Quotas", ServiceCode="sagemaker")
        return {str(one["QuotaName"]): Quota(limit=float(one["Value"]), used=None) for one in found}

    def sagemaker_code(self, name: str) -> str:
        """The code that a request for more of it needs."""
        found = self._ask.all("service-quotas", "list_service_quotas", "Quotas", ServiceCode="sagemaker")
        return next((str(one["QuotaCode"]) for one in found if one["QuotaName"] == name), "")

    @cached_property
    def _machines(self) -> tuple[Mapping[str, Any], ...]:
        return tuple(self._running())

    def _running(self) -> Iterator[Mapping[str, Any]]:
        living = [{"Name": "instance-state-name", "Values": list(_RUNS)}]
        for reservation in self._ask.all("ec2", "describe_instances", "Reservations", Filters=living):
            yield from reservation["Instances"]

    def _check_account(self) -> None:
        account = str(self._ask.one("sts", "get_caller_identity").get("Account", ""))
        if account != self._account:
            reason = f"the login is of account {account or 'unknown'}, the environment's is {self._account}"
            raise ScopeUnreadable(self.scope, reason)


def _counts(machine: Mapping[str, Any], name: str) -> bool:
    spot = machine.get("InstanceLifecycle") == "spot"
    return spot == name.startswith("All ") and bool(re.match(_BUCKETS.get(name, "$^"), machine["InstanceType"]))


def _vcpus(machine: Mapping[str, Any]) -> int:
    options = machine.get("CpuOptions") or {}
    return int(options.get("CoreCount", 0)) * int(options.get("ThreadsPerCore", 1))
