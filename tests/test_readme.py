"""Everything that the README tells a newcomer to type, typed: in a clone, on the sandbox, block by block."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

pytestmark = [pytest.mark.engine, pytest.mark.system("make", "git")]

CHECKOUT = Path(__file__).parents[1]
README = (CHECKOUT / "README.md").read_text()
BLOCKS = re.findall(r"^```(bash|yaml)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
REAL = "gcloud auth application-default login"  # begins the part that needs a Google account
MINUTES = 8


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The working tree as a clone gives it, set up by its own `make up`; the engine comes from the user's cache."""
    folder = tmp_path_factory.mktemp("clone") / "trainyard"
    folder.mkdir()
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (CHECKOUT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, folder / name)
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "clone"]):
        subprocess.run(["git", *_AUTHOR, *command], cwd=folder, check=True)
    yield folder
    subprocess.run([sys.executable, "-m", "trainyard.cli", "sandbox", "stop"], cwd=folder, env=_environ(), check=False)


_SHELL = "test ! -e .venv || source .venv/bin/activate\n"
_AUTHOR = ("-c", "user.name=test", "-c", "user.email=test@acme.example", "-c", "core.excludesFile=/dev/null")


def _environ(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TRAINYARD_", "PULUMI_", "MAKE"))}
    return {**kept, "COLUMNS": "200", **more}


def _type(script: str, folder: Path, **environ: str) -> str:
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=_environ(**environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=MINUTES * 60,
        check=False,
    )
    assert result.returncode == 0, f"{script}\n{result.stdout[-3000:]}\n{result.stderr[-3000:]}"
    return result.stdout


def _local() -> list[tuple[str, str]]:
    real = next(number for number, (_, text) in enumerate(BLOCKS) if text.startswith(REAL))
    return BLOCKS[:real]


def test_what_the_readme_types_on_the_sandbox_works_as_it_says(clone: Path) -> None:
    printed = []
    for kind, text in _local():
        if kind == "yaml":
            _write(clone, text)
            continue
        # the tests that run now are `make test`, and each block continues the shell that activated the environment
        lines = [line for line in text.splitlines() if line != "make test"]
        printed.append(_type(_SHELL + "\n".join(lines), clone))
        assert not printed[-1].count("error:")
    first, looked, kinds, gone, added, offered = printed
    assert "a2-highgpu-1g (A100:1) on-demand in us-central1-a" in first
    assert "3.67 USD/h" in first
    assert "gcp:compute:Instance" in looked
    assert looked.count("12 unchanged") == 2
    for kind in ("vm", "pair", "tpu", "tune", "lab"):
        assert f"\n│ {kind} " in kinds
    assert "the cloud itself, but not lab" in kinds
    assert "nothing to commit, working tree clean" in gone
    assert "trainer" in added
    assert "L4" in offered
    assert "USD" in offered


def _write(clone: Path, text: str) -> None:
    head, _, body = text.partition("\n")
    found = re.fullmatch(r"# in (\S+), under workloads:", head)
    assert found, head
    file = clone / found[1]
    before, marker, salt = file.read_text().partition("encryptionsalt:")
    file.write_text(f"{before.rstrip()}\n{body}{marker}{salt}")
    yaml.safe_load(file.read_text())


def test_what_the_readme_types_for_a_real_project_works_in_rehearsal(clone: Path) -> None:
    """The `gcloud` lines are checked for their form only: no account is at hand. All else runs on the sandbox."""
    bash = [text for kind, text in BLOCKS if kind == "bash"]
    real = [text for text in bash if text.startswith(REAL) or "dev-workbench" in text]
    assert len(real) == 2
    stack = yaml.safe_load((clone / "stacks" / "Pulumi.sandbox.yaml").read_text())
    settings = stack["config"]["trainyard:settings"]
    settings["stack"]["environment"] = "dev"
    (clone / "stacks" / "Pulumi.dev-workbench.yaml").write_text(
        yaml.safe_dump({"config": stack["config"]}, sort_keys=False)
    )
    printed = ""
    for line in "".join(real).splitlines():
        if line.startswith("gcloud "):
            assert re.fullmatch(r"gcloud (auth|services|storage) [a-z-]+.*", line), line
        elif line.startswith("pulumi login gs://"):
            continue
        else:
            yes = " --yes" if line.startswith(("pulumi up", "pulumi destroy")) else ""
            printed += _type(f"{_SHELL}trainyard sandbox exec -- {line}{yes}", clone)
    assert "dev-workbench  (sandbox: simulated clouds, nothing bills)" in printed
    assert "deleted" in printed
