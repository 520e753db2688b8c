"""What a node mounts, how, and what happens when one of them fails."""

from pathlib import Path

import pytest

from components.bootstrap.data_mounts import DataMount, data_mounts
from tests.components.bootstrap.conftest import Node

SCRIPT = "data_mounts.sh"
CORPUS = DataMount(name="corpus", kind="bucket", source="acme-corpus")
CHECKPOINTS = DataMount(name="checkpoints", kind="bucket", source="acme-checkpoints", write=True)


@pytest.fixture
def ready(node: Node) -> Node:
    for name in ("gcsfuse", "mount", "mount.nfs", "mount.lustre", "mkfs.ext4", "blkid", "apt-get"):
        node.program(name)
    node.program("mountpoint", "exit 1")
    return node


def configure(node: Node, *mounts: DataMount, cache: str | None = None) -> Path:
    root = node.folder / "data"
    node.configure(data_mounts(mounts, cache_folder=cache), mount_point=str(root))
    return root


def test_a_bucket_is_read_only_unless_it_is_written(ready: Node) -> None:
    root = configure(ready, CORPUS, CHECKPOINTS)
    assert ready.run(SCRIPT).returncode == 0
    assert sorted(ready.calls("gcsfuse")) == [
        f"--implicit-dirs -o allow_other,ro acme-corpus {root}/corpus",
        f"--implicit-dirs -o allow_other,rw acme-checkpoints {root}/checkpoints",
    ]


def test_a_bucket_is_cached_on_the_local_ssd_where_there_is_one(ready: Node) -> None:
    cache = ready.folder / "scratch"
    configure(ready, CORPUS, cache=str(cache))
    assert ready.run(SCRIPT).returncode == 0
    assert f"--cache-dir {cache}/corpus --file-cache-max-size-mb=-1" in ready.calls("gcsfuse")[0]
    assert (cache / "corpus").is_dir()


def test_file_systems_are_mounted_by_their_own_programs(ready: Node) -> None:
    home = DataMount(name="home", kind="filestore", source="10.40.0.2:/share", write=True)
    fast = DataMount(name="fast", kind="lustre", source="10.40.1.2@tcp:/data")
    root = configure(ready, home, fast)
    assert ready.run(SCRIPT).returncode == 0
    assert sorted(ready.calls("mount")) == [
        f"-t lustre -o ro,flock 10.40.1.2@tcp:/data {root}/fast",
        f"-t nfs -o rw,hard,nconnect=7,rsize=1048576,wsize=1048576 10.40.0.2:/share {root}/home",
    ]


@pytest.mark.parametrize(("write", "formatted"), [(True, True), (False, False)])
def test_a_blank_disk_is_formatted_by_the_one_who_may_write_only(ready: Node, *, write: bool, formatted: bool) -> None:
    ready.program("blkid", "exit 2")
    configure(ready, DataMount(name="w", kind="disk", source="weights", write=write))
    assert (ready.run(SCRIPT).returncode == 0) is formatted
    assert bool(ready.calls("mkfs.ext4")) is formatted


def test_a_disk_that_cannot_be_looked_at_is_never_formatted(ready: Node) -> None:
    ready.program("blkid", "exit 4")
    configure(ready, DataMount(name="w", kind="disk", source="weights", write=True))
    assert ready.run(SCRIPT).returncode != 0
    assert ready.calls("mkfs.ext4") == []


def test_a_disk_that_many_read_is_mounted_without_its_journal(ready: Node) -> None:
    root = configure(ready, DataMount(name="w", kind="disk", source="weights"))
    assert ready.run(SCRIPT).returncode == 0
    [call] = ready.calls("mount")
    assert call.startswith("-o ro,noatime,noload ")
    assert call.endswith(f"google-weights {root}/w")


def test_what_is_mounted_stays(ready: Node) -> None:
    ready.program("mountpoint", "exit 0")
    configure(ready, CORPUS)
    assert ready.run(SCRIPT).returncode == 0
    assert ready.calls("gcsfuse") == []


def test_one_that_fails_keeps_no_other_away_and_is_tried_again(ready: Node) -> None:
    ready.program("gcsfuse", 'case "$*" in *corpus*) exit 1 ;; esac')
    configure(ready, CORPUS, CHECKPOINTS)
    result = ready.run(SCRIPT)
    assert result.returncode == 1  # systemd starts it again
    assert "acme-corpus could not be mounted" in result.stderr
    assert len(ready.calls("gcsfuse")) == 2


def test_a_program_that_is_missing_is_installed_from_google_s_packages(ready: Node) -> None:
    (ready.folder / "bin" / "gcsfuse").unlink()
    (ready.folder / "bin" / "curl").unlink()
    ready.program("curl")
    release = ready.folder / "os-release"
    release.write_text("VERSION_CODENAME=noble\n")
    lists = ready.folder / "lists"
    lists.mkdir()
    made = f"ln -s /bin/true {ready.folder}/bin/gcsfuse"
    ready.program("apt-get", f'case "$*" in *install*) {made} ;; esac')
    (ready.folder / "bin" / "ln").symlink_to("/bin/ln")
    configure(ready, CORPUS)
    result = ready.run(SCRIPT, LISTS=str(lists), KEYRINGS=str(lists), OS_RELEASE=str(release))
    assert result.returncode == 0, result.stderr
    assert "gcsfuse-noble main" in (lists / "google-gcsfuse.list").read_text()


def test_the_first_data_that_is_written_is_where_checkpoints_go() -> None:
    files = {file.path: file.content for file in data_mounts((CORPUS, CHECKPOINTS)).files}
    assert files["/etc/trainyard/environment"] == (
        "TRAINYARD_DATA=/mnt/data\nTRAINYARD_CHECKPOINTS=/mnt/data/checkpoints\n"
    )


def test_no_data_set_is_no_fragment() -> None:
    with pytest.raises(ValueError, match="leave the fragment out"):
        data_mounts(())
