"""One TPU slice of the Cloud TPU API, v2 to v6e; refuses to make a network or a public address.

That API holds no end of its own: only the node itself and the guard end it (facts.ends says what that stops).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_gcp as gcp

from components.gcp.resource_name import check_name, check_subnetwork
from components.gcp.tpu_machine_args import label_errors
from trainyard.facts.capacity import Capacity, OnDemand, Reserved, Spot, name
from trainyard.facts.tpu import runtime_error
from trainyard.facts.tpu_slice import Slice, default_topology

_DISK = re.compile(r"projects/[^/]+/zones/(?P<zone>[^/]+)/disks/[^/]+")
_MODES = ("READ_WRITE", "READ_ONLY")


@dataclass(frozen=True, kw_only=True)
class DataDisk:
    """An existing disk in the node's zone; several hosts can only read one."""

    id: str  # "projects/acme-ml-dev/zones/us-west4-a/disks/corpus"
    mode: str = "READ_ONLY"


@dataclass(frozen=True, kw_only=True)
class TpuVmArgs:
    project: str
    zone: str
    slice: Slice
    network: pulumi.Input[str]  # full id, else the API takes "default"
    subnetwork: pulumi.Input[str]
    service_account: pulumi.Input[str]
    labels: Mapping[str, str]
    startup_script: pulumi.Input[str]
    runtime_version: str | None = None  # None: the generation's own
    capacity: Capacity = field(default_factory=OnDemand)
    data_disks: tuple[DataDisk, ...] = ()

    def __post_init__(self) -> None:
        """ValueError that says what was given, what is allowed and what to do."""
        for error in self._errors():
            raise ValueError(error)
        check_subnetwork(self.subnetwork, self.zone, "node")

    @property
    def runtime(self) -> str:
        """The runtime version asked for, else the generation's own."""
        return self.runtime_version or self.slice.generation.runtime or ""

    def _errors(self) -> Iterator[str]:
        of = self.slice.generation
        if of.api_type is None:
            yield f"{of.chip} is not in the Cloud TPU API but on Compute Engine; use TpuNode or TpuSlice."
        if error := runtime_error(of.chip, self.runtime):
            yield error
        if not isinstance(self.capacity, OnDemand | Spot | Reserved):
            yield (
                f"A node of the Cloud TPU API cannot be bought as {name(self.capacity)}; give on-demand, spot or "
                "reserved, or use QueuedTpu."
            )
        for disk in self.data_disks:
            yield from _disk_errors(disk, self.zone, self.slice.hosts)
        yield from label_errors(self.labels)


class TpuVm(pulumi.ComponentResource):
    node_name: pulumi.Output[str]
    state: pulumi.Output[str]  # "READY", "PREEMPTED", …: as of the last up or refresh
    login_command: str

    def __init__(self, name: str, args: TpuVmArgs, opts: pulumi.ResourceOptions | None = None):
        check_name("node", name)
        super().__init__("trainyard:gcp:TpuVm", name, {}, opts)
        node = gcp.tpu.V2Vm(
            f"{name}-node",
            name=name,  # explicit, so that a repeated create collides instead of billing twice
            project=args.project,
            zone=args.zone,
            **accelerator(args.slice),
            runtime_version=args.runtime,
            network_config={"network": args.network, "subnetwork": args.subnetwork, "enable_external_ips": False},
            service_account={
                "email": args.service_account,
                "scopes": ["https://www.googleapis.com/auth/cloud-platform"],
            },
            scheduling_config=_scheduling(args.capacity),
            data_disks=[{"source_disk": disk.id, "mode": disk.mode} for disk in args.data_disks] or None,
            metadata=metadata(args.startup_script),
            labels=args.labels,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.node_name = node.name
        self.state = node.state
        self.login_command = login_command(args.project, args.zone, name)
        self.register_outputs({"node_name": self.node_name, "state": self.state, "login_command": self.login_command})


def metadata(startup_script: pulumi.Input[str]) -> dict[str, pulumi.Input[str]]:
    """OS Login only, and what runs at each boot of each host."""
    return {"enable-oslogin": "TRUE", "block-project-ssh-keys": "TRUE", "startup-script": startup_script}


def login_command(project: str, zone: str, name: str) -> str:
    """What a person types to get onto the first of the node's hosts."""
    return f"gcloud alpha compute tpus tpu-vm ssh {name} --tunnel-through-iap --project {project} --zone {zone}"


def is_default(slice_: Slice) -> bool:
    """Whether the API's own name of a slice of so many chips means this topology."""
    return slice_.topology == default_topology(slice_.generation, slice_.chips)


def accelerator(slice_: Slice) -> Any:
    """By name where the name says all; the API takes either, never both."""
    if is_default(slice_):
        return {"accelerator_type": slice_.accelerator_type}
    return {"accelerator_config": {"type": slice_.generation.api_type, "topology": slice_.topology}}


def _scheduling(capacity: Capacity) -> Any:
    if isinstance(capacity, Spot):
        return {"spot": True}
    return {"reserved": True} if isinstance(capacity, Reserved) else None


def _disk_errors(disk: DataDisk, zone: str, hosts: int) -> Iterator[str]:
    found = _DISK.fullmatch(disk.id)
    if found is None:
        yield f"{disk.id!r} is no full disk id; write projects/<project>/zones/{zone}/disks/<name>."
    elif found["zone"] != zone:
        yield f"The disk {disk.id} lies in {found['zone']}, the node in {zone}; give a disk of {zone}."
    if disk.mode not in _MODES:
        yield f"{disk.mode!r} is no mode of a disk; give {' or '.join(_MODES)}."
    elif disk.mode == "READ_WRITE" and hosts > 1:
        yield f"{hosts} hosts cannot all write to {disk.id}; give READ_ONLY."
