"""What a workload says of its data on Azure, against where it lies and what else uses it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trainyard.facts.azure.data_conflicts import Used, data_conflicts
from trainyard.settings.base import Base
from trainyard.settings.data_azure import AzureDataSet, zone_of_data
from trainyard.settings.kinds import Workload, data_of, nodes
from trainyard.settings.problem import Wrong
from trainyard.settings.requests import regions


def azure_data_breaches(name: str, workloads: Mapping[str, Workload], base: Base) -> Iterator[Wrong]:
    """Of the workload `name` of a lease's `workloads`; paths begin under it."""
    data = base.azure.data if base.azure else {}
    if not _goes_to_azure(workloads[name]):
        return
    for each in data_of(workloads[name]):
        if each in data:
            for row in data_conflicts(_used(name, each, data, workloads, base)):
                yield ("data", each), row.text


def _used(
    name: str, data_set: str, data: Mapping[str, AzureDataSet], workloads: Mapping[str, Workload], base: Base
) -> Used:
    workload = workloads[name]
    zones = {other: zone_of_data(data[other]) for other in data_of(workload) if other in data and other != data_set}
    return Used(
        kind=data[data_set].kind,
        workload=workload.kind,
        region=data[data_set].region,
        zone=zone_of_data(data[data_set]),
        nodes=nodes(workload),
        regions=tuple(
            dict.fromkeys(
                region for where in workload.where if where.cloud == "azure" for region in regions(where, base)
            )
        ),
        zones={other: zone for other, zone in zones.items() if zone is not None},
        others=tuple(
            other
            for other, each in workloads.items()
            if other != name and data_set in data_of(each) and _goes_to_azure(each)
        ),
    )


def _goes_to_azure(workload: Workload) -> bool:
    return any(where.cloud == "azure" for where in workload.where)
