"""Data sets as folders under /mnt/data: buckets through Cloud Storage FUSE, files over NFS or Lustre, disks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from components.bootstrap.fragment import File, Fragment, script, unit, values

NAME = "data-mounts"
MOUNT_POINT = "/mnt/data"
ENVIRONMENT = "/etc/trainyard/environment"


@dataclass(frozen=True, kw_only=True)
class DataMount:
    """`source`: a bucket's name, what mount.nfs or mount.lustre takes, or the device name of an attached disk."""

    name: str
    kind: Literal["bucket", "filestore", "lustre", "disk"]
    source: str
    write: bool = False


def data_mounts(mounts: Sequence[DataMount], *, cache_folder: str | None = None) -> Fragment:
    """Read-only unless `write`; buckets are cached in `cache_folder`, such as a local SSD's. ValueError for none."""
    if not mounts:
        message = "data_mounts() was given no data set; leave the fragment out where a workload has none."
        raise ValueError(message)
    service = f"trainyard-{NAME}.service"
    data = {"mount-point": MOUNT_POINT, "cache-folder": cache_folder or ""}
    for mount in mounts:
        data[f"set-{mount.name}"] = f"{mount.kind}\n{'rw' if mount.write else 'ro'}\n{mount.source}\n"
    first = next((mount.name for mount in mounts if mount.write), None)
    read = File(path=ENVIRONMENT, content=environment(first))
    files = (*values(NAME, data), read, script("data_mounts.sh"), unit(service))
    return Fragment(name=NAME, files=files, start=(service,))


def environment(first_written: str | None) -> str:
    """What a workload reads: where its data is, and where its checkpoints go, the first data set that it writes."""
    lines = [f"TRAINYARD_DATA={MOUNT_POINT}"]
    if first_written is not None:
        lines.append(f"TRAINYARD_CHECKPOINTS={MOUNT_POINT}/{first_written}")
    return "".join(f"{line}\n" for line in lines)
