"""The request that would raise a quota, as a command of the cloud's own tool."""

from __future__ import annotations

import math

from trainyard.choice.preflight.accounts import Accounts
from trainyard.facts.quotas import QuotaNeed

_NAMESPACES = {"azure": "Microsoft.Compute", "azure-ml": "Microsoft.MachineLearningServices"}


def request(need: QuotaNeed, accounts: Accounts, limit: float, name: str, code: str = "") -> tuple[str, ...]:
    """For a limit of so much; `name`: Azure's of the quota, `code`: Amazon's. Nothing where no call could be named."""
    wanted = math.ceil(limit)
    match need.service:
        case "gcp":
            dimensions = f" --dimensions=region={need.place}" if need.place else ""
            level = "per-project-region" if need.place else "per-project"
            quota = f"{need.metric.replace('_', '-')}-{level}"
            return (
                f"gcloud beta quotas preferences create --project={accounts.gcp_project} "
                f"--service=compute.googleapis.com --quota-id={quota}{dimensions} --preferred-value={wanted}",
            )
        case "aws" | "sagemaker" if need.code or code:
            service = "ec2" if need.service == "aws" else "sagemaker"
            return (
                f"aws service-quotas request-service-quota-increase --service-code {service} "
                f"--quota-code {need.code or code} --desired-value {wanted} --region {need.place}",
            )
        case "azure" | "azure-ml":
            scope = (
                f"/subscriptions/{accounts.azure_subscription}/providers/{_NAMESPACES[need.service]}"
                f"/locations/{need.place}"
            )
            kind = "lowPriority" if need.metric == "lowPriorityCores" else "dedicated"
            return (
                f"az quota update --resource-name {name} --resource-type {kind} --limit-object value={wanted} "
                f"--scope {scope}",
            )
        case _:
            return ()
