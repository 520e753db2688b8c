import pytest

from components.bootstrap.driver_check import driver_check


@pytest.fixture
def checked(node):
    node.program("sleep")
    return node


def outcome(node) -> str:
    return (node.folder / "run" / "driver-check").read_text().strip()


def test_a_driver_that_lists_every_accelerator_passes(checked) -> None:
    checked.configure(driver_check(accelerator_count=2))
    checked.program("nvidia-smi", "printf '0\\n1\\n'")
    assert checked.run("driver_check.sh").returncode == 0
    assert outcome(checked) == "ok: 2 accelerators"


def test_a_missing_accelerator_fails_with_both_counts(checked) -> None:
    checked.configure(driver_check(accelerator_count=8, wait_seconds=1))
    checked.program("nvidia-smi", "seq -f '%g' 0 6 2>/dev/null || for i in 0 1 2 3 4 5 6; do echo $i; done")
    assert checked.run("driver_check.sh").returncode == 1
    assert outcome(checked).startswith("failed: the driver lists 7 of 8 accelerators")


def test_a_driver_that_comes_late_is_waited_for(checked) -> None:
    checked.configure(driver_check(accelerator_count=1))
    checked.program(
        "nvidia-smi", '[[ $(grep -c nvidia-smi "$CALLS") -ge 3 ]] && echo 0 || { echo "no driver"; exit 9; }'
    )
    assert checked.run("driver_check.sh").returncode == 0
    assert len(checked.calls("sleep")) == 2


def test_a_driver_that_never_comes_is_quoted_in_the_outcome(checked) -> None:
    checked.configure(driver_check(accelerator_count=1, wait_seconds=1))
    checked.program("nvidia-smi", 'echo "NVIDIA-SMI has failed"; exit 9')
    assert checked.run("driver_check.sh").returncode == 1
    assert outcome(checked) == "failed: the driver lists 0 of 1 accelerators; last answer: NVIDIA-SMI has failed"


AMDS = 'echo "gpu,gpu_bdf,gpu_uuid"; for gpu in 0 1 2 3 4 5 6 7; do echo "$gpu,0000:0$gpu:00.0,uuid-$gpu"; done'


def test_amds_driver_is_asked_by_its_own_tool_whose_header_counts_for_nothing(checked) -> None:
    checked.configure(driver_check(accelerator_count=8, maker="amd"))
    checked.program("amd-smi", AMDS)
    checked.program("nvidia-smi", "exit 9")
    assert checked.run("driver_check.sh").returncode == 0
    assert outcome(checked) == "ok: 8 accelerators"


def test_an_amd_machine_without_its_driver_fails_with_what_was_said(checked) -> None:
    checked.configure(driver_check(accelerator_count=8, wait_seconds=1, maker="amd"))
    checked.program("amd-smi", 'echo "ERROR:root:Unable to get devices, driver not initialized"; exit 255')
    assert checked.run("driver_check.sh").returncode == 1
    assert outcome(checked).endswith("last answer: ERROR:root:Unable to get devices, driver not initialized")


@pytest.mark.parametrize(("count", "wait"), [(0, 600), (-1, 600), (1, 0)])
def test_a_count_or_wait_below_one_is_refused(count: int, wait: int) -> None:
    with pytest.raises(ValueError, match="both must be 1 or more; leave the fragment out"):
        driver_check(accelerator_count=count, wait_seconds=wait)
