"""What of a thing bills, from when on, and whether it goes on while it is stopped: one table over the clouds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from trainyard.servicer.values import reveal

STOPPED_BILLS: Final = frozenset({"disk", "address", "snapshot", "gateway", "file system", "reservation", "cluster"})


@dataclass(frozen=True, kw_only=True)
class Metered:
    kind: str  # "machine", "disk", "address", …
    shape: str = ""  # machine type, or size and kind of a disk
    capacity: str = "on-demand"  # or "spot", "flex-start", "reserved"
    count: int = 1
    prepaid: bool = False  # paid whole when it is bought, used or not


@dataclass(frozen=True, kw_only=True)
class _Row:
    kind: str
    shape: str = ""  # dotted path of the input that holds the machine type
    count: str = ""
    prepaid: bool = False


# What bills and in which state, from the vendors' pages of machine states:
# cloud.google.com/compute/docs/instances/instance-lifecycle, docs.aws.amazon.com/AWSEC2/latest/UserGuide
# (instance lifecycle), learn.microsoft.com/azure/virtual-machines/states-billing
_TABLE: Final[Mapping[str, _Row]] = {
    "gcp:compute/instance:Instance": _Row(kind="machine", shape="machineType"),
    "gcp:compute/disk:Disk": _Row(kind="disk"),
    "gcp:compute/regionDisk:RegionDisk": _Row(kind="disk"),
    "gcp:compute/snapshot:Snapshot": _Row(kind="snapshot"),
    "gcp:compute/address:Address": _Row(kind="address"),
    "gcp:compute/globalAddress:GlobalAddress": _Row(kind="address"),
    "gcp:compute/routerNat:RouterNat": _Row(kind="gateway"),
    "gcp:compute/reservation:Reservation": _Row(
        kind="reservation",
        shape="specificReservation.instanceProperties.machineType",
        count="specificReservation.count",
        prepaid=True,
    ),
    "gcp:tpu/v2Vm:V2Vm": _Row(kind="machine", shape="acceleratorType"),
    "gcp:vertex/customJob:CustomJob": _Row(
        kind="managed machine", shape="jobSpec.workerPoolSpecs", count="jobSpec.workerPoolSpecs"
    ),
    "gcp:vertex/aiPersistentResource:AiPersistentResource": _Row(
        kind="managed machine", shape="resourcePools", count="resourcePools"
    ),
    "gcp:workbench/instance:Instance": _Row(kind="managed machine", shape="gceSetup.machineType"),
    "gcp:filestore/instance:Instance": _Row(kind="file system"),
    "gcp:lustre/instance:Instance": _Row(kind="file system"),
    "gcp:container/cluster:Cluster": _Row(kind="cluster"),
    "gcp:container/nodePool:NodePool": _Row(kind="node pool", shape="nodeConfig.machineType", count="nodeCount"),
    "aws:ec2/instance:Instance": _Row(kind="machine", shape="instanceType"),
    "aws:ebs/volume:Volume": _Row(kind="disk"),
    "aws:ebs/snapshot:Snapshot": _Row(kind="snapshot"),
    "aws:ec2/eip:Eip": _Row(kind="address"),
    "aws:ec2/natGateway:NatGateway": _Row(kind="gateway"),
    "aws:ec2/capacityReservation:CapacityReservation": _Row(
        kind="reservation", shape="instanceType", count="instanceCount"
    ),
    "aws:ec2/capacityBlockReservation:CapacityBlockReservation": _Row(kind="reservation", prepaid=True),
    "aws:sagemaker/trainingJob:TrainingJob": _Row(
        kind="managed machine", shape="resourceConfig.instanceType", count="resourceConfig.instanceCount"
    ),
    "aws:sagemaker/notebookInstance:NotebookInstance": _Row(kind="managed machine", shape="instanceType"),
    "aws:fsx/lustreFileSystem:LustreFileSystem": _Row(kind="file system"),
    "aws:eks/cluster:Cluster": _Row(kind="cluster"),
    "azure-native:compute:VirtualMachine": _Row(kind="machine", shape="hardwareProfile.vmSize"),
    "azure-native:compute:VirtualMachineScaleSetVM": _Row(kind="machine", shape="hardwareProfile.vmSize"),
    "azure-native:compute:Disk": _Row(kind="disk"),
    "azure-native:compute:Snapshot": _Row(kind="snapshot"),
    "azure-native:network:PublicIPAddress": _Row(kind="address"),
    "azure-native:network:NatGateway": _Row(kind="gateway"),
    "azure-native:network:BastionHost": _Row(kind="gateway"),
    "azure-native:storagecache:AmlFilesystem": _Row(kind="file system"),
    "azure-native:machinelearningservices:Compute": _Row(
        kind="managed machine",
        shape="properties.properties.vmSize",
        count="properties.properties.scaleSettings.maxNodeCount",  # a cluster that has machines has all of them
    ),
}


def metered(type: str, inputs: Mapping[str, Any]) -> Metered | None:
    """What of a thing of this type bills while it lives; None for what is free or bills by use."""
    row = _TABLE.get(type)
    if row is None:
        return None
    given = reveal(dict(inputs))
    if _at(given, "jobSpec.persistentResourceId"):  # its machines bill as the persistent resource's
        return None
    count = _at(given, row.count) if row.count else 1
    if isinstance(count, list):  # a job's pools of workers
        count = sum(_replicas(pool) for pool in count if pool)
    return Metered(
        kind=row.kind,
        shape=_shape(given, row),
        capacity=_capacity(type, given),
        count=int(count) if isinstance(count, int | float) else 1,
        prepaid=row.prepaid,
    )


def _replicas(pool: Mapping[str, Any]) -> int:
    return int(pool.get("replicaCount") or (pool.get("autoscalingSpec") or {}).get("minReplicaCount") or 1)


def bills(what: Metered, status: str) -> bool:
    """Whether it bills in a status; what is being deleted bills until it is gone."""
    return status in ("live", "deleting") or what.kind in STOPPED_BILLS


def _shape(given: Mapping[str, Any], row: _Row) -> str:
    if row.shape:
        value = _at(given, row.shape)
        if isinstance(value, list):  # a job's pools of workers; the first one is the primary replica
            value = _at(value[0], "machineSpec.machineType")
        return value.rpartition("/")[2] if isinstance(value, str) else ""
    if row.kind in ("disk", "snapshot"):
        size = given.get("size") or given.get("diskSizeGB")
        kind = given.get("type") or (given.get("sku") or {}).get("name") or ""
        return " ".join(filter(None, (f"{size:g} GiB" if isinstance(size, int | float) else "", str(kind))))
    return ""


def _capacity(type: str, given: Mapping[str, Any]) -> str:
    spot = (
        _at(given, "scheduling.preemptible") is True
        or _at(given, "schedulingConfig.preemptible") is True
        or _at(given, "schedulingConfig.spot") is True
        or _at(given, "instanceMarketOptions.marketType") == "spot"
        or given.get("enableManagedSpotTraining") is True
        or given.get("priority") in ("Spot", "Low")
        or _at(given, "properties.properties.vmPriority") == "LowPriority"
    )
    model = _at(given, "scheduling.provisioningModel") or _at(given, "jobSpec.scheduling.strategy")
    named = {"SPOT": "spot", "FLEX_START": "flex-start", "RESERVATION_BOUND": "reserved"}
    if model in named:
        return named[model]
    if _at(given, "instanceMarketOptions.marketType") == "capacity-block":
        return "reserved"
    return "spot" if spot else "on-demand"


def _at(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
