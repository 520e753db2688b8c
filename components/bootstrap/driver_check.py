"""Does the machine's driver see every accelerator? The answer stands in /run/trainyard/driver-check."""

from typing import Literal

from components.bootstrap.fragment import Fragment, script, unit, values

NAME = "driver-check"


def driver_check(
    *, accelerator_count: int, wait_seconds: int = 600, maker: Literal["nvidia", "amd"] = "nvidia"
) -> Fragment:
    """Waits for the driver at each boot and compares its count; ValueError for a count or a wait below 1.

    NVIDIA's is asked by nvidia-smi, AMD's by amd-smi (rocm.docs.amd.com, AMD SMI: `amd-smi list --csv`).
    """
    if accelerator_count < 1 or wait_seconds < 1:
        message = (
            f"driver_check(accelerator_count={accelerator_count}, wait_seconds={wait_seconds}): both must be 1 or "
            "more; leave the fragment out on a machine without accelerators."
        )
        raise ValueError(message)
    service = f"trainyard-{NAME}.service"
    data = {"accelerator-count": str(accelerator_count), "maker": maker, "wait-seconds": str(wait_seconds)}
    return Fragment(name=NAME, files=(*values(NAME, data), script("driver_check.sh"), unit(service)), start=(service,))
