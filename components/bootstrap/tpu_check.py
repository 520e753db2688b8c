"""Does a TPU host see every chip that it was sold with? The answer stands in /run/trainyard/tpu-check."""

from components.bootstrap.fragment import Fragment, script, unit, values

NAME = "tpu-check"
# Google's PCI devices that are TPU chips, one each, v2 to TPU7x, by which JAX counts those of a host: jax-ml/jax
# 167d72dc, jax/_src/hardware_utils.py. No page of Google's tells them.
PCI_IDS = ("0x0027", "0x0056", "0x005e", "0x0062", "0x0063", "0x006f", "0x0076")


def tpu_check(*, chips: int, wait_seconds: int = 600, pci_folder: str = "/sys/bus/pci/devices") -> Fragment:
    """Counts at each boot; `chips`: of one host. ValueError for a count or a wait below 1."""
    if chips < 1 or wait_seconds < 1:
        message = f"tpu_check(chips={chips}, wait_seconds={wait_seconds}): both must be 1 or more."
        raise ValueError(message)
    service = f"trainyard-{NAME}.service"
    data = {
        "chip-count": str(chips),
        "wait-seconds": str(wait_seconds),
        "pci-folder": pci_folder,
        "pci-ids": " ".join(PCI_IDS),
    }
    return Fragment(name=NAME, files=(*values(NAME, data), script("tpu_check.sh"), unit(service)), start=(service,))
