"""Data sets as folders under /mnt/data: S3 by Mountpoint, FSx for Lustre, and EBS volumes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from components.bootstrap.data_mounts import ENVIRONMENT, MOUNT_POINT, environment
from components.bootstrap.fragment import File, Fragment, script, unit, values

NAME = "data-mounts"
_MOUNTPOINT = "https://s3.amazonaws.com/mountpoint-s3-release/latest"
_LUSTRE_KEY = "https://fsx-lustre-client-repo-public-keys.s3.amazonaws.com/fsx-ubuntu-public-key.asc"
_LUSTRE_PACKAGES = "https://fsx-lustre-client-repo.s3.amazonaws.com/ubuntu"


@dataclass(frozen=True, kw_only=True)
class DataMount:
    """`source`: a bucket's name, "<DNS name>@tcp:/<mount name>" of FSx, or the id of an attached volume."""

    name: str
    kind: Literal["bucket", "lustre", "disk"]
    source: str
    write: bool = False


def data_mounts(mounts: Sequence[DataMount], *, cache_folder: str | None = None) -> Fragment:
    """Read-only unless `write`; buckets are cached in `cache_folder`, such as an instance store's. ValueError for none.

    Mountpoint writes new objects from front to back and replaces whole ones; it changes none in the middle.
    """
    if not mounts:
        message = "data_mounts() was given no data set; leave the fragment out where a workload has none."
        raise ValueError(message)
    service = f"trainyard-{NAME}.service"
    data = {
        "mount-point": MOUNT_POINT,
        "cache-folder": cache_folder or "",
        "mountpoint-url": _MOUNTPOINT,
        "lustre-key-url": _LUSTRE_KEY,
        "lustre-packages-url": _LUSTRE_PACKAGES,
    }
    for mount in mounts:
        data[f"set-{mount.name}"] = f"{mount.kind}\n{'rw' if mount.write else 'ro'}\n{mount.source}\n"
    first = next((mount.name for mount in mounts if mount.write), None)
    mounted = script("data_mounts_aws.sh", installed_as="data_mounts.sh")
    files = (*values(NAME, data), File(path=ENVIRONMENT, content=environment(first)), mounted, unit(service))
    return Fragment(name=NAME, files=files, start=(service,))
