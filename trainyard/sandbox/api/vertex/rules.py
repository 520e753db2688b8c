"""What Vertex AI's pages say of custom jobs beyond the description: worker pools, machines, strategies, names.

Sources, as stored 2026: cloud.google.com/vertex-ai/docs/training/{configure-compute, create-custom-job,
schedule-jobs-dws, use-spot-vms, distributed-training}, and aiplatform.v1 (revision 20261106).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from trainyard.sandbox.api.google_error import GoogleError
from trainyard.sandbox.api.vertex.body import seconds
from trainyard.sandbox.money.prices import offers_of

_FAMILIES: Final[Mapping[str, str]] = {
    "a2-highgpu": "NVIDIA_TESLA_A100",
    "a2-megagpu": "NVIDIA_TESLA_A100",
    "a2-ultragpu": "NVIDIA_A100_80GB",
    "a3-highgpu": "NVIDIA_H100_80GB",
    "a3-megagpu": "NVIDIA_H100_MEGA_80GB",
    "a3-ultragpu": "NVIDIA_H200_141GB",
    "a4-highgpu": "NVIDIA_B200",
    "a4x-highgpu": "NVIDIA_GB200",
    "g2-standard": "NVIDIA_L4",
    "g4-standard": "NVIDIA_RTX_PRO_6000",
}
_ATTACHED: Final = ("NVIDIA_TESLA_T4", "NVIDIA_TESLA_V100", "NVIDIA_TESLA_P100", "NVIDIA_TESLA_P4", "NVIDIA_TESLA_K80")
_FLEX: Final = re.compile(r"NVIDIA_(L4|TESLA_A100|A100_80GB|H100_80GB|H100_MEGA_80GB|H200_141GB|B200)")
_TPUS: Final[Mapping[str, str]] = {"ct4p-hightpu": "TPU_V4_POD", "ct5lp-hightpu": "TPU_V5_LITEPOD"}
_SEVEN_DAYS: Final = 7 * 86400
_LABEL: Final = re.compile(r"[a-z0-9_-]{0,63}")
_C_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOST_ENV: Final = 100
_MOST_POOLS: Final = 4  # primary, workers, parameter servers or reduction servers, evaluators


def check_rules(job: Mapping[str, Any], region: str) -> None:
    """GoogleError 400 for a job that Vertex AI refuses; the body is well formed."""
    for reason in _wrong(job, region):
        raise GoogleError(400, reason)


def _wrong(job: Mapping[str, Any], region: str) -> Iterator[str]:
    if len(job["displayName"]) > 128:
        yield "The display_name of the CustomJob can be up to 128 characters long."
    for key, value in job.get("labels", {}).items():
        if not key or not _LABEL.fullmatch(key) or not _LABEL.fullmatch(value):
            yield f"Label '{key}={value}' is invalid: at most 63 lowercase letters, numbers, underscores and dashes."
    spec = job["jobSpec"]
    pools = [pool for pool in spec["workerPoolSpecs"] if pool]
    if len(spec["workerPoolSpecs"]) > _MOST_POOLS:
        yield f"A CustomJob has at most {_MOST_POOLS} worker pools."
    if not spec["workerPoolSpecs"][0]:
        yield "The first worker pool spec must be set."
    for index, pool in enumerate(spec["workerPoolSpecs"]):
        if pool:
            yield from _pool(pool, index, region)
    yield from _scheduling(spec, pools)
    yield from _network(spec, pools)
    key = job.get("encryptionSpec", {}).get("kmsKeyName", "")
    if key and not re.fullmatch(rf"projects/[^/]+/locations/{region}/keyRings/[^/]+/cryptoKeys/[^/]+", key):
        yield f"The KMS key '{key}' must be in the same region as the CustomJob ({region})."


def _pool(pool: Mapping[str, Any], index: int, region: str) -> Iterator[str]:
    at = f"custom_job.job_spec.worker_pool_specs[{index}]"
    count = int(pool.get("replicaCount", "1"))
    if count < 1 or (index == 0 and count != 1):
        yield f"{at}.replica_count: the primary pool has exactly 1 replica, other pools at least 1; {count} given."
    if ("containerSpec" in pool) == ("pythonPackageSpec" in pool):
        yield f"{at}: exactly one of container_spec and python_package_spec must be set."
    machine = pool.get("machineSpec") or {}
    yield from machine_reasons(machine, f"{at}.machine_spec", region)
    env = pool.get("containerSpec", {}).get("env", ())
    if len(env) > _MOST_ENV:
        yield f"{at}.container_spec.env: at most {_MOST_ENV} environment variables, {len(env)} given."
    for one in env:
        if not _C_NAME.fullmatch(one["name"]):
            yield f"{at}.container_spec.env: '{one['name']}' is no valid C identifier."
    disk = pool.get("diskSpec", {})
    if disk.get("bootDiskType", "pd-ssd") not in ("pd-ssd", "pd-standard", "hyperdisk-balanced"):
        yield f"{at}.disk_spec.boot_disk_type: '{disk['bootDiskType']}' is not supported."
    if not 100 <= disk.get("bootDiskSizeGb", 100) <= 64000:
        yield f"{at}.disk_spec.boot_disk_size_gb: {disk['bootDiskSizeGb']} is not between 100 and 64000."
    for mount in pool.get("nfsMounts", ()):
        if not mount["path"].startswith("/"):
            yield f"{at}.nfs_mounts: the path '{mount['path']}' must start with '/'."


def machine_reasons(machine: Mapping[str, Any], at: str, region: str) -> Iterator[str]:
    type_, chip, count = machine.get("machineType", ""), machine.get("acceleratorType"), machine.get("acceleratorCount")
    family = type_.rpartition("-")[0]
    if "tpuTopology" in machine and family not in _TPUS:
        yield f"{at}.tpu_topology: {type_} has no TPU topology."
    if family in _TPUS:
        yield from _tpu(machine, at, _TPUS[family])
    elif type_ == "cloud-tpu":
        if chip not in ("TPU_V2", "TPU_V3") or count != 8:
            yield f"{at}: cloud-tpu needs accelerator_type TPU_V2 or TPU_V3 and accelerator_count 8."
    elif family in _FAMILIES:
        yield from _with_its_gpus(machine, at, region)
    elif not re.match(r"(n1|n2|n2d|c2|c3|e2|m1)-", type_):
        yield f'Machine type "{type_}" is not supported.'
    elif chip is not None and (chip not in _ATTACHED or not type_.startswith("n1-") or not count):
        yield f"{at}: Accelerator type {chip} is not supported for machine type {type_}."


def _with_its_gpus(machine: Mapping[str, Any], at: str, region: str) -> Iterator[str]:
    type_, chip, count = machine["machineType"], machine.get("acceleratorType"), machine.get("acceleratorCount")
    offers, own = offers_of("gcp", type_), _FAMILIES[type_.rpartition("-")[0]]
    if not any(offer.region == region for offer in offers):
        yield f'Machine type "{type_}" is not supported in region {region}.'
        return
    most = max(1, int(offers[0].accelerator_count))
    if chip != own or not count or not 1 <= count <= most:
        yield (
            f"{at}: Accelerator type {chip} with count {count} is not supported for machine type {type_}; "
            f"it has {most} of {own}."
        )


def _tpu(machine: Mapping[str, Any], at: str, chip: str) -> Iterator[str]:
    if machine.get("acceleratorType", chip) != chip:
        yield f"{at}: Accelerator type {machine['acceleratorType']} is not supported for {machine['machineType']}."
    if not re.fullmatch(r"\d+x\d+(x\d+)?", machine.get("tpuTopology", "")):
        yield f"{at}.tpu_topology must be specified for {machine['machineType']}."


def _scheduling(spec: Mapping[str, Any], pools: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    at = "custom_job.job_spec.scheduling"
    scheduling = spec.get("scheduling", {})
    strategy = scheduling.get("strategy", "STANDARD")
    timeout = seconds(scheduling.get("timeout", f"{_SEVEN_DAYS}s"))
    if strategy in ("ON_DEMAND", "LOW_COST"):
        yield f"{at}.strategy: {strategy} is deprecated; use STANDARD or SPOT."
    if timeout <= 0:
        yield f"{at}.timeout must be positive."
    if scheduling.get("disableRetries") and scheduling.get("restartJobOnWorkerRestart"):
        yield f"{at}: restart_job_on_worker_restart is overridden by disable_retries."
    machines = [pool.get("machineSpec") or {} for pool in pools]
    if strategy == "FLEX_START":
        yield from _flex_start(machines, timeout)
    if strategy == "SPOT" and any(str(machine.get("acceleratorType", "")).startswith("TPU") for machine in machines):
        yield f"{at}.strategy: Spot VMs with TPU Pods are not supported."
    affinities = [machine.get("reservationAffinity", {}) for machine in machines]
    specific = [one for one in affinities if one.get("reservationAffinityType") == "SPECIFIC_RESERVATION"]
    if any(not one.get("key") or not one.get("values") for one in specific):
        yield "reservation_affinity: key and values must be set for SPECIFIC_RESERVATION."
    if specific and strategy in ("SPOT", "FLEX_START"):
        yield f"{at}.strategy: {strategy} cannot consume a reservation."


def _flex_start(machines: Sequence[Mapping[str, Any]], timeout: float) -> Iterator[str]:
    at = "custom_job.job_spec.scheduling"
    if timeout > _SEVEN_DAYS:
        yield f"{at}.timeout: with FLEX_START at most 604800s, {timeout:g}s given."
    if any(not _FLEX.fullmatch(machine.get("acceleratorType", "")) for machine in machines):
        yield f"{at}.strategy: FLEX_START requires L4, A100, H100, H200 or B200 GPUs."
    if any(machine != machines[0] for machine in machines):
        yield f"{at}.strategy: FLEX_START requires the same machine configuration for all worker pools."


def _network(spec: Mapping[str, Any], pools: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    network = spec.get("network")
    if network and not re.fullmatch(r"projects/\d+/global/networks/[^/]+", network):
        yield f"Invalid network '{network}': use projects/{{project number}}/global/networks/{{name}}."
    if network and "pscInterfaceConfig" in spec:
        yield "Only one of network and psc_interface_config can be set."
    mounts = any(pool.get("nfsMounts") or pool.get("lustreMounts") for pool in pools)
    if mounts and not network and "pscInterfaceConfig" not in spec:
        yield "NFS and Lustre mounts require a network that the job is peered with."
    if spec.get("tensorboard") and not spec.get("serviceAccount"):
        yield "A service account must be specified when a Tensorboard is."
    if spec.get("tensorboard") and not spec.get("baseOutputDirectory"):
        yield "base_output_directory must be specified when a Tensorboard is."
    uri = spec.get("baseOutputDirectory", {}).get("outputUriPrefix", "gs://b")
    if not uri.startswith("gs://"):
        yield f"Invalid Cloud Storage URI '{uri}'."
