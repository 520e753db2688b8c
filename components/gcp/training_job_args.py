"""What a training job on Vertex AI can be: every refusal that needs no cloud is made here."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pulumi

from components.bootstrap.secret_files import secret_version
from components.gcp.resource_name import check_region
from components.instant import check_instant
from trainyard.facts.capacity import Capacity, FlexStart, OnDemand, Reserved, Spot, name
from trainyard.facts.machine import SHAPES
from trainyard.facts.vertex import JobMachine, job_machine, not_sold
from trainyard.facts.vertex_container import container_error, variable_errors

_RESERVATION = re.compile(r"(?:projects/[a-z0-9.:-]+/reservations/)?[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")
_LABEL = re.compile(r"[a-z0-9_-]{0,63}")
_LONGEST_FLEX_RUN = timedelta(days=7)
_SHORTEST_RUN = timedelta(minutes=1)
_WAITS = ("submitted", "running", "finished")
_BOOT_KINDS = ("pd-ssd", "pd-standard", "hyperdisk-balanced")


@dataclass(frozen=True, kw_only=True)
class NfsMount:
    """Files over NFS, in the container under /mnt/nfs/<folder>."""

    source: pulumi.Input[str]  # "10.40.0.2:/share"
    folder: str


@dataclass(frozen=True, kw_only=True)
class LustreMount:
    """A parallel file system, in the container under /mnt/lustre/<folder>."""

    address: pulumi.Input[str]
    filesystem: pulumi.Input[str]
    volume_handle: pulumi.Input[str]
    folder: str


@dataclass(frozen=True, kw_only=True)
class JobData:
    """A bucket, in the container under /gcs/<bucket>: Vertex AI mounts every bucket that its identity may read."""

    name: str  # the data set's
    bucket: pulumi.Input[str]
    write: bool = False


@dataclass(frozen=True, kw_only=True)
class JobDisk:
    gib: int = 200
    kind: str | None = None  # None: pd-ssd, or what the machine type needs


@dataclass(frozen=True, kw_only=True)
class TrainingJobArgs:
    """One run of a container on one or more equal machines that Vertex AI makes, and takes away at its end."""

    origin: str  # "sandbox" or "cloud"
    project: str
    region: str
    machine_type: str  # an offer's: "a3-highgpu-8g", "n1-standard-8", "v5litepod-8"
    gpu_type: str = ""  # of an N1: "nvidia-tesla-t4"
    gpus: int = 0
    nodes: int = 1
    container: str  # by digest, or at least by tag
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)  # HF_TOKEN: gcp-secret://<project>/<name>
    service_account: pulumi.Input[str]  # email
    labels: Mapping[str, str]
    hard_end: str  # RFC 3339, UTC
    timeout: timedelta
    max_wait: timedelta = timedelta(hours=2)  # for room; never 0, which is for ever
    capacity: Capacity = field(default_factory=OnDemand)
    reservation_zone: str = ""  # of a Reserved capacity
    run: int = 1
    wait_for: str = "running"
    restarts: bool = False  # the whole job anew when a machine is lost
    disk: JobDisk = JobDisk()
    data: tuple[JobData, ...] = ()
    nfs: tuple[NfsMount, ...] = ()
    lustre: tuple[LustreMount, ...] = ()
    network: pulumi.Input[str] | None = None  # projects/<number>/global/networks/<name>, peered with Google's services
    network_attachment: pulumi.Input[str] | None = None  # instead of it: Private Service Connect
    tensorboard: pulumi.Input[str] | None = None
    output_directory: pulumi.Input[str] | None = None  # gs://bucket/folder
    kms_key: pulumi.Input[str] | None = None
    persistent_resource: pulumi.Input[str] | None = None  # the id of the one whose machines it runs on

    def __post_init__(self) -> None:
        """ValueError that says what was given, what is allowed and what to do."""
        check_region(self.region)
        check_instant("hard end", self.hard_end)
        for error in (*self._machine_errors(), *self._container_errors(), *self._run_errors(), *self._network_errors()):
            raise ValueError(error)

    @property
    def machine(self) -> JobMachine:
        """Each replica's machine in the API's words."""
        return job_machine(self.machine_type, self.gpu_type, self.gpus)

    @property
    def disk_kind(self) -> str:
        """The kind asked for, else the one that the machine type boots from."""
        shape = SHAPES.get(self.machine_type)
        needs_hyperdisk = shape is not None and all(kind.startswith("hyperdisk") for kind in shape.boot_disks)
        return self.disk.kind or ("hyperdisk-balanced" if needs_hyperdisk else "pd-ssd")

    def _machine_errors(self) -> Iterator[str]:
        machine = self.machine  # ValueError where no job runs on it
        if reason := not_sold(self.machine_type, name(self.capacity)):
            yield f"{self.machine_type}: {reason}."
        if self.nodes < 1:
            yield f"A job on {self.nodes} machines is none; give 1 or more."
        if self.nodes > 1 and machine.is_tpu:
            yield f"A job on {self.nodes} machines with TPUs is not built: give 1, or use kind tpu-node for a slice."
        if self.disk_kind not in _BOOT_KINDS:
            yield f"{self.disk_kind} is no boot disk of Vertex AI's jobs; give one of {', '.join(_BOOT_KINDS)}."
        if not 100 <= self.disk.gib <= 64000:
            yield f"A boot disk of {self.disk.gib} GiB cannot be had; give 100 to 64000 GiB."
        if isinstance(self.capacity, Reserved):
            yield from self._reservation_errors(self.capacity.id)

    def _reservation_errors(self, id_: str) -> Iterator[str]:
        if not _RESERVATION.fullmatch(id_):
            yield (
                f"{id_!r} is no reservation; give its name, or projects/<project>/reservations/<name> of one that "
                "another project shares."
            )
        if not self.reservation_zone:
            yield f"The reservation {id_} lies in a zone; give it."

    def _container_errors(self) -> Iterator[str]:
        if error := container_error(self.container):
            yield error
        for _, error in variable_errors(self.env, self.secrets):
            yield error
        for reference in self.secrets.values():
            secret_version(reference)
        for key, value in self.labels.items():
            if not key or not _LABEL.fullmatch(key) or not _LABEL.fullmatch(value):
                yield f"{key}={value!r} is no label of Vertex AI; allowed are at most 63 of a-z, 0-9, '_' and '-'."

    def _run_errors(self) -> Iterator[str]:
        if self.run < 1:
            yield f"run {self.run} is none; give a whole number from 1."
        if self.wait_for not in _WAITS:
            yield f"{self.wait_for!r} cannot be waited for; give one of {', '.join(_WAITS)}."
        if self.timeout < _SHORTEST_RUN:
            yield f"A job that may run for {self.timeout} is none; give a minute or more."
        if self.max_wait <= timedelta():
            yield "A wait of 0 lets Vertex AI's job wait for ever; give how long it may wait for room."
        if isinstance(self.capacity, FlexStart) and self.timeout > _LONGEST_FLEX_RUN:
            yield f"Flex-start runs for 7 days at most, {self.timeout} were asked for; give less."
        writes = any(each.write for each in self.data) or self.nfs or self.lustre
        if isinstance(self.capacity, Spot) and not writes:
            yield (
                "A spot job may end at any moment, and this one writes to no data set: its work would be lost; give "
                "data: { checkpoints: write }, or another capacity."
            )
        if self.restarts and not writes:
            yield (
                "A job that starts again needs data that it writes its checkpoints to; give "
                "data: { checkpoints: write }, or leave on_preemption out."
            )

    def _network_errors(self) -> Iterator[str]:
        if self.network is not None and self.network_attachment is not None:
            yield "A job is peered with a network or attached to one, not both; give one of them."
        if (self.nfs or self.lustre) and self.network is None and self.network_attachment is None:
            yield "NFS and Lustre are reached inside of a network; give the one that the job is peered with."
        if isinstance(self.network, str) and not re.fullmatch(
            r"projects/[0-9]+/global/networks/[a-z0-9-]+", self.network
        ):
            yield f"{self.network!r}: Vertex AI takes projects/<project number>/global/networks/<name>."
        if self.tensorboard is not None and self.output_directory is None:
            yield "A job with TensorBoard writes its logs to an output directory; give gs://<bucket>/<folder>."
        if isinstance(self.output_directory, str) and not self.output_directory.startswith("gs://"):
            yield f"{self.output_directory!r} is no place in Cloud Storage; give gs://<bucket>/<folder>."
        folders = [*(each.folder for each in self.nfs), *(each.folder for each in self.lustre)]
        for folder in folders:
            if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", folder) or folders.count(folder) > 1:
                yield f"{folder!r} is no folder of its own; give a short name that no other mount has."
