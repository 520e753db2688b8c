"""The names of Amazon's calls that the sandbox serves; a light file, for faults files name them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# by the name that signs requests; in faults files "ec2.DescribeInstances"
CALLS: Final[Mapping[str, tuple[str, ...]]] = {
    "ec2": (
        "CreateTags",
        "DeleteSnapshot",
        "DeleteTags",
        "DeleteVolume",
        "DescribeAddresses",
        "DescribeAvailabilityZones",
        "DescribeCapacityReservations",
        "DescribeImages",
        "DescribeInstanceStatus",
        "DescribeInstanceTypes",
        "DescribeInstances",
        "DescribeNatGateways",
        "DescribeNetworkInterfaces",
        "DescribeRegions",
        "DescribeSnapshots",
        "DescribeTags",
        "DescribeVolumes",
        "ModifyInstanceAttribute",
        "ReleaseAddress",
        "RunInstances",
        "StartInstances",
        "StopInstances",
        "TerminateInstances",
    ),
    "autoscaling": (
        "DeleteAutoScalingGroup",
        "DescribeAutoScalingGroups",
        "SetDesiredCapacity",
        "UpdateAutoScalingGroup",
    ),
    "sagemaker": (
        "CreateTrainingJob",
        "DeleteTrainingJob",
        "DescribeNotebookInstance",
        "DescribeTrainingJob",
        "ListNotebookInstances",
        "ListTags",
        "ListTrainingJobs",
        "StopNotebookInstance",
        "StopTrainingJob",
    ),
    "servicequotas": ("GetServiceQuota", "ListServiceQuotas"),
    "sqs": ("GetQueueAttributes", "GetQueueUrl", "ReceiveMessage"),
    "sts": ("GetCallerIdentity",),
    "tagging": ("GetResources",),
}

# No client calls them: what faults files say of a training job's own life; see job_life.
HAPPENS: Final = ("sagemaker.TrainingJob.start", "sagemaker.TrainingJob.run")


def known_calls() -> tuple[str, ...]:
    """Every call as faults files name it."""
    return (*(f"{service}.{name}" for service, names in CALLS.items() for name in names), *HAPPENS)
