"""Makes a virtual environment from a file of pinned and hashed requirements; standard library only."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from trainyard.sandbox.engine.report import SetupError, last_lines, say

# large SDKs that only a foreign program in the sandbox imports; Python keeps their byte code at first use
_RARE = "/pulumi_(aws|azure_native|kubernetes)/"
# where the user's pip looks and how it connects is kept; where it installs is ours
_INSTALL_ELSEWHERE = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIRE_HASHES", "PIP_DRY_RUN")


def make(folder: Path, requirements: Path, *, what: str, python: Path | None = None) -> Path:
    """The environment's Python, installing only when `requirements` or the Python changed since the last time."""
    interpreter = folder / "bin" / "python"
    stamp = folder / "made-from"
    made_from = hashlib.sha256(f"{sys.version}\n{folder}\n{_RARE}\n".encode() + requirements.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == made_from and interpreter.exists():
        return interpreter
    count = sum(line[:1].isalnum() for line in requirements.read_text().splitlines())
    say(f"Installing {what}: {count} Python packages into {folder} …")
    shutil.rmtree(folder, ignore_errors=True)
    _create(folder, python or Path(sys.executable))
    pip(interpreter, "install", "--require-hashes", "--no-compile", "--requirement", str(requirements))
    keep_byte_code(interpreter, next((folder / "lib").glob("python*/site-packages")))
    stamp.write_text(made_from)
    return interpreter


def keep_byte_code(interpreter: Path, *folders: Path) -> None:
    """Compiles what every command imports: with PYTHONDONTWRITEBYTECODE set, each of its processes would do so anew."""
    command = [str(interpreter), "-m", "compileall", "-qq", "-j", "0", "-x", _RARE, *map(str, folders)]
    subprocess.run(command, check=False)


def pip(interpreter: Path, *arguments: str) -> None:
    """Runs the environment's pip; SetupError with its last words when it fails."""
    environ = {key: value for key, value in os.environ.items() if key not in _INSTALL_ELSEWHERE}
    environ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    command = [str(interpreter), "-m", "pip", *arguments[:1], "--quiet", "--no-input", *arguments[1:]]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environ)
    if done.returncode == 0:
        return
    if "THESE PACKAGES DO NOT MATCH THE HASHES" in done.stdout:
        msg = "A downloaded package is not the one that the requirements file pins by its hash; nothing was installed."
    elif "No space left on device" in done.stdout:
        msg = f"The disk that holds {interpreter.parents[1]} is full. Free 3 GB."
    else:
        msg = "Python packages could not be downloaded or installed. Is there a network, and is pip set up for it?"
    raise SetupError(msg, last_lines(done.stdout))


def _create(folder: Path, python: Path) -> None:
    command = [str(python), "-m", "venv", str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode == 0:
        return
    msg = f"{python} cannot make a virtual environment."
    if "ensurepip" in done.stdout:
        msg += " Install its venv module (on Debian and Ubuntu: apt install python3-venv)."
    raise SetupError(msg, last_lines(done.stdout))
