"""Programs on the real CLI, through the Python host."""

import json
import os
import re
import signal
import time
from pathlib import Path

import pytest

from tests.sandbox.engine.conftest import VENV, Project, all_end, diagnostics

pytestmark = pytest.mark.engine

WAITS = """
    import os, pathlib, subprocess, time
    sleeper = subprocess.Popen(["sleep", "300"])
    pathlib.Path("pids").write_text(f"{os.getpid()} {sleeper.pid} {os.getppid()}")
    time.sleep(300)
"""


def test_an_exception_shows_the_programs_own_traceback_once_and_fails(project: Project) -> None:
    project.write("__main__.py", 'def build():\n    raise ValueError("no such machine")\n\nbuild()\n')
    code, output = project.pulumi("preview")
    assert code != 0
    assert output.count("ValueError: no such machine") == 1
    assert output.count("Traceback (most recent call last)") == 1
    assert f'File "{project.folder}/__main__.py", line 2, in build' in output
    assert "runpy" not in output
    assert "child.py" not in output


def test_an_exception_in_an_async_program_shows_its_own_traceback_once(project: Project) -> None:
    project.write(
        "__main__.py",
        """
        import pulumi

        async def main() -> None:
            raise ValueError("no such machine")

        pulumi.run(main)
        """,
    )
    code, output = project.pulumi("preview")
    assert code != 0
    assert output.count("ValueError: no such machine") == 1
    assert f'File "{project.folder}/__main__.py", line 4, in main' in output


def test_a_refusal_is_shown_without_a_traceback(project: Project) -> None:
    project.write("__main__.py", 'import pulumi\nraise pulumi.RunError("the cap cannot hold")\n')
    code, output = project.pulumi("preview")
    assert code != 0
    assert diagnostics(output).count("the cap cannot hold") == 1
    assert "Traceback" not in output


def test_a_syntax_error_names_its_line(project: Project) -> None:
    project.write("__main__.py", "x = 1\nwhile\n")
    code, output = project.pulumi("preview")
    assert code != 0
    assert f'File "{project.folder}/__main__.py", line 2' in output
    assert "runpy" not in output


def test_an_exit_code_of_the_program_fails_the_run_and_is_named(project: Project) -> None:
    project.write("__main__.py", "import sys\nsys.exit(7)\n")
    code, output = project.pulumi("preview")
    assert code != 0
    assert "exit code 7" in output


def test_what_a_program_prints_arrives_in_order(project: Project) -> None:
    project.write("__main__.py", 'for n in range(300):\n    print(f"line {n}")\n')
    code, output = project.pulumi("preview")
    assert code == 0, output
    assert re.findall(r"line (\d+)", diagnostics(output)) == [str(n) for n in range(300)]


def test_what_a_program_prints_on_stderr_arrives(project: Project) -> None:
    project.write("__main__.py", 'import sys\nprint("a warning of mine", file=sys.stderr, end="")\n')
    code, output = project.pulumi("preview")
    assert code == 0, output
    assert "a warning of mine" in output


def test_config_arrives_and_a_secret_stays_one(project: Project) -> None:
    project.pulumi("config", "set", "zone", "europe-west4-a")
    project.pulumi("config", "set", "--secret", "token", "hush")
    project.write(
        "__main__.py",
        """
        import pulumi
        config = pulumi.Config()
        pulumi.export("zone", config.require("zone"))
        pulumi.export("token", config.require_secret("token"))
        pulumi.export("length", len(config.require("token")))
        """,
    )
    code, output = project.pulumi("up", "--yes")
    assert code == 0, output
    assert "europe-west4-a" in output
    assert re.search(r"length\s*: 4", output)
    assert re.search(r"token\s*: \[secret\]", output)
    assert "hush" not in output


def test_a_config_larger_than_an_environment_variable_may_be_arrives(project: Project) -> None:
    project.write("Pulumi.one.yaml", (project.folder / "Pulumi.one.yaml").read_text() + _large_config())
    project.write("__main__.py", 'import pulumi\nprint("got", len(pulumi.Config().require_object("many")))\n')
    code, output = project.pulumi("preview")
    assert code == 0, output
    assert "got 5000" in output


def test_an_async_programs_outputs_are_exported(project: Project) -> None:
    project.write(
        "__main__.py",
        """
        import asyncio, pulumi

        async def main() -> pulumi.Inputs:
            await asyncio.sleep(0)
            return {"answer": 42}

        pulumi.run(main)
        """,
    )
    code, output = project.pulumi("up", "--yes")
    assert code == 0, output
    assert re.search(r"answer: 42", output)


def test_an_interrupt_is_quiet_and_leaves_no_process(project: Project) -> None:
    project.write("__main__.py", WAITS)
    process = project.start("preview")
    pids = project.pids()
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "Traceback" not in output
    assert "KeyboardInterrupt" not in output
    assert "The program ended" not in output
    assert all_end(pids)


def test_a_killed_cli_leaves_no_process(project: Project) -> None:
    project.write("__main__.py", WAITS)
    process = project.start("preview")
    pids = project.pids()
    process.kill()
    process.wait()
    assert all_end(pids)


def test_a_killed_host_takes_its_program_along(project: Project) -> None:
    project.write(
        "__main__.py",
        "import os, pathlib, time\npathlib.Path('pids').write_text(f'{os.getpid()} {os.getppid()}')\ntime.sleep(300)\n",
    )
    process = project.start("preview")
    pids = project.pids()
    os.kill(pids[1], signal.SIGKILL)
    process.wait(timeout=30)
    assert process.returncode != 0
    assert all_end(pids)


def test_two_stacks_in_parallel_do_not_disturb_each_other(project: Project) -> None:
    project.pulumi("stack", "init", "two")
    project.write(
        "__main__.py",
        """
        import pulumi, time
        stack = pulumi.get_stack()
        for n in range(5):
            print(f"{stack} says {n}")
            time.sleep(0.2)
        pulumi.export("name", stack)
        """,
    )
    both = {stack: project.start("up", "--yes", "--stack", stack) for stack in ("one", "two")}
    for stack, process in both.items():
        output, _ = process.communicate(timeout=120)
        other = "two" if stack == "one" else "one"
        assert process.returncode == 0, output
        assert f"{stack} says 4" in output
        assert f"{other} says" not in output


@pytest.mark.parametrize(("state", "words"), [("absent", "does not exist"), ("dangling", "has no working Python")])
def test_a_missing_environment_is_one_message_that_names_make_setup(project: Project, state: str, words: str) -> None:
    project.write("Pulumi.yaml", "name: tiny\nruntime: {name: python, options: {virtualenv: gone}}\n")
    if state == "dangling":
        (project.folder / "gone" / "bin").mkdir(parents=True)
        (project.folder / "gone" / "bin" / "python").symlink_to("/nowhere/python")
    code, output = project.pulumi("preview")
    assert code != 0
    assert f"environment {project.folder}/gone {words}" in output
    assert diagnostics(output).count("make setup") == 1
    assert "unhandled" not in output


def test_a_program_without_virtualenv_runs_on_the_hosts_sdk(project: Project, tmp_path: Path) -> None:
    project.write("Pulumi.yaml", "name: tiny\nruntime: python\n")
    project.write("__main__.py", 'import pulumi\nprint("stack is", pulumi.get_stack())\n')
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "python3").symlink_to(Path(os.path.realpath("/proc/self/exe")))
    path = f"{project.environ()['PATH'].split(os.pathsep)[0]}{os.pathsep}{bare}{os.pathsep}/usr/bin{os.pathsep}/bin"
    code, output = project.pulumi("preview", environ={"PATH": path})
    assert code == 0, output
    assert "stack is one" in output


def _large_config() -> str:
    return "config:\n  tiny:many:\n" + "".join(
        f"    - entry number {n} with forty characters or more\n" for n in range(5000)
    )


def test_install_makes_the_environment_that_the_project_names(project: Project) -> None:
    project.write("Pulumi.yaml", "name: tiny\nruntime: {name: python, options: {virtualenv: mine}}\n")
    project.write("requirements.txt", "")
    code, output = project.pulumi("install")
    assert code == 0, output
    assert (project.folder / "mine" / "bin" / "python").exists()


def test_about_names_the_programs_python_and_what_it_depends_on(project: Project) -> None:
    code, output = project.pulumi("about", "--json")
    about = json.loads(output[output.index("{") : output.rindex("}") + 1])
    assert code == 0, output
    assert about["runtime"]["executable"] == f"{VENV}/bin/python"
    assert "pulumi_gcp" in [dependency["name"] for dependency in about["dependencies"]]
