"""Set-up: what it takes from the machine, what it says when something is missing, and that it carries on."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections import namedtuple
from pathlib import Path

import pytest

from trainyard.sandbox import engine
from trainyard.sandbox.engine import cli, go, place, venv
from trainyard.sandbox.engine.report import SetupError, require_disk

BUILD = """
import pathlib, sys
from trainyard.sandbox.engine import cli, place, setup
root = pathlib.Path(sys.argv[1])
root.mkdir(exist_ok=True)
with setup.alone(root):
    cli.build(place.Cache(root=root))
"""
GO = """#!/bin/sh
case "$1" in
    version) echo "go version go1.26.6 linux/amd64";;
    list) echo some/package;;
    build)
        echo build >> {log}
        {work}
        while [ "$1" != -o ]; do shift; done
        echo built > "$2";;
esac
"""


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH, but for the system's own programs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def test_a_second_set_up_says_nothing(project_checkout: Path) -> None:
    again = subprocess.run(
        [".venv/bin/python", "-m", "trainyard.sandbox.engine.setup"],
        cwd=project_checkout,
        capture_output=True,
        text=True,
    )
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_an_old_python_is_told_what_is_needed(project_checkout: Path, tmp_path: Path) -> None:
    old = tmp_path / "python3"
    program(
        old,
        f"#!/bin/sh\nexec {sys.executable} -c 'import sys; sys.version_info = (3, 9, 2); exec(sys.argv[1])' \"$2\"\n",
    )
    made = subprocess.run(["make", f"PYTHON={old}", "setup"], cwd=project_checkout, capture_output=True, text=True)
    assert made.returncode != 0
    assert f"{old} is Python 3.9; Trainyard needs 3.11 or newer" in made.stderr
    assert "make PYTHON=python3.12 setup" in made.stderr


def test_a_new_enough_cli_with_its_host_on_path_is_used_as_it_is(bin_folder: Path) -> None:
    program(bin_folder / "pulumi", "#!/bin/sh\necho v3.300.1\n")
    program(bin_folder / "pulumi-language-python", "#!/bin/sh\n")
    assert engine.locate() == bin_folder


@pytest.mark.parametrize("answer", ["echo v3.100.0", "exit 1", "echo dev"])
def test_a_cli_on_path_that_is_too_old_or_does_not_run_is_not_used(bin_folder: Path, answer: str) -> None:
    program(bin_folder / "pulumi", f"#!/bin/sh\n{answer}\n")
    program(bin_folder / "pulumi-language-python", "#!/bin/sh\n")
    assert place.installed() is None


def test_a_cli_on_path_without_a_python_host_is_not_used(bin_folder: Path) -> None:
    program(bin_folder / "pulumi", "#!/bin/sh\necho v3.300.1\n")
    assert place.installed() is None


def test_a_missing_engine_is_named_with_the_command_that_makes_it(bin_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(engine.EngineMissingError, match="Run `make setup`") as missing:
        engine.locate()
    assert str(tmp_path / "cache" / "trainyard") in str(missing.value)


def test_a_changed_host_gets_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = place.cache().engine
    shutil.copytree(place.HOST, tmp_path / "host")
    (tmp_path / "host" / "server.py").write_text("changed")
    monkeypatch.setattr(place, "HOST", tmp_path / "host")
    assert place.cache().engine != before


def test_a_relative_cache_folder_counts_as_unset() -> None:
    assert place.cache({"XDG_CACHE_HOME": "here"}).root == Path.home() / ".cache" / "trainyard"


def test_too_little_disk_is_said_before_anything_is_made(
    bin_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        shutil, "disk_usage", lambda _: namedtuple("Usage", "total used free")(10**10, 9 * 10**9, 10**9)
    )
    with pytest.raises(
        SetupError, match=r"has 1\.0 GB free; set-up needs 3 GB there\. Free some, or point XDG_CACHE_HOME"
    ):
        cli.build(place.Cache(root=tmp_path / "cache"))
    assert list((tmp_path / "cache").iterdir()) == []


def test_what_an_earlier_try_left_counts_as_disk_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        shutil, "disk_usage", lambda _: namedtuple("Usage", "total used free")(10**10, 9 * 10**9, 10**9)
    )
    require_disk(tmp_path, already=2 * 10**9, remedy="")


def test_a_build_without_network_says_so_and_that_the_next_run_carries_on(bin_folder: Path, tmp_path: Path) -> None:
    program(
        bin_folder / "go",
        '#!/bin/sh\n[ "$1" = version ] && echo "go version go1.26.6 x/y" && exit\n'
        'echo "dial tcp: lookup modules.example: no such host" && exit 1\n',
    )
    with pytest.raises(SetupError, match="Is there a network, and is GOPROXY right for it") as failed:
        cli.build(place.Cache(root=tmp_path / "cache"))
    assert "no such host" in str(failed.value)
    assert "run `make setup` again: it carries on" in str(failed.value)


@pytest.mark.parametrize(
    ("answer", "words"), [("echo go version go1.19 x/y", "is 1.19, too old"), ("exit 3", "does not run")]
)
def test_a_wrong_go_is_named_and_where_none_can_be_had_so_is_the_one_to_install(
    bin_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    words: str,
) -> None:
    program(bin_folder / "go", f"#!/bin/sh\n{answer}\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(SetupError, match=r"Install Go 1\.25\.11 or newer, or mend the network"):
        go.find(tmp_path / "scratch")
    assert f"{bin_folder}/go {words}" in capsys.readouterr().err


def test_an_interrupted_build_carries_on_and_leaves_nothing_but_the_cli(bin_folder: Path, tmp_path: Path) -> None:
    cache, log = place.Cache(root=tmp_path / "cache"), tmp_path / "log"
    program(bin_folder / "go", GO.format(log=log, work="exec sleep 60"))
    first = subprocess.Popen(
        [sys.executable, "-c", BUILD, str(cache.root)], stderr=subprocess.DEVNULL, start_new_session=True
    )
    wait_for(log)
    (cache.scratch / "objects").mkdir()
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert not cache.cli.exists()
    program(bin_folder / "go", GO.format(log=log, work=f"ls {cache.scratch} >> {log}"))
    assert cli.build(cache).read_text() == "built\n"
    assert "objects" in log.read_text()
    assert not cache.scratch.exists()


def test_two_set_ups_at_once_build_once(bin_folder: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    program(bin_folder / "go", GO.format(log=log, work="sleep 1"))
    both = [
        subprocess.Popen([sys.executable, "-c", BUILD, str(tmp_path / "cache")], stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert log.read_text() == "build\n"
    assert sum(b"waiting for it" in text for text in said) == 1


def test_packages_that_cannot_be_had_are_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    wanted = requirements(tmp_path, "tiny==1.0 --hash=sha256:" + "0" * 64)
    with pytest.raises(SetupError, match="Is there a network, and is pip set up for it"):
        venv.make(tmp_path / "venv", wanted, what="Tiny")


def test_a_package_that_is_not_the_pinned_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find_only(wheel(tmp_path), monkeypatch)
    wanted = requirements(tmp_path, "tiny==1.0 --hash=sha256:" + "0" * 64)
    with pytest.raises(SetupError, match="not the one that the requirements file pins by its hash"):
        venv.make(tmp_path / "venv", wanted, what="Tiny")


def test_an_environment_is_made_again_only_when_its_requirements_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = wheel(tmp_path)
    find_only(made, monkeypatch)
    monkeypatch.setenv("PIP_USER", "1")
    line = f"tiny==1.0 --hash=sha256:{digest(made)}"
    for text, word in ((line, "1 Python packages"), (line, ""), (f"# changed\n{line}", "1 Python packages")):
        python = venv.make(tmp_path / "venv", requirements(tmp_path, text), what="Tiny")
        assert word in capsys.readouterr().err or not word
        assert subprocess.run([python, "-c", "import tiny"]).returncode == 0


def test_every_requirement_is_pinned_and_hashed_and_names_no_address() -> None:
    for file in place.REQUIREMENTS.glob("*.txt"):
        text = file.read_text().replace("\\\n", " ")
        assert "://" not in text
        for line in text.splitlines():
            assert not line or line.startswith("#") or ("==" in line and "--hash=sha256:" in line), f"{file}: {line}"


def test_the_runtime_set_is_pinned_as_the_development_set_is() -> None:
    runtime, dev = (pins(place.REQUIREMENTS / f"{name}.txt") for name in ("runtime", "dev"))
    assert runtime <= dev


def pins(file: Path) -> set[str]:
    return {line.split()[0] for line in file.read_text().splitlines() if line[:1].isalnum()}


def requirements(folder: Path, text: str) -> Path:
    (folder / "wanted.txt").write_text(f"{text}\n")
    return folder / "wanted.txt"


def wheel(folder: Path) -> Path:
    path = folder / "wheels" / "tiny-1.0-py3-none-any.whl"
    path.parent.mkdir()
    info = "tiny-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny.py", "")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def find_only(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(made.parent))


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def wait_for(file: Path) -> None:
    for _ in range(200):
        if file.exists():
            return
        time.sleep(0.1)
    pytest.fail(f"{file} did not appear within 20 seconds")


@pytest.fixture
def project_checkout() -> Path:
    return place.CHECKOUT
