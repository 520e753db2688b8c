"""The startup script writes what the cloud-init document writes, and starts the same units."""

import subprocess
from pathlib import Path

import pytest

from components.bootstrap.fragment import File, Fragment
from components.bootstrap.node_end import node_end
from components.bootstrap.startup_script import startup_script

FRAGMENT = Fragment(
    name="greeting", files=(File(path="PLACE/a b/it's", content='"$HOME" `x`\n', mode="0755"),), start=("g.timer",)
)


def placed(fragment: Fragment, folder: Path) -> Fragment:
    files = tuple(
        File(path=file.path.replace("PLACE", str(folder)), content=file.content, mode=file.mode)
        for file in fragment.files
    )
    return Fragment(name=fragment.name, files=files, start=fragment.start)


def test_bash_writes_every_file_with_its_content_and_mode_and_may_run_again(tmp_path: Path) -> None:
    binaries = tmp_path / "bin"
    binaries.mkdir()
    fake = binaries / "systemctl"
    fake.write_text(f'#!/bin/bash\necho "$*" >>{tmp_path}/calls\n')
    fake.chmod(0o755)
    script = startup_script((placed(FRAGMENT, tmp_path),))
    for _ in range(2):
        subprocess.run(["/bin/bash", "-c", script], check=True, env={"PATH": f"{binaries}:/usr/bin:/bin"}, timeout=20)
    written = tmp_path / "a b" / "it's"
    assert written.read_text() == '"$HOME" `x`\n'
    assert written.stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "calls").read_text().splitlines() == ["daemon-reload", "enable --now --no-block g.timer"] * 2


def test_the_nodes_end_is_in_it() -> None:
    script = startup_script((node_end(hard_end="2026-11-25T02:00:00Z"),))
    assert script.startswith("#!/bin/bash\n")
    assert "systemctl enable --now --no-block trainyard-node-end.timer" in script


def test_a_path_written_twice_and_a_script_too_large_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="twice; give each fragment once"):
        startup_script((FRAGMENT, FRAGMENT))
    large = Fragment(name="large", files=(File(path="/x", content="x" * 300_000),), start=())
    with pytest.raises(ValueError, match="at most 262144"):
        startup_script((large,))
