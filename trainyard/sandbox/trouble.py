"""How each cloud says that it has nothing left, that a quota is used up, that it is asked too often or is unwell.

Codes and texts as they stand in public issue threads (CCExtractor/sample-platform#901, kubernetes/k8s.io#9834,
fastai/course-v3#165, hashicorp/terraform-provider-google#8360, openreview/openreview-expertise#401,
aws/aws-parallelcluster#4061, xlang-ai/OSWorld#366, fedora-copr/copr#2797, gabehollombe-aws/jupyter-notebooks#1,
Azure/aks-engine#1965, Azure-Samples/azuresandbox#70, Azure/karpenter-provider-azure#192,
MicrosoftDocs/azure-docs#105248, dotnet/machinelearning-modelbuilder#2140).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from trainyard.sandbox.faults import Fault


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A refusal before it has a cloud's shape."""

    status: int  # HTTP
    code: str  # the cloud's own: "ZONE_RESOURCE_POOL_EXHAUSTED", "InsufficientInstanceCapacity"
    message: str
    retry_after_seconds: int | None = None


_VERTEX = ("vertex", "aiplatform")  # the provider's word, and the API's
KINDS = ("refuse", "stockout", "quota", "throttle", "server-error")


def trouble(fault: Fault, package: str, about: Mapping[str, str], *, service: str = "") -> Trouble:
    """What the cloud answers when this fault hits; `service` is "compute", "vertex", "sagemaker", "ml" or the like.

    A message of the fault's own stands instead of the cloud's.
    """
    place = about.get("place") or "the zone"
    machine = about.get("machine_type") or "machine"
    project = about.get("project") or "p"
    made = {"gcp": _google, "aws": _amazon, "azure-native": _azure}.get(package, _nobody)
    found = made(fault, service, place, machine, project)
    return replace(found, message=fault.message) if fault.message else found


def _google(fault: Fault, service: str, place: str, machine: str, project: str) -> Trouble:
    match fault.kind:
        case "stockout" if service == "tpu":
            text = (
                f'There is no more capacity in the zone "{place}"; you can try in another zone where Cloud TPU Nodes '
                "are offered (see https://cloud.google.com/tpu/docs/regions)"
            )
            return Trouble(status=429, code="RESOURCE_EXHAUSTED", message=text)
        case "stockout" if service in _VERTEX:
            return Trouble(
                status=429, code="RESOURCE_EXHAUSTED", message=f"Resources are insufficient in region: {place}"
            )
        case "stockout":
            text = (
                f"The zone 'projects/{project}/zones/{place}' does not have enough resources available to fulfill the "
                "request.  Try a different zone, or try again later."
            )
            return Trouble(status=503, code="ZONE_RESOURCE_POOL_EXHAUSTED", message=text)
        case "quota" if service in _VERTEX:
            text = (
                "The following quota metrics exceed quota limits: aiplatform.googleapis.com/custom_model_training_gpus"
            )
            return Trouble(status=429, code="RESOURCE_EXHAUSTED", message=text)
        case "quota":
            return Trouble(
                status=403, code="QUOTA_EXCEEDED", message="Quota 'GPUS_ALL_REGIONS' exceeded.  Limit: 0.0 globally."
            )
        case "throttle" if service == "compute":
            text = (
                "Quota exceeded for quota group 'ReadGroup' and limit 'Read requests per user per 100 seconds' of "
                f"service 'compute.googleapis.com' for consumer 'project:{project}'."
            )
            return Trouble(status=403, code="rateLimitExceeded", message=text)
        case "throttle":
            return Trouble(
                status=429,
                code="RATE_LIMIT_EXCEEDED",
                message="Quota exceeded for quota metric 'Requests' and limit 'Requests per minute'.",
                retry_after_seconds=_wait(fault),
            )
        case "server-error":
            return Trouble(status=503, code="backendError", message="Service is currently unavailable.")
        case _:
            return _nobody(fault, service, place, machine, project)


def _amazon(fault: Fault, service: str, place: str, machine: str, project: str) -> Trouble:
    match fault.kind:
        case "stockout" if service == "sagemaker":
            text = "Unable to provision requested ML compute capacity. Please retry using a different ML instance type."
            return Trouble(status=400, code="CapacityError", message=text)
        case "stockout":
            text = (
                f"We currently do not have sufficient {machine} capacity in the Availability Zone you requested "
                f"({place}). Our system will be working on provisioning additional capacity. You can currently get "
                f"{machine} capacity by not specifying an Availability Zone in your request."
            )
            return Trouble(status=500, code="InsufficientInstanceCapacity", message=text)
        case "quota" if service == "sagemaker":
            text = (
                f"The account-level service limit '{machine} for training job usage' is 0 Instances, with current "
                "utilization of 0 Instances and a request delta of 1 Instances. Please contact AWS support to request "
                "an increase for this limit."
            )
            return Trouble(status=400, code="ResourceLimitExceeded", message=text)
        case "quota":
            text = (
                "You have requested more vCPU capacity than your current vCPU limit of 0 allows for the instance "
                "bucket that the specified instance type belongs to. Please visit "
                "http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit."
            )
            return Trouble(status=400, code="VcpuLimitExceeded", message=text)
        case "throttle" if service in ("ec2", ""):
            return Trouble(status=503, code="RequestLimitExceeded", message="Request limit exceeded.")
        case "throttle":
            return Trouble(status=400, code="ThrottlingException", message="Rate exceeded")
        case "server-error":
            return Trouble(status=500, code="InternalError", message="An internal error has occurred")
        case _:
            return _nobody(fault, service, place, machine, project)


def _azure(fault: Fault, service: str, place: str, machine: str, project: str) -> Trouble:
    match fault.kind:
        case "stockout":
            text = (
                "Allocation failed. We do not have sufficient capacity for the requested VM size in this region. Read "
                "more about improving likelihood of allocation success at http://aka.ms/allocation-guidance"
            )
            return Trouble(status=409, code="AllocationFailed", message=text)
        case "quota" if service == "ml":
            text = (
                "The specified subscription has a Standard vCPU quota of 0 and cannot accomodate for at least 1 "
                "requested managed compute nodes"
            )
            return Trouble(status=400, code="ClusterCoreQuotaReached", message=text)
        case "quota":
            text = (
                f"Operation could not be completed as it results in exceeding approved {machine} Family Cores quota. "
                f"Additional details - Deployment Model: Resource Manager, Location: {place}, Current Limit: 0, "
                "Current Usage: 0, Additional Required: 1, (Minimum) New Limit Required: 1."
            )
            return Trouble(status=409, code="OperationNotAllowed", message=text)
        case "throttle":
            text = (
                "The request for subscription has exceeded the backend storage limit. Please try again after "
                f"'{_wait(fault)}' seconds."
            )
            return Trouble(
                status=429, code="SubscriptionRequestsThrottled", message=text, retry_after_seconds=_wait(fault)
            )
        case "server-error":
            return Trouble(
                status=500, code="InternalServerError", message="An internal execution error occurred. Retry later."
            )
        case _:
            return _nobody(fault, service, place, machine, project)


def _nobody(fault: Fault, service: str, place: str, machine: str, project: str) -> Trouble:
    """A refusal of no special kind, or of a cloud without texts here."""
    texts = {
        "stockout": f"no {machine} is left in {place}",
        "quota": "the quota is used up",
        "throttle": "too many requests",
        "server-error": "the service is unavailable",
    }
    retry = _wait(fault) if fault.kind == "throttle" else None
    return Trouble(
        status=429 if fault.kind in ("quota", "throttle") else fault.code,
        code="",
        message=texts.get(fault.kind, "the cloud refused this call and gave no reason"),
        retry_after_seconds=retry,
    )


def _wait(fault: Fault) -> int:
    return max(1, int(fault.seconds))
