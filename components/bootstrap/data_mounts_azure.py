"""Data sets as folders under /mnt/data on Azure: blob containers through BlobFuse2, Managed Lustre, disks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from components.bootstrap.data_mounts import ENVIRONMENT, MOUNT_POINT, NAME
from components.bootstrap.fragment import File, Fragment, script, unit, values


@dataclass(frozen=True, kw_only=True)
class DataMount:
    """`source`: "account/container", what mount.lustre takes ("10.40.1.4@tcp:/lustrefs"), or a disk's place: "0"."""

    name: str
    kind: Literal["blob", "lustre", "disk"]
    source: str
    write: bool = False


def data_mounts(mounts: Sequence[DataMount], *, identity: str, cache_folder: str | None = None) -> Fragment:
    """Read-only unless `write`; containers are cached in `cache_folder`, which the machine's local disk holds.

    `identity`: full id of the lease's identity, which needs Storage Blob Data Reader or Contributor.
    learn.microsoft.com/azure/storage/blobs/blobfuse2-configuration
    """
    if not mounts:
        message = "data_mounts() was given no data set; leave the fragment out where a workload has none."
        raise ValueError(message)
    service = f"trainyard-{NAME}.service"
    data = {"mount-point": MOUNT_POINT, "cache-folder": cache_folder or "", "identity": identity}
    for mount in mounts:
        data[f"set-{mount.name}"] = f"{mount.kind}\n{'rw' if mount.write else 'ro'}\n{mount.source}\n"
    environment = File(path=ENVIRONMENT, content=_environment(mounts))
    program = script("data_mounts_azure.sh", "data_mounts.sh")
    files = (*values(NAME, data), environment, program, unit(service))
    return Fragment(name=NAME, files=files, start=(service,))


def _environment(mounts: Sequence[DataMount]) -> str:
    lines = [f"TRAINYARD_DATA={MOUNT_POINT}"]
    first = next((mount.name for mount in mounts if mount.write), None)
    if first is not None:
        lines.append(f"TRAINYARD_CHECKPOINTS={MOUNT_POINT}/{first}")
    return "".join(f"{line}\n" for line in lines)
