"""What stands at the end of a test run: its contract tests by cloud, what did not run, and what that means in CI."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import pytest

@pytest.mark.system("no-such-program")
def test_one(): ...

@pytest.mark.system("sh")
def test_two(): ...
"""


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_a_missing_program_is_listed_with_how_to_get_it_and_fails_ci(
    tmp_path: Path, workers: str, ci: str, code: int
) -> None:
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  system(name): a program\n")
    (tmp_path / "test_it.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-n", workers, "-p", "no:cacheprovider", str(tmp_path)]
    environ = {**os.environ, "CI": ci, "PYTHONPATH": str(Path(__file__).parents[1])}
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environ)
    assert run.returncode == code, run.stdout
    end = run.stdout.partition("what did not run here, and how to get it")[2]
    assert "1  no-such-program is not on PATH: install it with the system's package manager" in end
    assert "test_it.py::test_one" in end
    assert "test_two" not in end
    assert ("this list must be empty" in end) == bool(ci)


CONTRACTS = """
import pytest

pytestmark = pytest.mark.contract("gcp")

@pytest.mark.parametrize("n", [1, 2])
def test_one(n): ...

def test_two():
    assert False

@pytest.mark.contract("aws")
def test_of_two_clouds(): ...
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_the_contract_tests_that_passed_are_counted_by_cloud(tmp_path: Path, workers: str) -> None:
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  contract(cloud): counted\n")
    (tmp_path / "test_it.py").write_text(CONTRACTS)
    command = [sys.executable, "-m", "pytest", "-n", workers, "-p", "no:cacheprovider", str(tmp_path)]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environ)
    assert "contract tests passed: aws 1, gcp 3" in run.stdout.splitlines()
