"""What Azure Machine Learning's jobs and compute instances can be: sizes, how bought, how long, how named.

Sources: learn.microsoft.com/azure/machine-learning: how-to-manage-quotas (2026-01-27: lifetimes, nodes, quotas),
concept-compute-target (2024-01-23: supported series; what the page lacks may be had once its quota is raised, and
`az ml compute list-sizes` tells all), how-to-create-compute-instance (2024-08-21: names, idle shutdown, identities).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from trainyard.facts.azure import machine_types
from trainyard.facts.price import Agreed, Price, Unknown, lacking

PRIORITIES: Final[Mapping[str, str]] = {"on-demand": "Dedicated", "spot": "LowPriority"}  # by a capacity's name
CAPACITIES: Final[Mapping[str, tuple[str, ...]]] = {
    "training-job": tuple(PRIORITIES),
    "notebook": ("on-demand",),
}
WORKSPACE_KINDS: Final = tuple(CAPACITIES)
LONGEST_RUN: Final[Mapping[str, timedelta]] = {"on-demand": timedelta(days=21), "spot": timedelta(days=7)}
MOST_NODES: Final = 100  # of a run by MPI, and of a cluster with InfiniBand; larger ones by a support ticket
LACKS_PARTS: Final = "the disks and load balancers of Azure Machine Learning's machines"
LOW_PRIORITY_PRICE: Final = (
    "Azure Machine Learning's low-priority machines have prices of their own, which are not those of spot machines; "
    "give usd_hour beside the capacity's kind"
)
IDLE: Final = (timedelta(minutes=15), timedelta(days=3))
# A quota of its own, apart from that of virtual machines; every GPU family begins with none.
QUOTA_COMMAND: Final = "az ml compute list-usage --location <region> --resource-group <group> --workspace-name <name>"
# The ARM description of computes: letters, digits and hyphens; a hyphen with digits only behind it is refused.
_COMPUTE_NAME: Final = re.compile(r"[a-zA-Z](?![a-zA-Z0-9-]*-\d+$)[a-zA-Z0-9-]{2,23}")
_REFUSED_FAMILIES: Final[Mapping[str, str]] = {
    "NVadsA10_v5": "Azure Machine Learning has no machines with virtual GPUs, whose driver is another",
    "ND-MI300X-v5": "Azure Machine Learning's own images bring CUDA, no ROCm",
}
_WAY_OUT: Final = "take another size, or a gpu-vm"

_TAG, _DIGEST = r":[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", r"@sha256:[0-9a-f]{64}"
_IMAGE: Final = re.compile(rf"[a-z0-9.-]+(?::[0-9]+)?(?:/[a-z0-9._-]+)+(?:{_TAG}|{_DIGEST}|{_TAG}{_DIGEST})")
# learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates: vault 3 to 24, name 1 to 127, version hex
_SECRET: Final = re.compile(
    r"azure-secret://(?P<vault>[a-zA-Z](?:-?[a-zA-Z0-9]){2,23})/(?P<name>[A-Za-z0-9-]{1,127})(?:/(?P<version>[0-9a-f]{32}))?"
)
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TAKEN: Final = re.compile(r"AZUREML_.*|AZ_.*|MLFLOW_.*|TRAINYARD_.*|MASTER_(?:ADDR|PORT)|(?:NODE_)?RANK|WORLD_SIZE")


def not_built(machine_type: str) -> str | None:
    """Why neither a job nor a notebook can be built of this size; None when it can."""
    if (reason := machine_types.not_built(machine_type)) is not None:
        return reason
    reason = _REFUSED_FAMILIES.get(machine_types.size(machine_type).family)
    return f"{reason}; {_WAY_OUT}" if reason else None


def not_sold(kind: str, capacity: str) -> str | None:
    """Why a "training-job" or "notebook" cannot be bought that way; None when it can."""
    if kind == "notebook":
        return None if capacity == "on-demand" else f"compute instances are on-demand only, {capacity} is not sold"
    if capacity in PRIORITIES:
        return None
    return f"Azure Machine Learning takes no {capacity} machines, only {' and '.join(PRIORITIES)}"


def price(machine_price: Price, capacity: str) -> Price:
    """The machine's price, for Azure Machine Learning asks nothing for itself; an agreed price is whole.

    concept-plan-manage-cost (2024-03-26): one load balancer an instance, and one every 50 nodes of a cluster; a P10
    disk an instance, which bills on while it is stopped.
    """
    if capacity == "spot" and not isinstance(machine_price, Agreed):
        return Unknown(LOW_PRIORITY_PRICE)
    return lacking(machine_price, LACKS_PARTS)


def run_error(capacity: str, timeout: timedelta) -> str | None:
    """None when a job may run for so long, else the error."""
    most = LONGEST_RUN.get(capacity, LONGEST_RUN["on-demand"])
    if timeout < timedelta(minutes=1):
        return f"A job that may run for {timeout} is none; give a minute or more."
    if timeout > most:
        return (
            f"Azure Machine Learning ends a job on {capacity} machines after {most.days} days, {timeout} were asked "
            "for; give less, and go on from a checkpoint with the next run."
        )
    return None


def nodes_error(machine_type: str, nodes: int) -> str | None:
    """None when a job can have so many nodes, else the error; several need InfiniBand."""
    if not 1 <= nodes <= MOST_NODES:
        return f"A job has 1 to {MOST_NODES} nodes, {nodes} were asked for."
    if nodes == 1 or machine_types.no_infiniband(machine_type) is None:
        return None
    sizes = [row for row in machine_types.SIZES.values() if row.infiniband and not not_built(row.machine_type)]
    chip = machine_types.size(machine_type).chip
    named = [row.machine_type for row in sizes if row.chip == chip] or sorted(row.machine_type for row in sizes)
    return (
        f'{machine_type} has no InfiniBand, which only sizes with an "r" have; take {" or ".join(named)}, or one node.'
    )


def idle_error(after: timedelta) -> str | None:
    """None when a compute instance can shut down after so long without work, else the error."""
    least, most = IDLE
    if least <= after <= most:
        return None
    given = int(after.total_seconds()) // 60
    return f"A compute instance shuts down after 15 minutes to 3 days without work, {given} minutes were asked for."


def compute_name(lease_id: str, workload: str) -> str:
    """A cluster's or instance's name, at most 24 characters: an instance's is of all the region."""
    # The letter: no name may end with a hyphen and digits only.
    return f"{workload[:13].rstrip('-')}-y{hashlib.sha256(f'{lease_id}/{workload}'.encode()).hexdigest()[:8]}"


def compute_name_error(name: str) -> str | None:
    """None for a name that a compute can have, else the error."""
    if _COMPUTE_NAME.fullmatch(name) and not name.endswith("-"):
        return None
    return (
        f"{name!r} is no name of a compute; allowed are 3 to 24 letters, digits and '-', a letter first, no '-' last, "
        "and a letter after each '-'."
    )


def container_error(image: str) -> str | None:
    """None for an image by digest or tag, else the error."""
    if _IMAGE.fullmatch(image):
        return None
    return (
        f'"{image}" names no container that stays what it is; give its digest, '
        "<registry>.azurecr.io/<image>@sha256:<64 hex>, or at least a tag."
    )


def secret_url(reference: str) -> str:
    """ "azure-secret://vault/name[/version]" as its address in Key Vault; ValueError for another form."""
    found = _SECRET.fullmatch(reference)
    if found is None:
        message = (
            f"{reference!r} is no reference to a secret in a key vault; write azure-secret://<vault>/<name>, or "
            "azure-secret://<vault>/<name>/<version>."
        )
        raise ValueError(message)
    version = f"/{found['version']}" if found["version"] else ""
    return f"https://{found['vault']}.vault.azure.net/secrets/{found['name']}{version}"


def variable_errors(env: Mapping[str, str], secrets: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each wrong variable's name, and why."""
    for variable in (*env, *secrets):
        if not _VARIABLE.fullmatch(variable):
            yield (
                variable,
                f'"{variable}" is no name of an environment variable; allowed are letters, digits and "_".',
            )
        elif _TAKEN.fullmatch(variable):
            text = f"{variable} is set by Azure Machine Learning or Trainyard itself; give your variable another name."
            yield variable, text
    for variable in secrets:
        if variable in env:
            yield variable, f"{variable} is both in env and a secret; name it once."
