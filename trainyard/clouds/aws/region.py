"""What a lease has in one region of an account: machines, what they leave, groups, SageMaker; no data services."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from trainyard.clouds.aws import priced
from trainyard.clouds.aws.asking import Asking
from trainyard.clouds.scope import ScopeUnreadable, UnknownScopeError
from trainyard.facts.billable import Billable
from trainyard.facts.labels import LEASE_KEY
from trainyard.facts.origin import Sandbox

# Not from Amazon, who names no figure for EC2's eventual consistency: as long as for Google Cloud.
LIST_LAG = timedelta(seconds=90)
_PLACE = re.compile(r"(?P<account>\d{12})/(?P<region>[a-z]{2,3}(-[a-z]+)+-\d+)")
_MOST_IDS = 200  # values of one filter
_FOUND: tuple[tuple[str, str, priced.Make, Mapping[str, Any]], ...] = (
    ("describe_volumes", "Volumes", priced.volume, {}),
    ("describe_addresses", "Addresses", priced.address, {}),
    ("describe_snapshots", "Snapshots", priced.snapshot, {"OwnerIds": ["self"]}),
    ("describe_capacity_reservations", "CapacityReservations", priced.reservation, {}),
)
_ENDS = {
    "machine": "ec2 terminate-instances --instance-ids {}",
    "volume": "ec2 delete-volume --volume-id {}",
    "address": "ec2 release-address --allocation-id {}",
    "snapshot": "ec2 delete-snapshot --snapshot-id {}",
    "NAT gateway": "ec2 delete-nat-gateway --nat-gateway-id {}",
    "reservation": "ec2 cancel-capacity-reservation --capacity-reservation-id {}",
    "group": "autoscaling delete-auto-scaling-group --force-delete --auto-scaling-group-name {}",
    "training job": "sagemaker stop-training-job --training-job-name {}",
}
_NOTEBOOK = ("stop-notebook-instance", "wait notebook-instance-stopped", "delete-notebook-instance")


class AwsRegion:
    """One region of one account."""

    list_lag = LIST_LAG

    def __init__(self, place: str, sandbox: Sandbox | None) -> None:
        told = _PLACE.fullmatch(place)
        if told is None:
            message = f'scope "aws:{place}": give account and region, for example "aws:123456789012/eu-west-1".'
            raise UnknownScopeError(message)
        self.scope = f"aws:{place}"
        self._account, self._region = told["account"], told["region"]
        self._ask = Asking(self.scope, self._region, sandbox)

    def list_billable(self, lease_id: str) -> tuple[Billable, ...]:
        """All kinds, all pages; ScopeUnreadable when any part did not answer, or the login is another account's."""
        self._check_account()
        found = {(thing.kind, thing.name): thing for thing in self._things(lease_id)}
        return tuple(found.values())

    def end_by_hand(self, thing: Billable) -> str:
        """The `aws` command that ends it."""
        where = f"--region {self._region}"
        if thing.kind == "notebook":
            name = f"--notebook-instance-name {thing.name} {where}"
            return " && ".join(f"aws sagemaker {step} {name}" for step in _NOTEBOOK)
        return f"aws {_ENDS[thing.kind].format(thing.name)} {where}"

    def _check_account(self) -> None:
        account = str(self._ask.one("sts", "get_caller_identity").get("Account", ""))
        if account != self._account:
            reason = f"the login is of account {account or 'unknown'}, the scope's is {self._account}"
            raise ScopeUnreadable(self.scope, reason)

    def _things(self, lease_id: str) -> Iterator[Billable]:
        tagged = [{"Name": f"tag:{LEASE_KEY}", "Values": [lease_id]}]
        machines = [
            machine
            for reservation in self._ask.all("ec2", "describe_instances", "Reservations", Filters=tagged)
            for machine in reservation["Instances"]
            if machine.get("State", {}).get("Name") != "terminated"
        ]
        idle = []
        for item in machines:
            machine = priced.machine(self.scope, item)
            yield machine
            idle += [] if machine.billing else [machine.name]
        yield from self._volumes_of(idle)
        for operation, member, make, more in _FOUND:
            for item in self._ask.all("ec2", operation, member, Filters=tagged, **more):
                yield make(self.scope, item)
        for item in self._ask.all("ec2", "describe_nat_gateways", "NatGateways", Filter=tagged):
            yield priced.gateway(self.scope, item)
        for item in self._ask.all("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", Filters=tagged):
            yield priced.group(self.scope, item)
        yield from self._jobs(lease_id)
        yield from self._notebooks(lease_id)

    def _volumes_of(self, machines: Sequence[str]) -> Iterator[Billable]:
        """The volumes of machines that do not run, which bill on, with a tag of their own or not."""
        for start in range(0, len(machines), _MOST_IDS):
            held = [{"Name": "attachment.instance-id", "Values": list(machines[start : start + _MOST_IDS])}]
            for item in self._ask.all("ec2", "describe_volumes", "Volumes", Filters=held):
                yield priced.volume(self.scope, item)

    def _jobs(self, lease_id: str) -> Iterator[Billable]:
        # The list tells no tags, so only what can bill is asked for them.
        for status in ("InProgress", "Stopping"):
            jobs = self._ask.all("sagemaker", "list_training_jobs", "TrainingJobSummaries", StatusEquals=status)
            for item in self._tagged(jobs, "TrainingJobArn", lease_id):
                yield priced.job(self.scope, item)

    def _notebooks(self, lease_id: str) -> Iterator[Billable]:
        notebooks = self._ask.all("sagemaker", "list_notebook_instances", "NotebookInstances")
        for item in self._tagged(notebooks, "NotebookInstanceArn", lease_id):
            yield priced.notebook(self.scope, item)

    def _tagged(self, items: Iterable[Mapping[str, Any]], arn: str, lease_id: str) -> Iterator[Mapping[str, Any]]:
        for item in items:
            tags = list(self._ask.all("sagemaker", "list_tags", "Tags", ResourceArn=item[arn]))
            if priced.tags_of({"Tags": tags}).get(LEASE_KEY) == lease_id:
                yield {**item, "Tags": tags}
