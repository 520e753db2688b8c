"""All local SSDs of a machine as one file system at /mnt/scratch; what lies there is gone when the machine stops."""

from components.bootstrap.fragment import Fragment, script, unit, values

NAME = "scratch-disks"
MOUNT_POINT = "/mnt/scratch"
# Google Cloud names local NVMe disks so (https://cloud.google.com/compute/docs/disks/add-local-ssd); boot disks never.
GCP_LOCAL_SSD = "/dev/disk/by-id/google-local-nvme-ssd-*"
# EC2 User Guide, "Map NVMe device names"; newer versions of udev name each disk once more, with its namespace behind.
AWS_INSTANCE_STORE = "/dev/disk/by-id/nvme-Amazon_EC2_NVMe_Instance_Storage_*"
# AWS's Deep Learning images make a file system of the instance store themselves (their release notes, nvme_location).
AWS_MADE_BY_IMAGE = "/opt/dlami/nvme"


def scratch_disks(*, count: int, pattern: str = GCP_LOCAL_SSD, made_by_image: str = "") -> Fragment:
    """Stripes exactly `count` disks that match `pattern`, at each boot, unless the image has mounted them already.

    `made_by_image`: where it does so. ValueError for a count below 1.
    """
    if count < 1:
        message = f"scratch_disks(count={count}): must be 1 or more; leave the fragment out where no local SSD is."
        raise ValueError(message)
    service = f"trainyard-{NAME}.service"
    data = {"pattern": pattern, "count": str(count), "mount-point": MOUNT_POINT, "made-by-image": made_by_image}
    return Fragment(name=NAME, files=(*values(NAME, data), script("scratch_disks.sh"), unit(service)), start=(service,))
