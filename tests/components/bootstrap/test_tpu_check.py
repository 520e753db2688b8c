from pathlib import Path

import pytest

from components.bootstrap.tpu_check import tpu_check


@pytest.fixture
def host(node):
    node.program("sleep")
    return node


def plug(folder: Path, address: str, vendor: str, device: str) -> None:
    (folder / address).mkdir(parents=True)
    (folder / address / "vendor").write_text(f"{vendor}\n")
    (folder / address / "device").write_text(f"{device}\n")


def outcome(host) -> str:
    return (host.folder / "run" / "tpu-check").read_text().strip()


def test_a_host_that_sees_every_chip_passes_whatever_else_is_plugged_in(host) -> None:
    pci = host.folder / "pci"
    for number in range(4):
        plug(pci, f"0000:0{number}:00.0", "0x1ae0", "0x006f")
    plug(pci, "0000:07:00.0", "0x1ae0", "0x0042")  # Google's network card
    plug(pci, "0000:08:00.0", "0x8086", "0x0063")
    host.configure(tpu_check(chips=4, pci_folder=str(pci)))
    assert host.run("tpu_check.sh").returncode == 0
    assert outcome(host) == "ok: 4 TPU chips"


def test_a_missing_chip_fails_with_both_counts(host) -> None:
    pci = host.folder / "pci"
    plug(pci, "0000:01:00.0", "0x1ae0", "0x0063")
    host.configure(tpu_check(chips=8, wait_seconds=1, pci_folder=str(pci)))
    assert host.run("tpu_check.sh").returncode == 1
    assert outcome(host) == "failed: the host sees 1 of 8 TPU chips"


@pytest.mark.parametrize(("chips", "wait"), [(0, 600), (4, 0)])
def test_a_count_or_wait_below_one_is_refused(chips: int, wait: int) -> None:
    with pytest.raises(ValueError, match="both must be 1 or more"):
        tpu_check(chips=chips, wait_seconds=wait)
