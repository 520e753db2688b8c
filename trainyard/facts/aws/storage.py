"""What AWS's stores for data can be: sizes and steps, each with its source."""

from __future__ import annotations

# FSx API, CreateFileSystemLustreConfiguration, PerUnitStorageThroughput: "For PERSISTENT_2 SSD storage type: 125, 250,
# 500, 1000 MB/s/TiB"; CreateFileSystem, StorageCapacity: "For SCRATCH_2, PERSISTENT_2 and PERSISTENT_1 deployment types
# using SSD storage type, the valid values are 1200 GiB, 2400 GiB, and increments of 2400 GiB".
LUSTRE_THROUGHPUTS = (125, 250, 500, 1000)
LUSTRE_LEAST_GIB = 1200
LUSTRE_STEP_GIB = 2400


def lustre_error(throughput: int, gib: int) -> str | None:
    """None when FSx for Lustre (PERSISTENT_2, SSD) can have this throughput (MB/s per TiB) and size, else the error."""
    if throughput not in LUSTRE_THROUGHPUTS:
        allowed = ", ".join(map(str, LUSTRE_THROUGHPUTS))
        return f"FSx for Lustre has no {throughput} MB/s per TiB; give one of {allowed}."
    if gib < LUSTRE_LEAST_GIB:
        return f"FSx for Lustre has {LUSTRE_LEAST_GIB} GiB or more, {gib} were asked for; give {LUSTRE_LEAST_GIB}."
    if gib != LUSTRE_LEAST_GIB and gib % LUSTRE_STEP_GIB:
        above = -(-gib // LUSTRE_STEP_GIB) * LUSTRE_STEP_GIB
        return (
            f"FSx for Lustre has {LUSTRE_LEAST_GIB} GiB or a multiple of {LUSTRE_STEP_GIB}, {gib} were asked for; "
            f"give {above}."
        )
    return None
