"""What a job's and a notebook's keys say of what Azure Machine Learning can do; paths begin under the workload.

Both need the base's workspace, and its region.
"""

from __future__ import annotations

from collections.abc import Iterator

from trainyard.facts.azure import learning
from trainyard.facts.azure.learning_conflicts import JobAsked, NotebookAsked, job_conflicts, notebook_conflicts
from trainyard.facts.capacity import name
from trainyard.facts.places import covers
from trainyard.settings.base import Base
from trainyard.settings.base_azure import AzureMadeWorkspace
from trainyard.settings.cloud_words import on_cloud
from trainyard.settings.environment import Environment
from trainyard.settings.kinds import access
from trainyard.settings.notebook import Notebook
from trainyard.settings.problem import Wrong, listed
from trainyard.settings.training_job import TrainingJob

_TENANT = "give it azure: { tenant: … } (az account show --query tenantId)."


def azure_job_breaches(job: TrainingJob, base: Base | None) -> Iterator[Wrong]:
    """A container that may change, work that would be lost, and what Azure Machine Learning does not do."""
    if error := learning.container_error(job.container):
        yield ("container",), error
    for variable, error in learning.variable_errors(job.env, job.secrets):
        yield ("secrets" if variable in job.secrets else "env", variable), error
    for variable, reference in job.secrets.items():
        try:
            learning.secret_url(reference)
        except ValueError as error:
            yield ("secrets", variable), str(error)
    told: set[str] = set()
    for index, capacity in enumerate(job.capacity):
        if reason := learning.not_sold("training-job", name(capacity)):
            yield ("capacity", index), f"{reason}."
            continue
        for row in job_conflicts(_job(job, name(capacity))):
            if row.name not in told:
                yield ("capacity", index) if row.key == "capacity" else (row.key,), row.text
                told.add(row.name)
    yield from _places(job, base)


def azure_notebook_breaches(
    notebook: Notebook, base: Base | None, environment: Environment | None, file: str
) -> Iterator[Wrong]:
    """A notebook without idle control or of several people, and what a compute instance does not do."""
    if notebook.idle is not None and (error := learning.idle_error(notebook.idle.after)):
        yield ("idle", "after"), error
    for index, capacity in enumerate(notebook.capacity):
        if reason := learning.not_sold("notebook", name(capacity)):
            yield ("capacity", index), f"{reason}."
    for row in notebook_conflicts(_notebook(notebook)):
        yield (row.key,), row.text
    if environment is not None and environment.azure is not None and environment.azure.tenant is None:
        index = next(index for index, where in enumerate(notebook.where) if where.cloud == "azure")
        yield (
            ("where", index),
            f"a compute instance is made for a person of one directory, and {file} names none; {_TENANT}",
        )
    yield from _places(notebook, base)


def workspace_breaches(base: Base, environment: Environment, file: str) -> Iterator[Wrong]:
    """A made workspace has a vault, which is of a directory."""
    azure = base.azure
    if azure is None or not isinstance(azure.workspace, AzureMadeWorkspace) or environment.azure is None:
        return
    if environment.azure.tenant is None:
        yield ("base", "azure", "workspace"), f"its vault is of a directory, and {file} names none; {_TENANT}"


def _job(job: TrainingJob, capacity: str) -> JobAsked:
    return JobAsked(
        capacity=capacity,
        nodes=job.nodes,
        command=bool(job.command),
        writes="write" in job.data.values(),
        retries=job.on_preemption is not None and all(where.cloud == "azure" for where in job.where),
        runs_on=job.runs_on is not None,
        wanted_fabric=job.fabric,
        tensorboard=job.tensorboard,
    )


def _notebook(notebook: Notebook) -> NotebookAsked:
    here = access(on_cloud(notebook, "azure"))
    people = [who for who in here if who.startswith("user:")]
    return NotebookAsked(
        people=len(people),
        others=len(here) - len(people),
        idle=notebook.idle is not None,
        idle_ends=notebook.idle is not None and notebook.idle.then == "end",
        image=notebook.image is not None,
        data=bool(notebook.data),
    )


def _places(workload: TrainingJob | Notebook, base: Base | None) -> Iterator[Wrong]:
    """Where the base's workspace is, and nowhere else."""
    if base is None or base.azure is None:
        return
    workspace = base.azure.workspace
    for index, where in enumerate(workload.where):
        if where.cloud != "azure":
            continue
        if workspace is None:
            text = (
                f"a {workload.kind} on Azure needs a workspace, and the base has none; give it base.azure.workspace: "
                "{ region: … }."
            )
            yield ("where", index), text
        elif where.regions and not any(covers("azure", region, workspace.region) for region in where.regions):
            text = f"the base's workspace is in {workspace.region}, not in {listed(where.regions)}; give that region."
            yield ("where", index, "regions"), text
