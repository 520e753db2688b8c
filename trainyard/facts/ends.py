"""Who ends a machine, and what stops billing then: the sourced table behind "two limits, three ends"."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Who(StrEnum):
    """Whoever ends it."""

    GUARD = "guard"
    NODE = "node"
    CLOUD = "cloud"


@dataclass(frozen=True, kw_only=True)
class End:
    """One way in which a thing of this kind ends on this cloud, bought this way."""

    kind: str
    cloud: str
    capacity: str
    who: Who
    means: str  # the call or field that does it
    what_stops: tuple[str, ...]  # stops billing
    what_stays: tuple[str, ...]  # goes on billing
    source: str

    @property
    def independent(self) -> bool:
        """Whether the accelerator stops billing with neither the guard nor the pipeline alive."""
        return self.who is not Who.GUARD and "accelerator" in self.what_stops


_STOPPED_PAGE = "Compute Engine docs, Suspend, stop, or reset: a stopped VM's disks and reserved addresses bill on"
_RUN_TIME_PAGE = "Compute Engine docs, Limit the run time of a VM"
_FLEX_PAGE = "Compute Engine docs, About Flex-start VMs"
_DELETE_PAGE = "Compute Engine docs, Delete a VM: disks without auto-delete and reserved addresses stay"
_RESERVATION_PAGE = "Compute Engine docs, Reservations: billed until deleted, used or not"
_RESERVATION_PAGES = {
    "gcp": _RESERVATION_PAGE,
    "aws": "EC2 User Guide, On-Demand Capacity Reservations: billed whether instances run in it or not, until canceled",
    "azure": "Azure Virtual Machines docs, On-demand Capacity Reservation: billed at the size's rate, used or not",
}

_BOUND_PAGE = (
    "Compute Engine docs, About reservation-bound instances; terraform-provider-google e03b7622, "
    "compute_instance_helpers.go: no durations are sent with RESERVATION_BOUND"
)

_MACHINE = ("accelerator", "vCPUs and memory", "local SSD")
_WHOLE_MACHINE = (*_MACHINE, "boot disk")
_DATA = ("data disks", "reserved addresses", "snapshots")


_Way = tuple[Who, str, tuple[str, ...], tuple[str, ...], str]  # who, means, what stops, what stays, its page


def _ends(
    kind: str, capacity: str, ways: tuple[_Way, ...], besides: tuple[str, ...], cloud: str = "gcp"
) -> tuple[End, ...]:
    """A cloud's ends of one kind, bought one way; `besides`: what stays whoever ends it, such as a reservation."""
    return tuple(
        End(
            kind=kind,
            cloud=cloud,
            capacity=capacity,
            who=who,
            means=means,
            what_stops=stops,
            what_stays=(*stays, *besides),
            source=f"{page}; {_RESERVATION_PAGES[cloud]}" if besides else page,
        )
        for who, means, stops, stays, page in ways
    )


def _machine(
    capacity: str, cloud_means: str, cloud_page: str, *, kind: str = "gpu-vm", besides: tuple[str, ...] = ()
) -> tuple[End, ...]:
    ways = (
        (Who.GUARD, "instances.delete", _WHOLE_MACHINE, _DATA, _DELETE_PAGE),
        (Who.NODE, "shutdown of the guest", _MACHINE, ("boot disk", *_DATA), _STOPPED_PAGE),
        (Who.CLOUD, cloud_means, _WHOLE_MACHINE, _DATA, cloud_page),
    )
    return _ends(kind, capacity, ways, besides)


_TERMINATION_TIME = "scheduling.terminationTime with instanceTerminationAction DELETE"
_RUN_DURATION = "scheduling.maxRunDuration with instanceTerminationAction DELETE"

# What the Cloud TPU API makes instead of Compute Engine: v2 to v5e, and everything that is queued.
CLOUD_TPU_NODE = "tpu-node of the Cloud TPU API"
_TPU_BILLING_PAGE = "Cloud TPU pricing: charges accrue while a node is READY; deletion and nodes.stop end that"
_TPU_SHUTDOWN = (
    "no page of Google's says whether a shutdown of the guest takes a node out of READY, so it counts as none"
)


def _cloud_tpu(capacity: str, guard_means: str, *, besides: tuple[str, ...] = ()) -> tuple[End, ...]:
    """The Cloud TPU API holds no end of its own: only the guard's counts, and that is no independent one."""
    ways = (
        (Who.GUARD, guard_means, _WHOLE_MACHINE, _DATA, _TPU_BILLING_PAGE),
        (Who.NODE, "shutdown of the guest", (), (*_WHOLE_MACHINE, *_DATA), _TPU_SHUTDOWN),
    )
    return _ends(CLOUD_TPU_NODE, capacity, ways, besides)


_WORKBENCH_PAGE = "notebooks.v2 Instance: no end in time; Workbench docs, Idle shutdown: only while nothing runs"


def _notebook(capacity: str, *, besides: tuple[str, ...] = ()) -> tuple[End, ...]:
    """Workbench's machine is stopped like any other; its idle shutdown is no end, for a loop that runs holds it off."""
    ways = (
        (Who.GUARD, "notebooks instances.delete", _WHOLE_MACHINE, _DATA, _WORKBENCH_PAGE),
        (Who.NODE, "shutdown of the guest", _MACHINE, ("boot disk", *_DATA), _STOPPED_PAGE),
        (Who.CLOUD, "idle-timeout-seconds", (), (*_WHOLE_MACHINE, *_DATA), _WORKBENCH_PAGE),
    )
    return _ends("notebook", capacity, ways, besides)


_JOB_PAGE = "aiplatform.v1 Scheduling.timeout: the maximum job running time; CancelCustomJob: ends a running job"


def _training_job(capacity: str, *, besides: tuple[str, ...] = ()) -> tuple[End, ...]:
    """Vertex AI holds the job's machines and shuts them down with it; nothing of ours runs on them.

    Its timeout counts from when the job runs: one that waits longer for room than it was made for ends so much later.
    """
    stays = ("data sets",)
    ways = (
        (Who.GUARD, "customJobs.cancel", _WHOLE_MACHINE, stays, _JOB_PAGE),
        (Who.CLOUD, "scheduling.timeout", _WHOLE_MACHINE, stays, _JOB_PAGE),
    )
    return _ends("training-job", capacity, ways, besides)


_PERSISTENT_PAGE = (
    "aiplatform.v1 PersistentResource: no time of any kind; Vertex AI docs, Overview of persistent resources: billed "
    "while it runs, whether a job runs on it or not"
)


def _persistent_resource(capacity: str) -> tuple[End, ...]:
    """It has no end of its own, and nothing of ours runs on its machines: only the guard's ends it."""
    ways = ((Who.GUARD, "persistentResources.delete", _WHOLE_MACHINE, ("data sets",), _PERSISTENT_PAGE),)
    return _ends("persistent-resource", capacity, ways, ())


BOUND_GPU_VM = "gpu-vm that is bound to its reservation"


def _bound() -> tuple[End, ...]:
    """Such a machine has no end of its own: the cloud ends it with its reservation, not with the lease."""
    means = "the end of the reservation"
    guard, node, cloud = _machine("reserved", means, _BOUND_PAGE, kind=BOUND_GPU_VM, besides=("the reservation",))
    later = replace(cloud, what_stops=(), what_stays=(*_WHOLE_MACHINE, *cloud.what_stays))
    return guard, node, later


_TERMINATE_PAGE = "EC2 User Guide, Terminate instances: volumes with DeleteOnTermination go, others and addresses stay"
_SHUTDOWN_PAGE = "EC2 User Guide, Change instance initiated shutdown behavior: terminate instead of stop"
_SCHEDULE_PAGE = "EventBridge Scheduler User Guide, Universal targets and one-time schedules: at(…) in UTC"
_SAGEMAKER_PAGE = "SageMaker API, StoppingCondition: MaxRuntimeInSeconds, then the job is stopped; StopTrainingJob"
_SAGEMAKER_NOTEBOOK_PAGE = "SageMaker API, NotebookInstance: no end in time; StopNotebookInstance, then delete"


def _aws_machine(capacity: str, *, besides: tuple[str, ...] = ()) -> tuple[End, ...]:
    ways = (
        (Who.GUARD, "ec2:TerminateInstances", _WHOLE_MACHINE, _DATA, _TERMINATE_PAGE),
        (
            Who.NODE,
            "shutdown of the guest with InstanceInitiatedShutdownBehavior terminate",
            _WHOLE_MACHINE,
            _DATA,
            _SHUTDOWN_PAGE,
        ),
        (Who.CLOUD, "EventBridge one-off that calls ec2:TerminateInstances", _WHOLE_MACHINE, _DATA, _SCHEDULE_PAGE),
    )
    return _ends("gpu-vm", capacity, ways, besides, "aws")


def _aws_job(capacity: str) -> tuple[End, ...]:
    stays = ("data sets",)
    ways = (
        (Who.GUARD, "sagemaker:StopTrainingJob", _WHOLE_MACHINE, stays, _SAGEMAKER_PAGE),
        (Who.CLOUD, "StoppingCondition.MaxRuntimeInSeconds", _WHOLE_MACHINE, stays, _SAGEMAKER_PAGE),
    )
    return _ends("training-job", capacity, ways, (), "aws")


def _aws_notebook() -> tuple[End, ...]:
    """Nothing of SageMaker's ends a notebook in time; its volume bills until it is deleted."""
    ways = (
        (
            Who.GUARD,
            "sagemaker:StopNotebookInstance and DeleteNotebookInstance",
            _WHOLE_MACHINE,
            ("data sets",),
            _SAGEMAKER_NOTEBOOK_PAGE,
        ),
    )
    return _ends("notebook", "on-demand", ways, (), "aws")


_STATES_PAGE = "Azure Virtual Machines docs, States and billing status: Stopped is billed, Stopped (deallocated) is not"
_ARM_DELETE_PAGE = "Azure Virtual Machines docs, Delete a VM and attached resources: what has deleteOption Delete goes"
_WORKFLOW_PAGE = "Azure Logic Apps docs, Schedules for recurring triggers; Compute REST API, deallocate and delete"
_LEARNING_PAGE = "Azure ML docs, CLI job schema, limits.timeout; compute clusters scale to min_instances when idle"
_COMPUTE_INSTANCE_PAGE = "Azure ML docs, Configure idle shutdown of a compute instance: only while nothing runs"


def _azure_machine(capacity: str, *, besides: tuple[str, ...] = ()) -> tuple[End, ...]:
    """A guest that is only shut down goes on billing: it is no end, so the node asks Resource Manager instead."""
    ways = (
        (Who.GUARD, "virtualMachines delete", _WHOLE_MACHINE, _DATA, _ARM_DELETE_PAGE),
        (
            Who.NODE,
            "virtualMachines deallocate, at the hard end delete, by the machine's own identity",
            _MACHINE,
            ("boot disk", *_DATA),
            f"{_STATES_PAGE}; {_ARM_DELETE_PAGE}",
        ),
        (Who.NODE, "shutdown of the guest", (), (*_WHOLE_MACHINE, *_DATA), _STATES_PAGE),
        (
            Who.CLOUD,
            "a workflow that deallocates and deletes the machine at its hard end",
            _WHOLE_MACHINE,
            _DATA,
            _WORKFLOW_PAGE,
        ),
    )
    return _ends("gpu-vm", capacity, ways, besides, "azure")


_LEARNING_COST_PAGE = (
    "Azure ML docs, Plan to manage costs (2024-03-26): a compute bills a load balancer until it is deleted, an "
    "instance its disk too, stopped or not"
)


def _azure_job(capacity: str) -> tuple[End, ...]:
    """The timeout cancels the job; the cluster has no idle machines a while later, for its least number is 0.

    It counts from when the job runs: one that waits longer for nodes than it was made for ends so much later.
    """
    stays = ("data sets",)
    ways = (
        (Who.GUARD, "jobs cancel and computes delete", _WHOLE_MACHINE, stays, _LEARNING_PAGE),
        (
            Who.CLOUD,
            "limits.timeout, then nodeIdleTimeBeforeScaleDown",
            _WHOLE_MACHINE,
            ("the cluster's load balancer", *stays),
            f"{_LEARNING_PAGE}; {_LEARNING_COST_PAGE}",
        ),
    )
    return _ends("training-job", capacity, ways, (), "azure")


def _azure_notebook() -> tuple[End, ...]:
    ways = (
        (Who.GUARD, "computes delete", _WHOLE_MACHINE, ("data sets",), _COMPUTE_INSTANCE_PAGE),
        (Who.CLOUD, "idleTimeBeforeShutdown", (), (*_WHOLE_MACHINE, "data sets"), _COMPUTE_INSTANCE_PAGE),
    )
    return _ends("notebook", "on-demand", ways, (), "azure")


ENDS: tuple[End, ...] = (
    *_training_job("on-demand"),
    *_training_job("spot"),
    *_training_job("flex-start"),
    *_training_job("reserved", besides=("the reservation",)),
    *_persistent_resource("on-demand"),
    *_notebook("on-demand"),
    *_notebook("reserved", besides=("the reservation",)),
    *_machine("on-demand", _TERMINATION_TIME, _RUN_TIME_PAGE),
    *_machine("spot", _TERMINATION_TIME, _RUN_TIME_PAGE),
    *_machine("flex-start", _RUN_DURATION, _FLEX_PAGE),
    *_machine("reserved", _TERMINATION_TIME, _RUN_TIME_PAGE, besides=("the reservation",)),
    *_bound(),
    *_machine("on-demand", _TERMINATION_TIME, _RUN_TIME_PAGE, kind="tpu-node"),
    *_machine("spot", _TERMINATION_TIME, _RUN_TIME_PAGE, kind="tpu-node"),
    *_machine("flex-start", _RUN_DURATION, _FLEX_PAGE, kind="tpu-node"),
    *_machine("reserved", _TERMINATION_TIME, _RUN_TIME_PAGE, kind="tpu-node", besides=("the reservation",)),
    *_cloud_tpu("on-demand", "tpu nodes.delete"),
    *_cloud_tpu("spot", "tpu nodes.delete"),
    *_cloud_tpu("reserved", "tpu nodes.delete", besides=("the reservation",)),
    *_cloud_tpu("queued", "tpu queuedResources.delete with force"),
    *_aws_machine("on-demand"),
    *_aws_machine("spot"),
    *_aws_machine("reserved", besides=("the reservation",)),
    *_aws_machine("block", besides=("the block, which is paid until its end",)),
    *_aws_job("on-demand"),
    *_aws_job("spot"),
    *_aws_notebook(),
    *_azure_machine("on-demand"),
    *_azure_machine("spot"),
    *_azure_machine("reserved", besides=("the reservation",)),
    *_azure_job("on-demand"),
    *_azure_job("spot"),
    *_azure_notebook(),
)


def ends_for(kind: str, cloud: str, capacity: str) -> tuple[End, ...]:
    """All known ends, guard first; empty where nothing is known, which counts as no end at all."""
    return tuple(end for end in ENDS if (end.kind, end.cloud, end.capacity) == (kind, cloud, capacity))


def independent_ends(kind: str, cloud: str, capacity: str) -> int:
    """How many ends hold without guard and pipeline; below two, plan and review say so first."""
    return sum(end.independent for end in ends_for(kind, cloud, capacity))


_JOB_LATE = (
    "Vertex AI counts a job's timeout from when it runs and bounds no wait but flex-start's "
    "(aiplatform.v1 Scheduling.maxWaitDuration): what it waits for room comes on top of the hard end"
)
_REQUEST_LATE = (
    "a resize request waits until it is deleted, for nothing on the cloud ends it at max_wait: a machine that comes "
    "later still ends itself at the hard end, and the cloud ends it by so much after that"
)
_AZURE_JOB_LATE = (
    "Azure Machine Learning counts a job's timeout from when it runs and bounds no wait (ARM description of jobs, "
    "limits.timeout: the max run duration): what it waits for nodes comes on top of the hard end"
)
_LATE = {
    **{("training-job", "azure", way): _AZURE_JOB_LATE for way in ("on-demand", "spot")},
    **{("training-job", "gcp", way): _JOB_LATE for way in ("on-demand", "spot", "reserved")},
    **{(kind, "gcp", "flex-start"): _REQUEST_LATE for kind in ("gpu-vm", "tpu-node")},
}


def late_end(kind: str, cloud: str, capacity: str) -> str | None:
    """Why the cloud's own end may come after the hard end; None where it does not."""
    return _LATE.get((kind, cloud, capacity))
