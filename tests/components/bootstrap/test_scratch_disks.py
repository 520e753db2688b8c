from pathlib import Path

import pytest

from components.bootstrap.scratch_disks import GCP_LOCAL_SSD, scratch_disks

# Stubs that remember in the node's folder what a machine's kernel would: array, file system, mount.
PROGRAMS = {
    "udevadm": "",
    "mountpoint": "[[ -e mounted ]]",
    "lsblk": '[[ ! -e assembled ]] || echo "$(cat assembled) raid0"',
    "mdadm": """
        case $1 in
          --assemble) [[ -e superblock ]] || { echo "no superblock" >&2; exit 1; } ;;
          --create) : >superblock ;;
        esac
        echo md127 >assembled""",
    "blkid": "[[ ! -e blkid-broken ]] || exit 8; [[ -e formatted ]] || exit 2; echo TYPE=ext4",
    "mkfs.ext4": ": >formatted",
    "mount": ": >mounted",
}


@pytest.fixture
def machine(node):
    for name, body in PROGRAMS.items():
        node.program(name, body)
    return node


def insert_disks(machine, count: int) -> list[str]:
    folder = machine.folder / "by-id"
    folder.mkdir(exist_ok=True)
    for index in range(count):
        (folder / f"google-local-nvme-ssd-{index}").touch()
    (folder / "google-persistent-disk-0").touch()
    (folder / "google-local-nvme-ssd-0-part1").touch()
    return [str(folder / f"google-local-nvme-ssd-{index}") for index in range(count)]


def configure(machine, count: int) -> Path:
    mount_point = machine.folder / "mnt" / "scratch"
    pattern = str(machine.folder / "by-id" / Path(GCP_LOCAL_SSD).name)
    machine.configure(scratch_disks(count=count), pattern=pattern, mount_point=str(mount_point))
    return mount_point


def lose(machine, *facts: str) -> None:
    for fact in facts:
        (machine.folder / fact).unlink(missing_ok=True)


def test_all_disks_are_striped_formatted_and_mounted_for_everybody(machine) -> None:
    disks = insert_disks(machine, 12)
    mount_point = configure(machine, 12)
    assert machine.run("scratch_disks.sh").returncode == 0
    expected = f"--create /dev/md/scratch --run --homehost=any --level=0 --raid-devices=12 {' '.join(disks)}"
    assert machine.calls("mdadm")[-1] == expected
    assert machine.calls("mkfs.ext4") == ["-q -F -m 0 /dev/md/scratch"]
    assert machine.calls("mount") == [f"-o noatime,discard /dev/md/scratch {mount_point}"]
    assert mount_point.stat().st_mode & 0o7777 == 0o1777


def test_a_second_run_changes_nothing(machine) -> None:
    insert_disks(machine, 2)
    configure(machine, 2)
    machine.run("scratch_disks.sh")
    assert machine.run("scratch_disks.sh").returncode == 0
    assert [machine.calls(name) for name in ("mdadm", "mkfs.ext4", "mount")] == [[], [], []]


def test_after_a_reboot_the_array_that_udev_found_is_mounted_with_its_data(machine) -> None:
    insert_disks(machine, 2)
    mount_point = configure(machine, 2)
    machine.run("scratch_disks.sh")
    lose(machine, "mounted")
    assert machine.run("scratch_disks.sh").returncode == 0
    assert [machine.calls(name) for name in ("mdadm", "mkfs.ext4")] == [[], []]
    assert machine.calls("mount") == [f"-o noatime,discard /dev/md127 {mount_point}"]


def test_after_a_reboot_without_udev_the_array_is_assembled_and_not_made_anew(machine) -> None:
    insert_disks(machine, 2)
    configure(machine, 2)
    machine.run("scratch_disks.sh")
    lose(machine, "mounted", "assembled")
    assert machine.run("scratch_disks.sh").returncode == 0
    assert [call.split()[0] for call in machine.calls("mdadm")] == ["--assemble"]
    assert machine.calls("mkfs.ext4") == []


def test_after_a_stop_the_blank_disks_are_striped_again(machine) -> None:
    insert_disks(machine, 2)
    configure(machine, 2)
    machine.run("scratch_disks.sh")
    lose(machine, "mounted", "assembled", "superblock", "formatted")
    assert machine.run("scratch_disks.sh").returncode == 0
    assert [call.split()[0] for call in machine.calls("mdadm")] == ["--assemble", "--create"]
    assert len(machine.calls("mkfs.ext4")) == 1


def test_one_disk_needs_no_array(machine) -> None:
    [disk] = insert_disks(machine, 1)
    configure(machine, 1)
    assert machine.run("scratch_disks.sh").returncode == 0
    assert machine.calls("mdadm") == []
    assert machine.calls("mkfs.ext4") == [f"-q -F -m 0 {disk}"]


def test_a_missing_disk_is_an_error_and_nothing_is_touched(machine) -> None:
    insert_disks(machine, 15)
    configure(machine, 16)
    answer = machine.run("scratch_disks.sh")
    assert answer.returncode == 1
    assert "16 local SSDs expected, 15 found" in answer.stderr
    assert [machine.calls(name) for name in ("mdadm", "mkfs.ext4", "mount")] == [[], [], []]


def test_a_device_that_cannot_be_read_is_never_formatted(machine) -> None:
    insert_disks(machine, 2)
    configure(machine, 2)
    (machine.folder / "blkid-broken").touch()
    answer = machine.run("scratch_disks.sh")
    assert answer.returncode == 1
    assert "nothing was formatted" in answer.stderr
    assert machine.calls("mkfs.ext4") == []


@pytest.mark.parametrize("pattern", ["$(touch pwned)", "`touch pwned`", "x; touch pwned", "'\"\ntouch pwned"])
def test_a_pattern_is_never_run(machine, pattern: str) -> None:
    machine.configure(scratch_disks(count=1, pattern=pattern), mount_point=str(machine.folder / "mnt"))
    assert machine.run("scratch_disks.sh").returncode == 1
    assert not (machine.folder / "pwned").exists()


def test_a_count_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"scratch_disks\(count=0\): must be 1 or more; leave the fragment out"):
        scratch_disks(count=0)
