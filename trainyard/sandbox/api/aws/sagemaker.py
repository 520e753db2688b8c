"""SageMaker: training jobs and notebook instances, listed, described and stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from trainyard.sandbox.api.aws import job_life, tokens, training
from trainyard.sandbox.api.aws.call import AwsCall
from trainyard.sandbox.api.aws.ec2 import inventory
from trainyard.sandbox.api.aws.ec2.inventory import tags, value
from trainyard.sandbox.api.aws.error import AwsError
from trainyard.sandbox.api.aws.job_life import JOB
from trainyard.sandbox.provider.aws import ACCOUNT
from trainyard.sandbox.store import Thing

NOTEBOOK: Final = "aws:sagemaker/notebookInstance:NotebookInstance"
_USUAL: Final = 10
_LARGEST: Final = 100
_NOTEBOOK_STOPS_SECONDS: Final = 60.0
_LONGEST_SECONDS: Final = 86_400.0  # API_StoppingCondition: where none is given


def list_jobs(call: AwsCall) -> dict[str, Any]:
    status = call.values.get("StatusEquals")
    names = call.values.get("NameContains", "")
    shown = [
        {
            "TrainingJobName": job.id,
            "TrainingJobArn": _arn(job),
            "CreationTime": job.created,
            "LastModifiedTime": job.changed,
            "TrainingJobStatus": job_status(call, job),
        }
        for job in _all(call, JOB)
        if names in job.id and status in (None, job_status(call, job))
    ]
    return _page(call, shown, "TrainingJobSummaries", "TrainingJobName")


def describe_job(call: AwsCall) -> dict[str, Any]:
    job = _find(call, JOB, str(call.values["TrainingJobName"]), "Requested resource not found.")
    status = job_status(call, job)
    resources = value(job, "resourceConfig") or {}
    return {
        "TrainingJobName": job.id,
        "TrainingJobArn": _arn(job),
        "TrainingJobStatus": status,
        "SecondaryStatus": _secondary(call, job, status),
        "ModelArtifacts": {"S3ModelArtifacts": ""},
        "RoleArn": value(job, "roleArn"),
        "ResourceConfig": {
            "InstanceType": resources.get("instanceType"),
            "InstanceCount": int(resources.get("instanceCount") or 1),
            "VolumeSizeInGB": int(resources.get("volumeSizeInGb") or 1),
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": int(_longest(job))},
        "EnableManagedSpotTraining": bool(value(job, "enableManagedSpotTraining")),
        "CreationTime": job.created,
        "LastModifiedTime": job.changed,
        **_times(job),
        **(training.told(job) or {}),
    }


def delete_job(call: AwsCall) -> dict[str, Any]:
    job = _find(call, JOB, str(call.values["TrainingJobName"]), "Requested resource not found.")
    return training.forget(call, job, job_status(call, job))


def _times(job: Thing) -> dict[str, Any]:
    """What a job that the API made tells of its run."""
    at = job_life.stage(job)
    if at is None:
        return {"TrainingStartTime": job.created}
    reason = at.reason if at.status in job_life.ENDED else ""
    told = {"TrainingStartTime": at.started, "TrainingEndTime": at.ended, "FailureReason": reason or None}
    return {key: value for key, value in told.items() if value is not None}


def _secondary(call: AwsCall, job: Thing, status: str) -> str:
    if (at := job_life.stage(job)) is not None:
        return at.second
    if status == "InProgress":
        return "Training"
    if status == "Stopped" and inventory.notes(call).get(f"{JOB} {job.id}", {}).get("stopped", 0) < job.created:
        return "MaxRuntimeExceeded"
    return status


def stop_job(call: AwsCall) -> dict[str, Any]:
    job = _find(call, JOB, str(call.values["TrainingJobName"]), "Requested resource not found.")
    status, at = job_status(call, job), job_life.stage(job)
    if status == "InProgress" and at is not None:
        job_life.stop(call.store, job, at)
    elif status == "InProgress":
        inventory.note(call, f"{JOB} {job.id}", stopped=call.store.now())
    elif status != "Stopping":
        text = f"The request was rejected because the training job is in status {status}."
        raise AwsError(400, "ValidationException", text)
    return {}


def job_status(call: AwsCall, job: Thing) -> str:
    """What the job does at the call's simulated moment."""
    now = call.store.now()
    if job.status == "deleted":
        return "Stopped"
    if (at := job_life.stage(job)) is not None:
        return at.status
    stopped = inventory.notes(call).get(f"{JOB} {job.id}", {}).get("stopped")
    if stopped is not None and stopped >= job.created:  # a job of the same name may have been before it
        return "Stopping" if now < stopped + job_life.STOP_SECONDS else "Stopped"
    return "InProgress" if now < job.created + _longest(job) else "Stopped"


def list_notebooks(call: AwsCall) -> dict[str, Any]:
    status = call.values.get("StatusEquals")
    names = call.values.get("NameContains", "")
    shown = [
        told
        for told in (_notebook(call, one) for one in _all(call, NOTEBOOK) if one.status != "deleted")
        if names in told["NotebookInstanceName"] and status in (None, told["NotebookInstanceStatus"])
    ]
    return _page(call, shown, "NotebookInstances", "NotebookInstanceName")


def describe_notebook(call: AwsCall) -> dict[str, Any]:
    notebook = _find(call, NOTEBOOK, str(call.values["NotebookInstanceName"]), "RecordNotFound")
    return {
        **_notebook(call, notebook),
        "RoleArn": value(notebook, "roleArn"),
        "VolumeSizeInGB": int(value(notebook, "volumeSize") or 5),
        "DirectInternetAccess": str(value(notebook, "directInternetAccess") or "Enabled"),
        "RootAccess": str(value(notebook, "rootAccess") or "Enabled"),
    }


def stop_notebook(call: AwsCall) -> dict[str, Any]:
    notebook = _find(call, NOTEBOOK, str(call.values["NotebookInstanceName"]), "RecordNotFound")
    status = _notebook(call, notebook)["NotebookInstanceStatus"]
    if status != "InService":
        text = (
            f"Status ({status}) not in ([InService, Failed]). Unable to transition to (Stopping) for Notebook Instance "
            f"({_arn(notebook)})."
        )
        raise AwsError(400, "ValidationException", text)
    call.store.put(replace(notebook, status="stopped"))
    inventory.note(call, f"{NOTEBOOK} {notebook.id}", until=call.store.now() + _NOTEBOOK_STOPS_SECONDS)
    return {}


def list_tags(call: AwsCall) -> dict[str, Any]:
    arn = str(call.values["ResourceArn"])
    for type in (JOB, NOTEBOOK):
        for thing in _all(call, type):
            if _arn(thing) == arn:
                return {"Tags": tags(thing)}
    raise AwsError(400, "ValidationException", f"The request was rejected because {arn} does not exist.")


def _all(call: AwsCall, type: str) -> Sequence[Thing]:
    found = call.store.list(type=type, project=ACCOUNT, place=call.region, deleted=True)
    return [thing for thing in found if thing.created <= call.newest and not thing.outputs.get("forgotten")]


def _find(call: AwsCall, type: str, name: str, text: str) -> Thing:
    found = next((one for one in _all(call, type) if one.id == name), None)
    if found is None or (type == NOTEBOOK and found.status == "deleted"):
        raise AwsError(400, "ValidationException", text)
    return found


def _notebook(call: AwsCall, notebook: Thing) -> dict[str, Any]:
    note = inventory.notes(call).get(f"{NOTEBOOK} {notebook.id}", {})
    stopped = "Stopping" if call.store.now() < note.get("until", 0) else "Stopped"
    return {
        "NotebookInstanceName": notebook.id,
        "NotebookInstanceArn": _arn(notebook),
        "NotebookInstanceStatus": stopped if notebook.status == "stopped" else "InService",
        "InstanceType": value(notebook, "instanceType"),
        "Url": value(notebook, "url"),
        "CreationTime": notebook.created,
        "LastModifiedTime": notebook.changed,
    }


def _arn(thing: Thing) -> str:
    kind = "training-job" if thing.type == JOB else "notebook-instance"
    return f"arn:aws:sagemaker:{thing.place}:{ACCOUNT}:{kind}/{thing.id}"


def _longest(job: Thing) -> float:
    condition = value(job, "stoppingCondition") or {}
    return float(condition.get("maxRuntimeInSeconds") or _LONGEST_SECONDS)


def _page(call: AwsCall, shown: list[dict[str, Any]], member: str, name: str) -> dict[str, Any]:
    known = {"NextToken", "MaxResults", "StatusEquals", "NameContains", "SortBy", "SortOrder"}
    for given in call.values:
        if given not in known:
            raise AwsError(400, "ValidationException", f"the sandbox's lists of SageMaker do not take {given}")
    size = int(call.values.get("MaxResults", _USUAL))
    if not 1 <= size <= _LARGEST:
        raise AwsError(400, "ValidationException", f"MaxResults must be between 1 and {_LARGEST}, not {size}")
    after = tokens.after(
        str(call.values.get("NextToken") or ""), AwsError(400, "ValidationException", "Invalid NextToken.")
    )
    left = sorted((one for one in shown if one[name] > after), key=lambda one: str(one[name]))
    answer: dict[str, Any] = {member: left[:size]}
    if len(left) > size:
        answer["NextToken"] = tokens.token_after(left[size - 1][name])
    return answer


CALLS: Final[Mapping[str, Callable[[AwsCall], Mapping[str, Any]]]] = {
    "CreateTrainingJob": training.create,
    "DeleteTrainingJob": delete_job,
    "DescribeNotebookInstance": describe_notebook,
    "DescribeTrainingJob": describe_job,
    "ListNotebookInstances": list_notebooks,
    "ListTags": list_tags,
    "ListTrainingJobs": list_jobs,
    "StopNotebookInstance": stop_notebook,
    "StopTrainingJob": stop_job,
}
