"""What a workload says of its data on AWS, against where it lies and what else uses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trainyard.facts.aws.data_conflicts import Used, data_conflicts
from trainyard.facts.places import region_of
from trainyard.settings.base import Base
from trainyard.settings.data_aws import AwsDataSet, region_of_data
from trainyard.settings.kinds import Workload, data_of, nodes
from trainyard.settings.problem import Wrong
from trainyard.settings.requests import regions


def aws_data_breaches(name: str, workloads: Mapping[str, Workload], base: Base) -> Iterator[Wrong]:
    """Of the workload `name` of a lease's `workloads`; paths begin under it."""
    workload = workloads[name]
    data = base.aws.data if base.aws else {}
    for each in data_of(workload):
        if each in data and _goes_to_aws(workload):
            for row in data_conflicts(_used(name, each, data[each], workloads, base)):
                yield ("data", each), row.text


def _used(name: str, data_set: str, data: AwsDataSet, workloads: Mapping[str, Workload], base: Base) -> Used:
    places = [where for where in workloads[name].where if where.cloud == "aws"]
    return Used(
        kind=data.kind,
        workload=workloads[name].kind,
        region=region_of_data(data),
        zone=getattr(data, "zone", None),
        nodes=nodes(workloads[name]),
        regions=tuple(
            dict.fromkeys(
                region
                for where in places
                for region in ([region_of("aws", zone) for zone in where.zones] or regions(where, base))
            )
        ),
        zones=tuple(dict.fromkeys(zone for where in places for zone in where.zones or ("",))),
        others=tuple(
            other
            for other, workload in workloads.items()
            if other != name and data_set in data_of(workload) and _goes_to_aws(workload)
        ),
    )


def _goes_to_aws(workload: Workload) -> bool:
    return any(where.cloud == "aws" for where in workload.where)
