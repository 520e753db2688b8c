"""What a lease has on Vertex AI in one region. A list covers one region, so the region is a scope of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from threading import Event
from typing import Any

from trainyard.clouds.gcp.compute import LIST_LAG
from trainyard.clouds.gcp.rest import ApiError, LoginError, NoAnswerError, is_disabled
from trainyard.clouds.gcp.vertex import ENDED, Job, VertexJobs, number_of
from trainyard.clouds.gcp.vertex_price import pool_price
from trainyard.clouds.scope import ScopeUnreadable
from trainyard.facts.billable import Billable
from trainyard.facts.origin import Sandbox, wait
from trainyard.facts.persistent_resource import INCLUDED
from trainyard.facts.price import Price, Unknown

KIND = "training job"
PERSISTENT = "persistent resource"


class VertexRegion:
    """Project and region as "acme-ml-dev/europe-west4"."""

    list_lag: timedelta = LIST_LAG

    def __init__(self, place: str, sandbox: Sandbox | None) -> None:
        self._project, _, self._region = place.partition("/")
        self._sandbox = sandbox
        self.scope = f"gcp:{place}"

    def list_billable(self, lease_id: str) -> tuple[Billable, ...]:
        """All custom jobs and persistent resources with the label; ScopeUnreadable when they cannot be listed.

        Where Google says that the API is not enabled, none can be there.
        """
        try:
            jobs = self._jobs.of_lease(lease_id)
            resources = self._jobs.persistent_resources(lease_id)
        except ApiError as error:
            if is_disabled(error):
                return ()
            raise ScopeUnreadable(self.scope, f"{error.status} {error}") from error
        except (LoginError, NoAnswerError) as error:
            raise ScopeUnreadable(self.scope, str(error)) from error
        return (*(self._billable(job) for job in jobs), *(self._persistent(each) for each in resources))

    def end_by_hand(self, thing: Billable) -> str:
        """The `gcloud` command that cancels the job, or deletes the persistent resource."""
        if thing.kind == PERSISTENT:
            what = f"delete {thing.name} --region={self._region} --project={self._project}"
            return f"gcloud ai persistent-resources {what}"
        return f"gcloud ai custom-jobs cancel {thing.name} --region={self._region} --project={self._project}"

    @cached_property
    def _jobs(self) -> VertexJobs:
        never = Event()
        return VertexJobs(self._project, self._region, self._sandbox, lambda span: wait(self._sandbox, span, never))

    def _billable(self, job: Job) -> Billable:
        state = str(job.get("state", "JOB_STATE_UNSPECIFIED"))
        pools = job.get("jobSpec", {}).get("workerPoolSpecs", ())
        first: Mapping[str, Any] = pools[0] if pools else {}
        return Billable(
            cloud="gcp",
            scope=self.scope,
            kind=KIND,
            name=number_of(job),
            place=self._region,
            status=f"{state} {job.get('displayName', '')}".strip(),
            labels=dict(job.get("labels", {})),
            machine_type=first.get("machineSpec", {}).get("machineType"),
            price=self._price(job),
            # One that waits bills as soon as the cloud has room for it; on a persistent resource that one bills.
            billing=state not in ENDED and not _on_persistent_resource(job),
        )

    def _persistent(self, resource: Mapping[str, Any]) -> Billable:
        """Bills in whatever state it is, whether a job runs on it or not."""
        pools = list(resource.get("resourcePools", ()))
        machine_types = {str(pool.get("machineSpec", {}).get("machineType", "")) for pool in pools}
        price: Price = Unknown("the price of several kinds of machine is not worked out")
        if len(machine_types) == 1:
            count = sum(int(pool.get("replicaCount", 1)) for pool in pools)
            price = pool_price(next(iter(machine_types)), self._region, "STANDARD", count)
        return Billable(
            cloud="gcp",
            scope=self.scope,
            kind=PERSISTENT,
            name=str(resource["name"]).rpartition("/")[2],
            place=self._region,
            status=str(resource.get("state", "STATE_UNSPECIFIED")),
            labels=dict(resource.get("labels", {})),
            machine_type=next(iter(machine_types), None),
            price=price,
            billing=True,
        )

    def _price(self, job: Job) -> Price:
        if _on_persistent_resource(job):
            return INCLUDED
        spec = job.get("jobSpec", {})
        pools = [pool for pool in spec.get("workerPoolSpecs", ()) if pool.get("machineSpec")]
        machine_types = {str(pool["machineSpec"].get("machineType", "")) for pool in pools}
        if len(machine_types) != 1:
            return Unknown("the price of a job on several kinds of machine is not worked out")
        strategy = spec.get("scheduling", {}).get("strategy", "STANDARD")
        count = sum(int(pool.get("replicaCount", 1)) for pool in pools)
        return pool_price(machine_types.pop(), self._region, strategy, count)


def _on_persistent_resource(job: Job) -> bool:
    return bool(job.get("jobSpec", {}).get("persistentResourceId"))
